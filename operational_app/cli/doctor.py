"""`hub doctor`: what is wrong with this installation, and what to do about it.

What belongs here: one small function per question; each answers with findings, in the order in which a person would
mend them. A question that cannot be asked because an earlier one failed is left out. Nothing here changes anything,
except that the embedded server is started while we look.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click
import psycopg

import hub_settings
from operational_app.cli import embedded
from operational_app.cli.output import format_option, show
from operational_app.cli.serve import APP_PORT, DAGSTER_PORT, DASHBOARDS_PORT
from operational_app.cli.supervisor import Program, ServeError, refuse_port_in_use
from operational_app.core.i18n import _

OLDEST_SERVER = 150000
# A demo of three years takes about a gigabyte; a server that runs out of disk stops.
FREE_BYTES = 3_000_000_000
MIGRATIONS = hub_settings.ROOT / "operational_app" / "migrations"
ASSETS = hub_settings.ROOT / "operational_app" / "web" / "assets"


@dataclass(frozen=True)
class Finding:
    """One answer: `ok`, `note` (works, but know it), or `wrong` with what to do."""

    subject: str
    state: str
    detail: str
    remedy: str = ""


def ok(subject: object, detail: object) -> Finding:
    return Finding(str(subject), "ok", str(detail))


def wrong(subject: object, detail: object, remedy: object) -> Finding:
    return Finding(str(subject), "wrong", str(detail), str(remedy))


def python() -> Iterator[Finding]:
    yield ok(_("Python"), f"{sys.version.split()[0]}, {sys.prefix}")


def disk() -> Iterator[Finding]:
    home = hub_settings.home()
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free
    detail = str(_("{free} GB free in {folder}")).format(free=free // 1_000_000_000, folder=home)
    if free < FREE_BYTES:
        remedy = _("Make room, or set HUB_HOME (and HUB_LAKE_PATH) to another disk.")
        yield wrong(_("Disk"), detail, remedy)
    else:
        yield ok(_("Disk"), detail)


def assets() -> Iterator[Finding]:
    if not (ASSETS / "package.json").exists():
        return
    folder = hub_settings.home() / "assets" / "node_modules"
    if folder.is_dir():
        yield ok(_("Front-end assets"), folder)
    else:
        yield wrong(_("Front-end assets"), _("not fetched"), _("Run any command through ./hub: it fetches them."))


def ports() -> Iterator[Finding]:
    for name, port, option in (
        (_("App"), APP_PORT, "--app-port"),
        (_("Dashboards"), DASHBOARDS_PORT, "--dashboards-port"),
        (_("Dagster"), DAGSTER_PORT, "--dagster-port"),
    ):
        subject = str(_("Port of {name}")).format(name=name)
        try:
            refuse_port_in_use(Program(str(name), [], port=port, port_option=option))
        except ServeError:
            detail = str(_("{port} is in use; right if `hub serve` runs, else serve with {option}")).format(
                port=port, option=option
            )
            yield Finding(subject, "note", detail)
        else:
            yield ok(subject, str(_("{port} is free")).format(port=port))


def server() -> Iterator[Finding]:
    """Whether the server answers, and is new enough. Starts the embedded one where none is named."""
    is_embedded = embedded.is_wanted()
    kind = _("embedded") if is_embedded else _("HUB_DATABASE_URL")
    try:
        embedded.ensure()
        with psycopg.connect(hub_settings.maintenance_url(), connect_timeout=10) as db:
            version = db.info.server_version
    except (embedded.EmbeddedError, psycopg.OperationalError) as error:
        remedy = (
            str(_("Look into {log}.")).format(log=embedded.log_file())
            if is_embedded
            else _("Start the server, or correct HUB_DATABASE_URL (postgresql://user:password@host/database).")
        )
        yield wrong(_("Database server"), str(error).strip().splitlines()[0], remedy)
        return
    detail = f"PostgreSQL {version // 10000}.{version % 10000}, {kind}"
    if version < OLDEST_SERVER:
        yield wrong(_("Database server"), detail, _("Use PostgreSQL 15 or newer."))
        return
    yield ok(_("Database server"), detail)
    if is_embedded:
        note = _("for one person's machine: it trusts whoever may enter its folder; a company sets HUB_DATABASE_URL")
        yield Finding(str(_("Embedded mode")), "note", str(note))


def roles() -> Iterator[Finding]:
    with psycopg.connect(hub_settings.maintenance_url()) as db:
        rows = db.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(hub_settings.ROLES)]).fetchall()
        known = {name for (name,) in db.execute("SELECT datname FROM pg_database").fetchall()}
    lacking = [role for role in hub_settings.ROLES if (role,) not in rows]
    lacking += [name for kind in hub_settings.DATABASES if (name := hub_settings.database_name(kind)) not in known]
    if lacking:
        detail = str(_("missing: {names}")).format(names=", ".join(lacking))
        yield wrong(_("Roles and databases"), detail, _("Run ./hub migrate."))
    else:
        yield ok(
            _("Roles and databases"), str(_("all {count} there")).format(count=len(rows) + len(hub_settings.DATABASES))
        )


def migrations() -> Iterator[Finding]:
    if not (MIGRATIONS / "env.py").exists():
        return
    from alembic.script import ScriptDirectory

    heads = set(ScriptDirectory(str(MIGRATIONS)).get_heads())
    with psycopg.connect(hub_settings.database_url(None)) as db:
        place = db.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
            "WHERE tablename = 'alembic_version' ORDER BY schemaname LIMIT 1"
        ).fetchone()
        # The name comes from the catalog, quoted by the server.
        current = {row[0] for row in db.execute(f"SELECT version_num FROM {place[0]}")} if place else set()
    if current == heads:
        yield ok(_("Store"), str(_("at revision {revision}")).format(revision=", ".join(sorted(heads))))
    else:
        detail = str(_("at revision {current}, this hub expects {wanted}")).format(
            current=", ".join(sorted(current)) or "-", wanted=", ".join(sorted(heads))
        )
        yield wrong(_("Store"), detail, _("Run ./hub migrate."))


def catalogs() -> Iterator[Finding]:
    for subject, role, kind in (
        (_("Lake"), "hub_lake", "lake"),
        (_("Confidential lake"), "hub_lake", "confidential"),
        (_("Dagster's storage"), "hub_dagster", "dagster"),
    ):
        try:
            with psycopg.connect(hub_settings.database_url(role, kind), connect_timeout=10) as db:
                tables = db.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'ducklake_snapshot'").fetchone()
        except psycopg.OperationalError as error:
            yield wrong(subject, str(error).strip().splitlines()[0], _("Run ./hub migrate."))
            continue
        if kind != "dagster" and not (tables and tables[0]):
            yield wrong(subject, _("its catalog is empty"), _("Run ./hub migrate."))
        else:
            yield ok(subject, str(_("reachable as {role}")).format(role=role))


def lake_files() -> Iterator[Finding]:
    for path in (hub_settings.lake_path(), hub_settings.confidential_lake_path()):
        if "://" in path or not os.path.exists(path):
            continue
        if os.access(path, os.R_OK | os.W_OK | os.X_OK):
            yield ok(_("Lake files"), path)
        else:
            remedy = _("Give this user the folder, or run as its owner.")
            yield wrong(_("Lake files"), str(_("{folder} cannot be written")).format(folder=path), remedy)


ALONE: tuple[Callable[[], Iterator[Finding]], ...] = (python, disk, assets, ports)
WITH_SERVER: tuple[Callable[[], Iterator[Finding]], ...] = (roles, migrations, catalogs, lake_files)


def findings() -> Iterator[Finding]:
    for question in ALONE:
        yield from question()
    found = list(server())
    yield from found
    if any(finding.state == "wrong" for finding in found):
        return
    for question in WITH_SERVER:
        answers = list(question())
        yield from answers
        if question is roles and any(answer.state == "wrong" for answer in answers):
            return


@click.command(epilog="Example: hub doctor --format json")
@format_option()
@click.pass_context
def doctor(ctx: click.Context, output_format: str) -> None:
    """Say what is wrong with this installation, and what to do about it.

    Exit code 0 when nothing is wrong, 3 otherwise.
    """
    found = list(findings())
    if output_format == "table":
        for finding in found:
            click.echo(f"{finding.state:5}  {finding.subject}: {finding.detail}")
            if finding.remedy:
                click.echo(f"       → {finding.remedy}")
    else:
        rows = [(one.subject, one.state, one.detail, one.remedy) for one in found]
        show(["subject", "state", "detail", "remedy"], rows, output_format)
    ctx.exit(3 if any(finding.state == "wrong" for finding in found) else 0)
