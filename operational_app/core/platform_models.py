"""Tables around documents: tokens of the API, comments, files, notifications, webhooks and what waits to be sent."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property

from operational_app.core.db import Base, Row, column, reference
from operational_app.core.known import REFERENCE
from operational_app.core.models import UNLOGGED

VERSION = "Counts the changes; a writer must name the version it has read."


class ApiTokenUse(Row):
    """Apart from the token, so that using it is no change of it: no version, no row in the change log."""

    __tablename__ = "api_token_use"
    __table_args__ = (
        UniqueConstraint("api_token_id"),
        {"schema": "core", "comment": "When each token was last used, to the minute.", "info": UNLOGGED},
    )
    api_token_id: Mapped[int] = reference("The token.", "core.api_token.id", index=False)
    last_used_at: Mapped[datetime] = column("Last request with the token, to the minute.")


class ApiAllowance(Base):
    """One count for all processes of the app, on all machines. Not worth a write-ahead log: after a crash it begins anew."""

    __tablename__ = "api_allowance"
    __table_args__ = (
        {
            "schema": "core",
            "comment": "How many requests each token, and all tokens of each user together, have left now.",
            "info": UNLOGGED,
            "prefixes": ["UNLOGGED"],
        },
    )
    kind: Mapped[str] = column("token, or user for all tokens of one.", primary_key=True)
    row_id: Mapped[int] = column("Row of the token or of the user.", BigInteger, primary_key=True)
    requests: Mapped[Decimal] = column("Requests that were left then; it fills with time.", Numeric(12, 6))
    counted_at: Mapped[datetime] = column("When they were counted.")


class ApiToken(Row):
    __tablename__ = "api_token"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("jsonb_typeof(permissions) = 'array' and permissions <> '[]'::jsonb", "permissions"),
        CheckConstraint("expires_at > recorded_at", "expires_at"),
        {"schema": "core", "comment": "Tokens by which programs use the API as a user, with less than the user may."},
    )
    name: Mapped[str] = column("What the token is for, in its owner's words.")
    user_id: Mapped[int] = reference("The user as whom the token acts.", "core.app_user.id")
    token_hash: Mapped[str] = column("SHA-256 of the token; the token itself is kept nowhere.", info={"secret": True})
    permissions: Mapped[list[str]] = column(
        "What the token is limited to: read or run, and a document, a command or *. It never adds to the user's rights.",
        JSONB,
    )
    expires_at: Mapped[datetime] = column("After this moment the token is worth nothing.")
    revoked_at: Mapped[datetime | None] = column("Since when the token is worth nothing; empty: it was not revoked.")
    version: Mapped[int] = column(VERSION, default=1, server_default="1")
    __mapper_args__ = {"version_id_col": version}


ApiToken.last_used_at = column_property(
    select(ApiTokenUse.last_used_at)
    .where(ApiTokenUse.api_token_id == ApiToken.id)
    .correlate_except(ApiTokenUse)
    .scalar_subquery()
)


class Comment(Row):
    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_document", "document_type", "document_id"),
        CheckConstraint("text <> ''", "text"),
        {"schema": "core", "comment": "What people say about a document; stays as said.", "info": {"immutable": True}},
    )
    document_type: Mapped[str] = column("Type of the document commented on.")
    document_id: Mapped[int] = column("Row of that document.")
    company_id: Mapped[int | None] = reference(
        "Company of that document; empty where it stands above.", "core.company.id"
    )
    text: Mapped[str] = column("What was said.")
    author_id: Mapped[int] = reference("Who said it.", "core.app_user.id")


class Attachment(Row):
    __tablename__ = "attachment"
    __table_args__ = (
        Index("ix_attachment_document", "document_type", "document_id"),
        CheckConstraint("content_hash ~ '^[0-9a-f]{64}$'", "content_hash"),
        CheckConstraint("size >= 0", "size"),
        CheckConstraint("file_name <> ''", "file_name"),
        {"schema": "core", "comment": "Files of documents; what is in them lies in HUB_HOME/files.", "info": {"immutable": True}},
    )  # fmt: skip
    document_type: Mapped[str] = column("Type of the document that the file belongs to.")
    document_id: Mapped[int] = column("Row of that document.")
    company_id: Mapped[int | None] = reference(
        "Company of that document; empty where it stands above.", "core.company.id"
    )
    file_name: Mapped[str] = column("Name of the file, without folders and control characters.")
    size: Mapped[int] = column("Length in bytes.")
    media_type: Mapped[str] = column("Media type, guessed from the name.")
    content_hash: Mapped[str] = column(
        "SHA-256 of what is in the file, its address in HUB_HOME/files; may be shared.", info={"stored_file": True}
    )
    author_id: Mapped[int] = reference("Who attached it.", "core.app_user.id")


class Notification(Row):
    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_unread", "user_id", postgresql_where=text("read_at IS NULL")),
        {"schema": "core", "comment": "What a user is told, with the document it is about.", "info": UNLOGGED},
    )
    user_id: Mapped[int] = reference("Who is told.", "core.app_user.id")
    message: Mapped[str] = column("The sentence, in English with places for values; translated when it is shown.")
    details: Mapped[dict[str, str]] = column("Values for the places in the sentence.", JSONB)
    document_type: Mapped[str] = column("Type of the document that it is about.")
    document_id: Mapped[int] = column("Row of that document.")
    read_at: Mapped[datetime | None] = column("When the user took note; empty: not yet.")
    version: Mapped[int] = column(VERSION, default=1, server_default="1")
    __mapper_args__ = {"version_id_col": version}


class Webhook(Row):
    __tablename__ = "webhook"
    __table_args__ = (
        CheckConstraint("address ~ '^https?://'", "address"),
        CheckConstraint("state in ('active', 'paused')", "state"),
        {"schema": "core", "comment": "Addresses elsewhere that are told of events.", "info": REFERENCE},
    )
    event_name: Mapped[str] = column("Event that is told of, such as GoodsDelivered; * for every one.")
    address: Mapped[str] = column("URL that is sent a POST for each event.")
    secret: Mapped[str] = column("Key of the signature; the receiver has it too.", info={"secret": True})
    state: Mapped[str] = column("active or paused; a paused one is told of nothing.", default="active")
    version: Mapped[int] = column(VERSION, default=1, server_default="1")
    __mapper_args__ = {"version_id_col": version}


class OutboxMessage(Row):
    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint("kind in ('mail', 'webhook')", "kind"),
        CheckConstraint("(kind = 'webhook') = (webhook_id is not null)", "webhook"),
        CheckConstraint("state in ('waiting', 'sent', 'failed')", "state"),
        Index("ix_outbox_message_due", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
        {"schema": "core", "comment": "Mails and webhook calls, written with the fact they tell of.", "info": UNLOGGED},
    )
    kind: Mapped[str] = column("mail or webhook.")
    webhook_id: Mapped[int | None] = reference("Webhook that it goes to; empty for a mail.", "core.webhook.id")
    event_id: Mapped[int | None] = column("Event it tells of.", BigInteger, ForeignKey("core.event.id"))
    event_name: Mapped[str | None] = column("Name of that event.")
    address: Mapped[str] = column("URL or mail address.")
    payload: Mapped[dict[str, Any]] = column(
        "What is sent; of a mail subject and text.", JSONB, info={"confidential": True}
    )
    state: Mapped[str] = column(
        "waiting, sent, or failed after the last try.", default="waiting", server_default="waiting"
    )
    attempts: Mapped[int] = column("Tries so far.", default=0, server_default="0")
    next_attempt_at: Mapped[datetime] = column("Not tried before this moment.", server_default=func.now())
    sent_at: Mapped[datetime | None] = column("When it was taken by the other side.")
    last_error: Mapped[str | None] = column("What was wrong with the last try.")
    version: Mapped[int] = column(VERSION, default=1, server_default="1")
    __mapper_args__ = {"version_id_col": version}


class SecondFactor(Row):
    __tablename__ = "second_factor"
    __table_args__ = (
        UniqueConstraint("user_id"),
        CheckConstraint("state in ('begun', 'active', 'off')", "state"),
        {"schema": "core", "comment": "Second step of a user's sign-in (RFC 6238).", "info": UNLOGGED},
    )
    user_id: Mapped[int] = reference("Whose sign-in has a second step.", "core.app_user.id", index=False)
    state: Mapped[str] = column("begun: not proved yet; active: asked for at each sign-in; off.", default="begun")
    secret: Mapped[str] = column("Key shared with the user's device, base32.", info={"secret": True})
    last_step: Mapped[int] = column(
        "Time step of the last code used: no code counts twice.", default=0, info={"secret": True}
    )
    recovery_hashes: Mapped[list[str]] = column(
        "SHA-256 of the recovery codes that are not used yet.", JSONB, info={"secret": True}
    )
    confirmed_at: Mapped[datetime | None] = column("When the user proved to have the key.")
    version: Mapped[int] = column(VERSION, default=1, server_default="1")
    __mapper_args__ = {"version_id_col": version}


class ExternalSignIn(Row):
    __tablename__ = "external_sign_in"
    __table_args__ = (
        UniqueConstraint("user_id"),
        UniqueConstraint("issuer", "subject"),
        Index("uq_external_sign_in_email", "email", unique=True, postgresql_where=text("state <> 'ended'")),
        CheckConstraint("email = lower(email) and email <> ''", "email"),
        CheckConstraint("state in ('allowed', 'linked', 'ended')", "state"),
        CheckConstraint("(state = 'linked') <= (issuer is not null and subject is not null)", "linked"),
        {"schema": "core", "comment": "Who may come in from the company's identity provider, and as which user."},
    )
    user_id: Mapped[int] = reference("The user that the person is here.", "core.app_user.id", index=False)
    email: Mapped[str] = column("Mail address by which the provider names the person the first time, lower case.")
    state: Mapped[str] = column(
        "allowed: by the mail address; linked: by the provider's subject; ended.", default="allowed"
    )
    issuer: Mapped[str | None] = column("The provider that has named the person.")
    subject: Mapped[str | None] = column("The provider's own name of the person, which never changes.")
    linked_at: Mapped[datetime | None] = column("When the person came in this way for the first time.")
    version: Mapped[int] = column(VERSION, default=1, server_default="1")
    __mapper_args__ = {"version_id_col": version}
