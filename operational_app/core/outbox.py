"""What leaves the hub by itself: calls of webhooks and mails, sent after the fact they tell of has been committed.

A message is a row written in the transaction of its fact: both are there or neither is. `send_due()` takes what is due,
one message in one transaction, and notes what came of it; a crash between sending and noting sends it once more, so a
receiver tells repeats by the header `Hub-Delivery`. What is not taken is tried again, after ever longer waits; what
failed at the end stays and can be sent again (`replay_message`).

The signature: `Hub-Signature: t=<seconds since 1970>,v1=<HMAC-SHA256 in hex over "<t>.<body>" with the webhook's secret>`.
"""

import hashlib
import hmac
import json
import os
import smtplib
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http.client import HTTPException
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from operational_app.core import db
from operational_app.core.known import known
from operational_app.core.platform_models import OutboxMessage, Webhook

TIMEOUT_SECONDS = 10
# Together about a day and a half.
MOST_ATTEMPTS = 12
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)
LONGEST_ERROR = 500

TELL = text(
    """
    INSERT INTO core.outbox_message (kind, webhook_id, event_id, event_name, address, payload)
    SELECT 'webhook', w.id, e.id, e.name, w.address,
           jsonb_build_object('event', e.name, 'event_id', e.id, 'recorded_at', e.recorded_at, 'actor', e.actor,
                              'document', e.document_type, 'id', e.document_id, 'values', e.payload)
    FROM core.event e JOIN core.webhook w ON w.state = 'active' AND w.event_name IN (e.name, '*') WHERE e.id = :event
    """
)


class NotTaken(Exception):
    """The other side did not take the message; the text says why."""


@dataclass(frozen=True)
class Pass:
    """What one pass over the outbox did: messages sent, put off, and given up."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0


def tell_webhooks(session: Session, event_id: int) -> None:
    """Write a message for each webhook that wants to know of this event."""
    session.execute(TELL, {"event": event_id})


def somebody_listens(session: Session) -> bool:
    """Whether there is a webhook that may want to know of an event."""
    statement = select(Webhook.id).where(Webhook.state == "active").limit(1)
    return known(session, "webhooks", lambda: session.scalar(statement) is not None)


def signature(secret: str, timestamp: int, body: bytes) -> str:
    mac = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={mac}"


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many tries: doubled each time, up to six hours."""
    return min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)


def send_due(most: int = 1000, bind: Engine | None = None) -> Pass:
    """Send what is due, oldest first; several senders at once never take the same message."""
    sent = put_off = failed = 0
    for _number in range(most):
        with db.transaction(actor="outbox", command="send_outbox", bind=bind) as session:
            message = session.scalars(
                select(OutboxMessage)
                .where(OutboxMessage.state == "waiting", OutboxMessage.next_attempt_at <= datetime.now(UTC))
                .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).one_or_none()
            if message is None:
                break
            _try(session, message)
            sent += message.state == "sent"
            put_off += message.state == "waiting"
            failed += message.state == "failed"
    return Pass(sent, put_off, failed)


def _try(session: Session, message: OutboxMessage) -> None:
    now = datetime.now(UTC)
    message.attempts += 1
    try:
        if message.kind == "webhook":
            _call(session.get_one(Webhook, message.webhook_id), message)
        else:
            _mail(message)
    except NotTaken as error:
        message.last_error = str(error)[:LONGEST_ERROR]
        message.state = "failed" if message.attempts >= MOST_ATTEMPTS else "waiting"
        message.next_attempt_at = now + wait_after(message.attempts)
    else:
        message.state, message.sent_at, message.last_error = "sent", now, None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead a signed message anywhere; it counts as not taken."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def _call(webhook: Webhook, message: OutboxMessage) -> None:
    body = json.dumps(message.payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    request = urllib.request.Request(
        message.address,
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json",
            "User-Agent": "Pentahub",
            "Hub-Event": message.event_name or "",
            "Hub-Delivery": str(message.id),
            "Hub-Signature": signature(webhook.secret, int(time.time()), body),
        },
    )
    try:
        # Whatever proxy the machine has for its own downloads is not for the company's facts.
        opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
        opener.open(request, timeout=TIMEOUT_SECONDS).close()
    except urllib.error.HTTPError as error:
        error.close()
        raise NotTaken(f"HTTP {error.code}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise NotTaken(str(getattr(error, "reason", error)) or type(error).__name__) from error


def _mail(message: OutboxMessage) -> None:
    """Hand a mail to the server of HUB_SMTP_URL (smtp://user:password@host:port, smtps:// for TLS from the start)."""
    parts = urlsplit(os.environ.get("HUB_SMTP_URL", ""))
    if not parts.hostname:
        raise NotTaken("HUB_SMTP_URL names no mail server")
    mail = EmailMessage()
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    try:
        mail["From"] = os.environ.get("HUB_MAIL_FROM", f"hub@{parts.hostname}")
        mail["To"], mail["Subject"] = message.address, message.payload["subject"]
        mail["Message-ID"] = f"<outbox-{message.id}@{parts.hostname}>"
        mail.set_content(message.payload["text"])
        with kind(parts.hostname, parts.port or 0, timeout=TIMEOUT_SECONDS) as server:
            if parts.username:
                if parts.scheme != "smtps":
                    server.starttls()
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(mail)
    # A ValueError: an address or subject that is none, such as one with a line break.
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise NotTaken(str(error) or type(error).__name__) from error
