"""Every refusal of the office."""

from operational_app.core.approval import ApprovalMissing
from operational_app.core.errors import Refusal
from operational_app.core.execute import CONSTRAINT_REFUSALS
from operational_app.core.i18n import _


class NotApproved(ApprovalMissing):
    title = _("Not approved")
    template = _(
        "“{command}” needs an approval of this {entity}, and none was asked for. Submit it for approval first."
    )


class WaitsForApproval(ApprovalMissing):
    may_submit = False
    title = _("Waits for approval")
    template = _("“{command}” waits for the approval {number}, which is with {names}.")


class ApprovalRefused(ApprovalMissing):
    title = _("Not approved")
    template = _(
        "“{command}” needs an approval, and {number} ended as “{state}”. Change the document and submit it again."
    )


class ChangedAfterApproval(ApprovalMissing):
    title = _("Changed after the approval")
    template = _(
        "“{command}” is not possible: the {entity} was changed after it was approved in {number}. Submit it again."
    )


class ChangedAfterSubmission(Refusal):
    title = _("Changed after the submission")
    template = _(
        "The {entity} was changed after it was submitted. Withdraw the request or reject it, and submit it again."
    )


class NoDefinition(Refusal):
    title = _("No approval rule")
    template = _("{company} has no approval rule for “{entity}” in force. An administrator enters and activates one.")


class UnderApproval(Refusal):
    title = _("Already submitted")
    template = _("This document waits for an approval already. Withdraw that request first.")


class MayNotApproveOwn(Refusal):
    status = 403
    title = _("Own document")
    template = _("You entered or submitted this document, so somebody else has to decide on it.")


class NotAsked(Refusal):
    status = 403
    title = _("Not yours to decide")
    template = _("{number} is not with you now; it is with {names}.")


class NobodyToApprove(Refusal):
    title = _("Nobody to approve")
    template = _("Nobody may decide in step {step}, not even an administrator. Give the role to somebody else first.")


class ReturnGoesBack(Refusal):
    status = 422
    title = _("Return goes back")
    template = _("The request is in step {step}: return it to an earlier step, or to 0 for whoever submitted it.")


class OnlyTheStarter(Refusal):
    status = 403
    title = _("Not your request")
    template = _("Only whoever submitted {number} may withdraw it. Reject it or return it instead.")


class ConditionUnreadable(Refusal):
    title = _("Condition cannot be read")
    template = _(
        "The approval rule compares {field} with “{operand}”, which is not possible. An administrator corrects it."
    )


class NotYourDelegation(Refusal):
    status = 403
    title = _("Not your deputy")
    template = _("Only whoever named this deputy may end it.")


CONSTRAINT_REFUSALS.update({"uq_approval_pending": UnderApproval})
