"""What each role of the store may do, tried as that role in raw SQL: no more than it should."""

from collections.abc import Iterator

import psycopg
import pytest

import hub_settings
from tests.conftest import Copies, Store, pointed_at

STORE_ROLES = ("hub_owner", "hub_app", "hub_sync", "hub_reader")


@pytest.fixture(scope="module")
def resting(store_copies: Copies) -> Iterator[Store]:
    """One store for all that is refused: nothing changes in it."""
    name = store_copies.take()
    with pointed_at(name):
        yield Store(name, {})
    store_copies.give_back(name)


def refused(role: str, *statements: str) -> str:
    """The server's words on the last of these statements, or on the commit."""
    with pytest.raises(psycopg.Error) as error, psycopg.connect(hub_settings.database_url(role)) as connection:
        for statement in statements:
            connection.execute(statement)
    return str(error.value)


@pytest.mark.parametrize("role", STORE_ROLES)
def test_no_role_of_the_store_is_more_than_a_login(resting: Store, role: str) -> None:
    rights = "rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls"
    assert resting.value(f"SELECT {rights} FROM pg_roles WHERE rolname = %s", role) is False
    assert resting.value("SELECT count(*) FROM pg_auth_members WHERE member = %s::regrole", role) == 0


def test_only_the_owner_owns_anything(resting: Store) -> None:
    owners = resting.rows(
        "SELECT DISTINCT r.rolname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_roles r ON r.oid = c.relowner WHERE n.nspname IN ('core', 'erp', 'crm', 'oa', 'hr', 'finance')"
    )
    assert owners == [("hub_owner",)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO core.change_log (schema_name, table_name, row_key, operation, actor, command) "
        "VALUES ('core', 'party', '1', 'I', 'me', 'x')",
        "UPDATE core.change_log SET actor = 'somebody else'",
        "DELETE FROM core.change_log",
        "INSERT INTO core.change_seal SELECT * FROM core.change_seal",
        "UPDATE core.change_seal SET chain_hash = ''",
        "DELETE FROM core.change_seal",
        "TRUNCATE core.change_log",
        "UPDATE core.policy_rule SET scope = 'all'",
        "INSERT INTO core.policy_rule VALUES ('sales', 'journal_entry', '*', 'read', 'all')",
        "DELETE FROM core.role",
        "UPDATE finance.journal_entry SET description = 'x'",
        "DELETE FROM finance.journal_line",
        "UPDATE erp.stock_move SET value = 0",
        "CREATE TABLE core.mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "CREATE SCHEMA mine",
        "ALTER TABLE finance.journal_entry DISABLE TRIGGER ALL",
        "DROP TABLE core.party CASCADE",
        "SET session_replication_role = replica",
        "SET ROLE hub_owner",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY core.party TO PROGRAM 'cat'",
        "DROP TRIGGER zz_log ON core.party",
    ],
)
def test_the_app_may_not(resting: Store, statement: str) -> None:
    with psycopg.connect(hub_settings.database_url("hub_app")) as app:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(statement)


def test_the_app_cannot_forge_the_log_through_a_table_of_its_own(resting: Store) -> None:
    """A temporary table with a log trigger would write what it likes, since log triggers run as their owner."""
    said = refused(
        "hub_app",
        "CREATE TEMP TABLE forged (LIKE core.party)",
        "CREATE TRIGGER t AFTER INSERT ON forged FOR EACH ROW EXECUTE FUNCTION core.log_party()",
    )
    assert "permission denied for function" in said


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT password_hash FROM core.app_user",
        "SELECT * FROM core.app_user",
        "SELECT * FROM core.user_session",
        "SELECT * FROM core.idempotency_key",
        "SELECT * FROM core.sign_in_failure",
        "UPDATE core.party SET name = 'x'",
        "INSERT INTO core.currency VALUES ('AAA', 'A', 2)",
    ],
)
def test_the_sync_reads_no_secret_and_writes_nothing(resting: Store, statement: str) -> None:
    with psycopg.connect(hub_settings.database_url("hub_sync")) as sync:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sync.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT password_hash FROM core.app_user",
        "SELECT * FROM core.party",
        "SELECT * FROM finance.journal_entry",
        "SELECT * FROM core.change_log",
        "UPDATE core.user_session SET csrf_token = ''",
        "SELECT core.seal_change_log()",
    ],
)
def test_the_dashboards_role_sees_sessions_and_rights_only(resting: Store, statement: str) -> None:
    with psycopg.connect(hub_settings.database_url("hub_reader")) as reader:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(statement)
        reader.rollback()
        assert reader.execute("SELECT count(*) FROM core.user_session").fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE ROLE mine SUPERUSER",
        "ALTER ROLE hub_app SUPERUSER",
        "CREATE DATABASE mine",
        "SET session_replication_role = replica",
        "SELECT pg_read_file('/etc/passwd')",
        "ALTER SYSTEM SET fsync = off",
    ],
)
def test_the_owner_is_no_administrator(resting: Store, statement: str) -> None:
    with psycopg.connect(hub_settings.database_url("hub_owner"), autocommit=True) as owner:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute(statement)


def test_what_is_posted_stays_even_for_the_owner(store: Store) -> None:
    """The owner could take the triggers away, and that would be a migration; no statement on rows gets past them."""
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
    for statement in (
        "UPDATE finance.journal_entry SET description = 'x'",
        "DELETE FROM finance.journal_line",
        "UPDATE core.change_log SET actor = 'x'",
        "DELETE FROM core.change_log",
    ):
        assert "immutable" in refused("hub_owner", statement)
