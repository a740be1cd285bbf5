"""Documents of a clerk's desk: saved views and files that were brought in."""

from typing import Any

from sqlalchemy import and_, or_

from operational_app.core.desk_models import FileImport, FileImportLine, SavedView
from operational_app.core.document import DOCUMENTS, Document, Lines
from operational_app.core.i18n import _


def own_and_shared(principal: Any) -> Any:
    """One's own views, and those that others share of lists that one may read."""
    readable = [name for name in DOCUMENTS if principal.may_read(name)]
    shared = and_(SavedView.is_shared, SavedView.document_type.in_(readable))
    return or_(SavedView.user_id == principal.user_id, shared)


saved_view = Document(
    name="saved_view",
    module="core",
    model=SavedView,
    title=_("Saved view"),
    plural=_("Saved views"),
    label="name",
    columns=("name", "document_type", "user_id", "is_shared", "is_default"),
    search=("name",),
    only=own_and_shared,
    in_menu=False,
)

file_import = Document(
    name="file_import",
    module="core",
    model=FileImport,
    title=_("File brought in"),
    plural=_("Files brought in"),
    prefix="IM",
    label="file_name",
    columns=("number", "recorded_at", "file_name", "command_name", "document_count", "created_by"),
    search=("number", "file_name"),
    lines=(
        Lines(
            name="documents",
            model=FileImportLine,
            parent="file_import_id",
            title=_("Documents"),
            columns=("file_row", "document_type", "document_id"),
            order_by="file_row",
        ),
    ),
)
