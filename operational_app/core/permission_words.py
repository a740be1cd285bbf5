"""What a refused right is called: the words of the page for what the policy knows by code.

Programs are told the code (`journal_entry.post_journal_entry`), which is what the policy's lines are made of; people are
told what they could not do, and to what.
"""

from operational_app.core.command import COMMANDS
from operational_app.core.document import DOCUMENTS
from operational_app.core.errors import NotPermitted, Refusal
from operational_app.core.i18n import _
from operational_app.core.labels import label
from operational_app.core.wording import noun


def told(refusal: Refusal) -> str:
    """The sentence of a refusal for a person."""
    if isinstance(refusal, NotPermitted):
        return sentence(str(refusal.values.get("permission", "")))
    return refusal.message


def sentence(permission: str) -> str:
    """The sentence for a right as the policy names it: `entity.command`, `entity read` or `entity.field write`."""
    right, _blank, action = permission.partition(" ")
    entity, _dot, name = right.partition(".")
    document = DOCUMENTS.get(entity)
    if document is None:
        return str(_("Your roles do not allow this. Ask an administrator if you need it."))
    if name in COMMANDS:
        text = _("Your roles do not allow “{command}” for {documents}. Ask an administrator if you need it.")
        return str(text).format(command=COMMANDS[name].title, documents=noun(document.plural))
    if name and action == "write":
        text = _("Your roles do not let you enter “{field}” of {documents}. Ask an administrator if you need it.")
        return str(text).format(field=label(name), documents=noun(document.plural))
    if name and name != "*":
        text = _("Your roles do not let you see “{field}” of {documents}. Ask an administrator if you need it.")
        return str(text).format(field=label(name), documents=noun(document.plural))
    text = _("Your roles do not let you see {documents}. Ask an administrator if you need it.")
    return str(text).format(documents=noun(document.plural))
