"""`hub user`, `hub company`, `hub verify`, as an administrator types them."""

import io
import json

import psycopg
import pytest

import hub_settings
from operational_app import cli
from tests.commandline import hub
from tests.conftest import PASSWORD, Store


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch):
    """What stands on standard input."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_user_is_added_with_roles_and_signs_in(store: Store, capsys: pytest.CaptureFixture[str], typed) -> None:
    from operational_app.core import db, identity

    typed(PASSWORD + "\n")
    said = hub(
        capsys,
        "user",
        "add",
        "lily",
        "--name",
        "Lily Wang",
        "--role",
        "accountant",
        "--company",
        "DEMO",
        "--password-stdin",
    )
    assert (said.code, said.err) == (0, "lily may sign in now.\n")
    with db.transaction(actor="test", command="test") as session:
        assert identity.check_password(session, "lily", PASSWORD).name == "Lily Wang"
    listed = json.loads(hub(capsys, "user", "list", "--format", "json").out)
    assert [row["roles"] for row in listed if row["username"] == "lily"] == ["accountant@DEMO"]
    assert store.value(
        "SELECT actor FROM core.change_log WHERE table_name = 'app_user' ORDER BY sequence DESC LIMIT 1"
    ) == ("operator")


def test_a_misspelt_role_leaves_no_user_behind(store: Store, capsys: pytest.CaptureFixture[str], typed) -> None:
    typed(PASSWORD + "\n")
    said = hub(capsys, "user", "add", "lily", "--role", "acountant", "--password-stdin")
    assert said.code == cli.REFUSED and "Roles are: accountant," in said.err
    assert store.value("SELECT count(*) FROM core.app_user WHERE username = 'lily'") == 0


def test_a_short_password_is_refused_and_no_terminal_is_told(
    store: Store, capsys: pytest.CaptureFixture[str], typed
) -> None:
    typed("short\n")
    said = hub(capsys, "user", "add", "lily", "--password-stdin")
    assert said.code == cli.REFUSED and "password" in said.err
    typed("")
    said = hub(capsys, "user", "passwd", "sales")
    assert said.code == cli.USAGE and "--password-stdin" in said.err


def test_roles_are_given_and_taken_and_access_ends(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    def roles() -> list[tuple]:
        return store.rows("SELECT role_code FROM core.user_role WHERE user_id = %s ORDER BY 1", store.users["sales"])

    assert hub(capsys, "user", "role", "sales", "buyer").code == 0
    assert roles() == [("buyer",), ("sales",)]
    assert hub(capsys, "user", "role", "sales", "buyer", "--take").code == 0
    assert roles() == [("sales",)]
    assert hub(capsys, "user", "disable", "sales").code == 0
    assert store.value("SELECT disabled_at IS NOT NULL FROM core.app_user WHERE username = 'sales'")
    assert hub(capsys, "user", "disable", "nobody").err == "hub: There is no user nobody that you may see.\n"


def test_a_company_is_added_with_its_chart_and_the_years_asked_for(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (
        "company",
        "add",
        "ACME",
        "Acme Ltd",
        "--currency",
        "EUR",
        "--chart",
        "ifrs",
        "--year",
        "2025",
        "--year",
        "2026",
    )
    said = hub(capsys, *words)
    assert (said.code, said.err) == (0, "ACME keeps its books here now; open: 2025, 2026.\n")
    [row] = store.rows(
        "SELECT c.currency, (SELECT count(*) FROM core.period p WHERE p.company_id = c.id), "
        "(SELECT count(*) FROM finance.ledger_account a WHERE a.company_id = c.id) > 30 FROM core.company c WHERE code = 'ACME'"
    )
    assert row == ("EUR", 24, True)
    assert hub(capsys, *words).code == cli.REFUSED
    said = hub(capsys, "company", "add", "BAD", "Bad", "--currency", "XXY", "--chart", "empty")
    assert said.code == cli.REFUSED and "currency" in said.err


def test_verify_has_a_line_for_each_truth(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    for part in ("ledger", "stock", "audit"):
        said = hub(capsys, "verify", part)
        assert said.code == 0, said.out
        assert all(line.startswith(f"ok      {part}: ") for line in said.out.splitlines())
    assert store.value("SELECT sum(row_count) FROM core.change_seal") == store.value(
        "SELECT count(*) FROM core.change_log"
    )


def test_verify_names_what_breaks_a_truth_with_its_document(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    accounts = store.rows("SELECT id FROM finance.ledger_account WHERE code IN ('1002', '6602') ORDER BY code")
    store.run(
        "accountant",
        "post_journal_entry",
        posting_date="2026-03-02",
        description="rent",
        lines=[
            {"ledger_account_id": accounts[1][0], "debit": "10"},
            {"ledger_account_id": accounts[0][0], "credit": "10"},
        ],
    )
    assert hub(capsys, "verify", "audit").code == 0
    with psycopg.connect(hub_settings.database_url(None)) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("UPDATE finance.journal_line SET company_debit = 11, debit = 11 WHERE debit > 0")
        superuser.execute(
            "UPDATE core.change_log SET actor = 'x' WHERE sequence = (SELECT max(sequence) FROM core.change_log)"
        )
    said = hub(capsys, "verify", "ledger")
    assert said.code == cli.REFUSED
    [broken] = [line for line in said.out.splitlines() if line.startswith("BROKEN") and "each currency" in line]
    assert "number JE-2026-00001, currency CNY, debit 11.0000, credit 10.0000" in said.out
    said = hub(capsys, "verify", "audit")
    assert said.code == cli.REFUSED and "by x in post_journal_entry) is not what was sealed in 1." in said.out
