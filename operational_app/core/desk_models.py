"""Tables of a clerk's desk: lists as somebody wants to find them again, and files that were brought in."""

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, Row, column, reference
from operational_app.core.platform_models import VERSION


class SavedView(Row):
    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("user_id", "document_type", "name"),
        Index("uq_saved_view_default", "user_id", "document_type", unique=True, postgresql_where=text("is_default")),
        CheckConstraint("name <> ''", "name"),
        {"schema": "core", "comment": "Lists with their filters, order and columns, kept under a name."},
    )
    user_id: Mapped[int] = reference("Who kept the view.", "core.app_user.id")
    document_type: Mapped[str] = column("Type of the documents that the list shows.")
    name: Mapped[str] = column("What its owner calls the view.")
    query: Mapped[str] = column("What stands after the ? of the list's address.")
    is_shared: Mapped[bool] = column("Whether everybody who may read these documents is offered the view.")
    is_default: Mapped[bool] = column("Whether the list opens with this view for its owner.")
    version: Mapped[int] = column(VERSION, default=1, server_default="1")
    __mapper_args__ = {"version_id_col": version}


class FileImport(CompanyRow):
    __tablename__ = "file_import"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("company_id", "command_name", "file_hash"),
        CheckConstraint("document_count > 0", "document_count"),
        {"schema": "core", "comment": "Files whose rows became documents.", "info": {"immutable": True}},
    )
    number: Mapped[str] = column("Number by which people call the import.")
    command_name: Mapped[str] = column("Command that each document of the file was entered by.")
    file_name: Mapped[str] = column("Name of the file.")
    file_hash: Mapped[str] = column("SHA-256 of what stands in the file: it can be brought in once.")
    document_count: Mapped[int] = column("Number of documents that the file brought.")
    created_by: Mapped[int] = reference("Who brought the file in.", "core.app_user.id", index=False)


class FileImportLine(Row):
    __tablename__ = "file_import_line"
    __table_args__ = (
        Index("ix_file_import_line_document", "document_type", "document_id"),
        {"schema": "core", "comment": "Documents that a file brought.", "info": {"immutable": True}},
    )
    file_import_id: Mapped[int] = reference("The import.", "core.file_import.id")
    file_row: Mapped[int] = column("Row of the file in which the document begins; the headings are row 1.")
    document_type: Mapped[str] = column("Type of the document.")
    document_id: Mapped[int] = column("Row of the document.")
