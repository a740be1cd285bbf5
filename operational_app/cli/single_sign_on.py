"""`hub single-sign-on …`: which identity provider of the company people may come in from."""

import os
import sys

import click

import hub_settings
from operational_app.cli.output import note
from operational_app.core.i18n import _

NAMES = ("issuer", "client_id", "client_secret", "title")


@click.group(
    "single-sign-on", epilog="Example: hub single-sign-on set https://login.company.example --client-id pentahub"
)
def single_sign_on() -> None:
    """Let people sign in with the company's identity provider (OpenID Connect)."""


@single_sign_on.command(
    "set", epilog="Example: hub single-sign-on set https://login.company.example --client-id pentahub --title Company"
)
@click.argument("issuer")
@click.option("--client-id", required=True, help="What the provider calls this installation.")
@click.option("--title", default="", help="What stands on the button; the provider's host name where none is given.")
@click.option(
    "--secret-stdin", is_flag=True, help="Read the client's secret from standard input; else it is asked for."
)
def set_(issuer: str, client_id: str, title: str, secret_stdin: bool) -> None:
    """Keep where the provider is, after asking it. Users are let in one by one: “Allow provider's sign-in” on their page."""
    if secret_stdin:
        secret = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        secret = click.prompt(str(_("Client secret")), hide_input=True, default="", show_default=False)
    else:
        raise click.UsageError(str(_("There is no terminal to ask for the secret; give it with --secret-stdin.")))
    _ask(hub_settings.SingleSignOn(issuer, client_id, secret, title))
    given = dict(zip(NAMES, (issuer, client_id, secret or None, title or None), strict=True))
    hub_settings.keep_secrets({f"oidc:{name}": value for name, value in given.items()})
    note(_("Kept. Tell the provider that people come back to {address}.").format(address=_back()))


@single_sign_on.command("check", epilog="Example: hub single-sign-on check")
def check() -> None:
    """Ask the provider that is kept whether it is there."""
    from operational_app.core.errors import SingleSignOnOff

    settings = hub_settings.single_sign_on()
    if settings is None:
        raise SingleSignOnOff()
    _ask(settings)
    note(_("{issuer} answers. People come back to {address}.").format(issuer=settings.issuer, address=_back()))


@single_sign_on.command("off", epilog="Example: hub single-sign-on off")
def off() -> None:
    """Forget the provider: people sign in here with name and password only."""
    hub_settings.keep_secrets({f"oidc:{name}": None for name in NAMES})
    note(_("People sign in here with name and password only."))


def _ask(settings: hub_settings.SingleSignOn) -> None:
    from operational_app.core.single_sign_on import Provider

    Provider(settings)


def _back() -> str:
    return (os.environ.get("HUB_APP_URL", "").rstrip("/") or "http://localhost:8000") + "/sign-in/company/return"
