"""The change log: every change with both images, exact, with who and by what; and nothing secret."""

from decimal import Decimal

import psycopg
import pytest

import hub_settings
from tests.conftest import PASSWORD, Store


def images(store: Store, table: str, operation: str) -> list[tuple[dict | None, dict | None, str, str]]:
    return store.rows(
        "SELECT before, after, actor, command FROM core.change_log WHERE table_name = %s AND operation = %s "
        "ORDER BY sequence",
        table,
        operation,
    )


def test_images_carry_numerics_as_text_with_actor_and_command(store: Store) -> None:
    huge = "1234567890123456.7891"
    customer = store.run("sales", "register_customer", name="Café", credit_limit=huge)
    store.on("accountant", "change_customer_terms", customer, payment_days=10, credit_limit="0.1")
    [(before, after, actor, command)] = images(store, "party_role", "I")
    assert (before, after["credit_limit"], actor, command) == (None, huge, "sales", "register_customer")
    [(before, after, actor, command)] = images(store, "party_role", "U")
    assert (before["credit_limit"], after["credit_limit"]) == (huge, "0.1000")
    assert (actor, command) == ("accountant", "change_customer_terms")


def test_every_numeric_of_every_logged_table_is_text_in_its_images(store: Store) -> None:
    from operational_app import modules
    from operational_app.core.change_log import image, logged_tables
    from operational_app.core.db import Base

    modules.load()
    numerics = store.rows(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns "
        "WHERE data_type = 'numeric' AND table_schema IN ('core', 'erp', 'crm', 'oa', 'hr', 'finance')"
    )
    images_of = {(t.schema, t.name): image(t, "NEW") for t in logged_tables(Base.metadata)}
    assert len(numerics) > 20
    never_logged = {(t.schema, t.name) for t in Base.metadata.sorted_tables} - images_of.keys()
    for schema, table, column in numerics:
        if (schema, table) in never_logged:
            continue
        assert f"'{column}', NEW.{column}::text" in images_of[(schema, table)]


def test_every_numeric_column_declares_precision_and_scale(store: Store) -> None:
    bare = store.rows(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE data_type = 'numeric' "
        "AND numeric_precision IS NULL AND table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    assert bare == []


def test_passwords_sessions_and_keys_never_enter_the_log(store: Store) -> None:
    store.run("administrator", "add_user", username="lily", name="Lily", password=PASSWORD)
    [(_before, after, _actor, _command)] = images(store, "app_user", "I")[-1:]
    assert after["username"] == "lily" and "password_hash" not in after
    secret = store.value("SELECT password_hash FROM core.app_user WHERE username = 'lily'")
    assert (
        store.value("SELECT count(*) FROM core.change_log WHERE before::text || after::text LIKE %s", f"%{secret}%")
        == 0
    )
    logged = {row[0] for row in store.rows("SELECT DISTINCT table_name FROM core.change_log")}
    assert not logged & {"user_session", "sign_in_failure", "idempotency_key", "change_log", "change_seal"}


def test_a_changed_key_is_the_end_of_one_row_and_the_beginning_of_another(store: Store) -> None:
    with psycopg.connect(hub_settings.database_url("hub_app")) as app:
        app.execute("INSERT INTO core.currency (code, name, minor_units) VALUES ('AAA', 'A', 2)")
        app.execute("UPDATE core.currency SET code = 'BBB' WHERE code = 'AAA'")
    found = store.rows(
        "SELECT operation, row_key FROM core.change_log WHERE table_name = 'currency' AND command = 'sql' ORDER BY sequence"
    )
    assert found == [("I", "AAA"), ("D", "AAA"), ("I", "BBB")]


def test_raw_sql_is_logged_with_the_role_that_ran_it(store: Store) -> None:
    customer = store.run("sales", "register_customer", name="Café")
    with psycopg.connect(hub_settings.database_url("hub_app")) as app:
        app.execute("UPDATE core.party_role SET credit_limit = %s WHERE id = %s", (Decimal("5"), customer["id"]))
    [(_before, after, actor, command)] = images(store, "party_role", "U")
    assert (after["credit_limit"], actor, command) == ("5.0000", "hub_app", "sql")


@pytest.mark.parametrize("table", ["finance.journal_line", "core.party", "core.change_log", "core.change_seal"])
def test_truncate_is_refused_even_to_the_owner(store: Store, table: str) -> None:
    with psycopg.connect(hub_settings.database_url("hub_owner")) as owner:
        with pytest.raises(psycopg.Error, match="TRUNCATE of .* is refused"):
            owner.execute(f"TRUNCATE {table} CASCADE")


def test_what_is_rolled_back_is_not_logged(store: Store) -> None:
    before = store.value("SELECT count(*) FROM core.change_log")
    with psycopg.connect(hub_settings.database_url("hub_app")) as app:
        app.execute("UPDATE core.company SET name = 'x'")
        app.rollback()
    assert store.value("SELECT count(*) FROM core.change_log") == before
