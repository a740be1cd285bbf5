"""The record of an import: which file brought which entries."""

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import DocumentRow, column
from operational_app.core.document import Document
from operational_app.core.i18n import _


class JournalImport(DocumentRow):
    __tablename__ = "journal_import"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("company_id", "file_hash"),
        CheckConstraint("state in ('posted')", "state"),
        {
            "schema": "finance",
            "comment": "Files of journal entries that were brought in; the entries name theirs as their document.",
            "info": {"immutable": True},
        },
    )
    file_name: Mapped[str] = column("Name of the file.")
    file_hash: Mapped[str] = column("SHA-256 of the file's text: a file can be brought in once.")
    entry_count: Mapped[int] = column("Number of entries.")
    line_count: Mapped[int] = column("Number of lines.")


journal_import = Document(
    name="journal_import",
    module="finance",
    model=JournalImport,
    title=_("Journal import"),
    plural=_("Journal imports"),
    prefix="JI",
    columns=("number", "business_date", "file_name", "entry_count", "line_count", "state"),
    search=("number", "file_name"),
    states={"posted": _("posted")},
)
