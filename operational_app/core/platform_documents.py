"""Documents around documents: tokens, comments, files, notifications, webhooks, the outbox."""

from operational_app.core.document import Document
from operational_app.core.i18n import _
from operational_app.core.platform_models import (
    ApiToken,
    Attachment,
    Comment,
    ExternalSignIn,
    Notification,
    OutboxMessage,
    SecondFactor,
    Webhook,
)
from operational_app.core.remarks import of_readable_documents

api_token = Document(
    name="api_token",
    module="core",
    model=ApiToken,
    title=_("API token"),
    plural=_("API tokens"),
    label="name",
    columns=("name", "permissions", "expires_at", "last_used_at", "revoked_at"),
    search=("name",),
    only=lambda principal: ApiToken.user_id == principal.user_id,
    in_menu=False,
)

second_factor = Document(
    name="second_factor",
    module="core",
    model=SecondFactor,
    title=_("Second step of the sign-in"),
    plural=_("Second step of the sign-in"),
    label="state",
    columns=("state", "confirmed_at"),
    search=("state",),
    states={"begun": _("not proved yet"), "active": _("active"), "off": _("off")},
    only=lambda principal: SecondFactor.user_id == principal.user_id,
    in_menu=False,
)

comment = Document(
    name="comment",
    module="core",
    model=Comment,
    title=_("Comment"),
    plural=_("Comments"),
    label="id",
    columns=("text", "document_type", "document_id", "author_id", "recorded_at"),
    search=("text",),
    only=of_readable_documents(Comment),
    in_menu=False,
)

attachment = Document(
    name="attachment",
    module="core",
    model=Attachment,
    title=_("File"),
    plural=_("Files"),
    label="file_name",
    columns=("file_name", "size", "document_type", "document_id", "author_id", "recorded_at"),
    search=("file_name",),
    only=of_readable_documents(Attachment),
    in_menu=False,
)

notification = Document(
    name="notification",
    module="core",
    model=Notification,
    title=_("Notification"),
    plural=_("Notifications"),
    label="id",
    columns=("message", "document_type", "document_id", "recorded_at", "read_at"),
    search=("message",),
    only=lambda principal: Notification.user_id == principal.user_id,
    in_menu=False,
)

webhook = Document(
    name="webhook",
    module="core",
    model=Webhook,
    title=_("Webhook"),
    plural=_("Webhooks"),
    label="address",
    columns=("event_name", "address", "state"),
    search=("event_name", "address"),
    states={"active": _("active"), "paused": _("paused")},
)

outbox_message = Document(
    name="outbox_message",
    module="core",
    model=OutboxMessage,
    title=_("Message sent out"),
    plural=_("Outbox"),
    label="event_name",
    columns=("event_name", "kind", "address", "state", "attempts", "next_attempt_at", "last_error"),
    search=("event_name", "address"),
    states={"waiting": _("waiting"), "sent": _("sent"), "failed": _("failed")},
)

external_sign_in = Document(
    name="external_sign_in",
    module="core",
    model=ExternalSignIn,
    title=_("Sign-in from the company's provider"),
    plural=_("Sign-ins from the company's provider"),
    label="email",
    columns=("email", "user_id", "state", "issuer", "linked_at"),
    search=("email",),
    states={"allowed": _("allowed"), "linked": _("linked"), "ended": _("ended")},
)
