"""Commands for the second step of the sign-in: one's own device, and the way back for who has lost it."""

import time
from datetime import UTC, datetime

from pydantic import Field
from sqlalchemy import select

from operational_app.core import documents, identity, platform_documents, totp
from operational_app.core.command import Body, Work, command
from operational_app.core.errors import InvalidInput, WrongState
from operational_app.core.i18n import _
from operational_app.core.models import AppUser
from operational_app.core.platform_models import ExternalSignIn, SecondFactor

RECOVERY_CODES = 10


class ProveDevice(Body):
    code: str = Field(min_length=6, max_length=30, description="The six digits that your device shows now.")


class EndSecondStep(Body):
    code: str = Field(min_length=6, max_length=30, description="A code of your device, or a recovery code.")


class AllowExternalSignIn(Body):
    email: str = Field(
        pattern=r"^[^@\s]+@[^@\s]+$", max_length=254, description="As the company's identity provider has it."
    )


@command(platform_documents.second_factor, _("Set up second step"), anywhere=True)
def begin_second_factor(work: Work) -> SecondFactor:
    """Get a key for an app on your device that shows codes. It counts from when you prove that the device has it."""
    factor = work.session.scalars(
        select(SecondFactor).where(SecondFactor.user_id == work.principal.user_id).with_for_update()
    ).one_or_none()
    document = platform_documents.second_factor
    if factor is None:
        factor = SecondFactor(user_id=work.principal.user_id, recovery_hashes=[])
        work.session.add(factor)
    elif factor.state == "active":
        raise WrongState(command=_("Set up second step"), entity=document.title, state=document.states["active"])
    factor.secret, factor.state, factor.recovery_hashes, factor.last_step = totp.new_secret(), "begun", [], 0
    work.session.flush()
    work.shown_once["device_key"] = factor.secret
    work.shown_once["device_address"] = totp.address(factor.secret, work.principal.username)
    return factor


@command(platform_documents.second_factor, _("Prove device"), states=("begun",), anywhere=True)
def confirm_second_factor(work: Work, factor: SecondFactor, body: ProveDevice) -> SecondFactor:
    """From now on each sign-in asks for a code. Keep the recovery codes that are shown now: each works once."""
    step = totp.step_of(factor.secret, body.code, int(time.time()), factor.last_step)
    if step is None:
        raise InvalidInput(fields={"code": _("This is not the code of this moment. Is the clock of the device right?")})
    codes = [totp.new_recovery_code() for _number in range(RECOVERY_CODES)]
    factor.recovery_hashes = [totp.recovery_hash(code) for code in codes]
    factor.state, factor.last_step, factor.confirmed_at = "active", step, datetime.now(UTC)
    work.shown_once["recovery_codes"] = " ".join(codes)
    return factor


@command(platform_documents.second_factor, _("Switch off"), states=("active",), anywhere=True)
def end_second_factor(work: Work, factor: SecondFactor, body: EndSecondStep) -> SecondFactor:
    """Sign in with the password alone again."""
    if not identity.use_code(factor, body.code):
        raise InvalidInput(fields={"code": _("This is not the code of this moment. Is the clock of the device right?")})
    factor.state, factor.recovery_hashes = "off", []
    return factor


@command(documents.app_user, _("Take second step away"))
def reset_second_factor(work: Work, user: AppUser) -> AppUser:
    """Let a user who lost device and recovery codes sign in by password alone; make sure first who is asking."""
    factor = work.session.scalars(select(SecondFactor).where(SecondFactor.user_id == user.id)).one_or_none()
    if factor is not None:
        factor.state, factor.recovery_hashes = "off", []
    return user


@command(documents.app_user, _("Allow provider's sign-in"))
def allow_external_sign_in(work: Work, user: AppUser, body: AllowExternalSignIn) -> ExternalSignIn:
    """Let this user come in from the company's identity provider: whom it names with this verified mail address first.

    Said once more, it begins anew: the person is named by the mail address the next time.
    """
    email = body.email.strip().lower()
    taken = work.session.scalars(
        select(ExternalSignIn).where(
            ExternalSignIn.email == email, ExternalSignIn.state != "ended", ExternalSignIn.user_id != user.id
        )
    ).first()
    if taken is not None:
        raise InvalidInput(fields={"email": _("Another user comes in with this mail address.")})
    found = work.session.scalars(
        select(ExternalSignIn).where(ExternalSignIn.user_id == user.id).with_for_update()
    ).one_or_none()
    if found is None:
        found = ExternalSignIn(user_id=user.id, email=email)
        work.session.add(found)
    found.email, found.state, found.issuer, found.subject, found.linked_at = email, "allowed", None, None, None
    work.session.flush()
    return found


@command(platform_documents.external_sign_in, _("End"), states=("allowed", "linked"))
def end_external_sign_in(work: Work, found: ExternalSignIn) -> ExternalSignIn:
    """Let the user come in from the identity provider no more, and end the sessions that are open now."""
    found.state = "ended"
    identity.end_all_sessions(work.session, found.user_id)
    return found
