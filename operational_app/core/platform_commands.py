"""Commands around documents: own tokens, comments, files, notifications, webhooks and their messages."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import Field
from sqlalchemy import select

from operational_app.core import api_tokens, event, files, platform_documents, remarks, stored_files
from operational_app.core.command import Body, Work, command
from operational_app.core.errors import InvalidInput, NotFound
from operational_app.core.i18n import _
from operational_app.core.identity import token_hash
from operational_app.core.platform_models import (
    ApiToken,
    Attachment,
    Comment,
    Notification,
    OutboxMessage,
    Webhook,
)

RowNumber = Field(ge=1, le=2**63 - 1)


class MakeApiToken(Body):
    name: str = Field(min_length=1, max_length=100)
    permissions: str = Field(
        min_length=1,
        max_length=5000,
        description="One a line: “read sales_order”, “run enter_sales_order”; * for all that you may.",
    )
    days: int = Field(default=90, ge=1, le=366, description="After so many days the token ends by itself.")


class CommentOnDocument(Body):
    document_type: str = Field(min_length=1, max_length=50)
    document_id: int = RowNumber
    text: str = Field(
        min_length=1, max_length=4000, description="With @ and a user name you call somebody's attention."
    )


class AttachFile(Body):
    document_type: str = Field(min_length=1, max_length=50)
    document_id: int = RowNumber
    file_name: str = Field(min_length=1, max_length=1000)
    upload: str = Field(
        min_length=1, max_length=200, description="The ticket that POST /api/files gave for the content."
    )


class AddWebhook(Body):
    event_name: str = Field(min_length=1, max_length=100, description="What the other system is told of.")
    address: str = Field(pattern=r"^https?://[^\s/]+\S*$", max_length=1000)


@command(platform_documents.api_token, _("Make API token"), anywhere=True)
def make_api_token(work: Work, body: MakeApiToken) -> ApiToken:
    """Let a program use the API as you, with as little as it needs. The token is shown once: copy it then."""
    token = api_tokens.new_token()
    made = ApiToken(
        name=body.name,
        user_id=work.principal.user_id,
        token_hash=token_hash(token),
        permissions=api_tokens.permissions_from(body.permissions, work.principal),
        expires_at=datetime.now(UTC) + timedelta(days=body.days),
    )
    work.session.add(made)
    work.session.flush()
    work.shown_once["token"] = token
    return made


@command(platform_documents.api_token, _("Revoke"), anywhere=True)
def revoke_api_token(work: Work, token: ApiToken) -> ApiToken:
    """End a token of yours now; whoever has it gets nothing any more."""
    token.revoked_at = token.revoked_at or datetime.now(UTC)
    return token


@command(platform_documents.comment, _("Comment"), anywhere=True)
def comment_on_document(work: Work, body: CommentOnDocument) -> Comment:
    """Say something about a document to everybody who may read it. What was said stays."""
    document, row = remarks.document_and_row(work.session, work.principal, body.document_type, body.document_id)
    made = Comment(
        document_type=document.name,
        document_id=row.id,
        company_id=remarks.company_of(document, row),
        text=body.text,
        author_id=work.principal.user_id,
    )
    work.session.add(made)
    work.session.flush()
    work.details["comment_id"] = made.id
    work.outcome = row
    _tell_of_comment(work, document, row, body.text)
    return made


def _tell_of_comment(work: Work, document: Any, row: Any, text: str) -> None:
    """Tell who is named in the comment, and who entered the document; each once, none about what they may not read."""
    who, short = work.principal.name, " ".join(text.split())[:120]
    told = {work.principal.user_id}
    for user_id in remarks.mentioned_in(work.session, text):
        if user_id not in told and remarks.may_see(work.session, user_id, document, row):
            work.notify(user_id, _("{who} mentions you: {text}"), row, who=who, text=short)
            told.add(user_id)
    entered_by = getattr(row, "created_by", None)
    if entered_by and entered_by not in told and remarks.may_see(work.session, entered_by, document, row):
        work.notify(entered_by, _("{who} comments on what you entered: {text}"), row, who=who, text=short)


@command(platform_documents.attachment, _("Attach file"), anywhere=True)
def attach_file(work: Work, body: AttachFile) -> Attachment:
    """Put a file with a document, for everybody who may read the document."""
    document, row = remarks.document_and_row(work.session, work.principal, body.document_type, body.document_id)
    stored_files.hold(work.session)
    stored = files.redeem(body.upload, work.principal.user_id)
    name = files.plain_name(body.file_name)
    made = Attachment(
        document_type=document.name,
        document_id=row.id,
        company_id=remarks.company_of(document, row),
        file_name=name,
        size=stored.size,
        media_type=files.media_type(name),
        content_hash=stored.content_hash,
        author_id=work.principal.user_id,
    )
    work.session.add(made)
    work.session.flush()
    work.details["attachment_id"] = made.id
    work.outcome = row
    return made


@command(platform_documents.notification, _("Mark as read"), anywhere=True)
def mark_as_read(work: Work, notification: Notification) -> Notification:
    """Take note; it no longer counts at the bell."""
    notification.read_at = notification.read_at or datetime.now(UTC)
    return notification


@command(platform_documents.notification, _("Mark all as read"), anywhere=True)
def mark_all_as_read(work: Work) -> Notification:
    """Take note of everything that you were told until now."""
    mine = work.session.scalars(
        select(Notification)
        .where(Notification.user_id == work.principal.user_id, Notification.read_at.is_(None))
        .order_by(Notification.id)
        .with_for_update()
    ).all()
    for one in mine:
        one.read_at = datetime.now(UTC)
    if not mine:
        raise NotFound(entity=platform_documents.notification.title, key=_("unread"))
    return mine[-1]


@command(platform_documents.webhook, _("Add webhook"), needs_company=False)
def add_webhook(work: Work, body: AddWebhook) -> Webhook:
    """Have another system told of an event. The key of the signature is shown once: give it to the other system."""
    if body.event_name != "*" and body.event_name not in event.EVENTS:
        known = ", ".join(sorted(event.EVENTS))
        raise InvalidInput(fields={"event_name": _("No such event. Events are: {events}.").format(events=known)})
    made = Webhook(event_name=body.event_name, address=body.address, secret=secrets.token_urlsafe(32))
    work.session.add(made)
    work.session.flush()
    work.shown_once["secret"] = made.secret
    return made


@command(platform_documents.webhook, _("Pause"), states=("active",))
def pause_webhook(work: Work, webhook: Webhook) -> Webhook:
    """Tell this address of nothing more until it is resumed; what happens meanwhile is not told later."""
    webhook.state = "paused"
    return webhook


@command(platform_documents.webhook, _("Resume"), states=("paused",))
def resume_webhook(work: Work, webhook: Webhook) -> Webhook:
    """Tell this address of events again, from now on."""
    webhook.state = "active"
    return webhook


@command(platform_documents.outbox_message, _("Send again"), states=("sent", "failed"))
def replay_message(work: Work, message: OutboxMessage) -> OutboxMessage:
    """Send the same message once more, with the next pass over the outbox."""
    message.state, message.attempts, message.next_attempt_at = "waiting", 0, datetime.now(UTC)
    return message
