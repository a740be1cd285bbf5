"""The seal on the change log: batches by snapshot difference, and a verification that names what was tampered with."""

import psycopg
import pytest

import hub_settings
from operational_app.core import audit
from tests.conftest import Store


def tamper(statement: str, *values: object) -> None:
    """As somebody with the superuser's power: triggers do not fire."""
    with psycopg.connect(hub_settings.database_url(None)) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(statement, values)


@pytest.fixture
def sealed(store: Store) -> Store:
    """Three seals: what set-up left, then one customer each."""
    assert audit.seal() > 0
    for name in ("Lily's Café", "Harbour Hotel"):
        store.run("sales", "register_customer", name=name, credit_limit="10")
        assert audit.seal() > 0
    assert audit.verify_chain().faults == []
    return store


def test_every_row_is_in_exactly_one_seal_and_nothing_new_makes_no_seal(sealed: Store) -> None:
    chain = audit.verify_chain()
    assert chain.seals == 3
    assert chain.rows == sealed.value("SELECT count(*) FROM core.change_log")
    assert audit.seal() == 0
    assert audit.verify_chain() == chain


def test_a_row_that_commits_late_under_a_lower_sequence_is_sealed_with_the_next_batch(store: Store) -> None:
    audit.seal()
    with psycopg.connect(hub_settings.database_url("hub_app")) as slow:
        slow.execute("UPDATE core.company SET name = 'Late Ltd'")
        store.run("sales", "register_customer", name="Quick")
        first = audit.seal()
        slow.commit()
    assert audit.seal() == 1
    chain = audit.verify_chain()
    assert first > 0 and chain.faults == []
    assert chain.rows == store.value("SELECT count(*) FROM core.change_log")


def test_an_open_transaction_does_not_count_and_is_no_fault(sealed: Store) -> None:
    with psycopg.connect(hub_settings.database_url("hub_app")) as slow:
        slow.execute("UPDATE core.company SET name = 'Open Ltd'")
        sealed.run("sales", "register_customer", name="Quick")
        audit.seal()
        assert audit.verify_chain().faults == []
        slow.rollback()
    assert audit.verify_chain().faults == []


@pytest.mark.parametrize(
    "change",
    [
        "after = jsonb_set(after, '{credit_limit}', '\"9999.0000\"')",
        "actor = 'somebody else'",
        "command = 'other'",
        "recorded_at = recorded_at - interval '1 microsecond'",
        "row_key = '77'",
    ],
)
def test_a_changed_row_is_named(sealed: Store, change: str) -> None:
    sequence = sealed.value(
        "SELECT max(sequence) FROM core.change_log WHERE table_name = 'party_role' AND operation = 'I'"
    )
    tamper(f"UPDATE core.change_log SET {change} WHERE sequence = %s", sequence)
    faults = audit.verify_chain().faults
    assert any(f"Change {sequence} (core.party_role" in fault and "sealed in 3" in fault for fault in faults)


def test_a_row_that_was_taken_away_is_named(sealed: Store) -> None:
    sequence = sealed.value("SELECT min(sequence) FROM core.change_log WHERE table_name = 'party_role'")
    tamper("DELETE FROM core.change_log WHERE sequence = %s", sequence)
    assert f"Change {sequence}, sealed in 2, is gone." in audit.verify_chain().faults


@pytest.mark.parametrize("place", ["within a batch", "between batches", "behind the last"])
def test_a_row_that_was_slipped_in_is_named_and_a_later_seal_does_not_whitewash_it(sealed: Store, place: str) -> None:
    """A sequence that a rollback left unused, with the transaction of a row that is sealed already."""

    def roll_back() -> int:
        with psycopg.connect(hub_settings.database_url("hub_app")) as app:
            app.execute("UPDATE core.company SET name = 'x'")
            app.rollback()
        return sealed.value("SELECT last_value FROM core.change_log_sequence_seq")

    if place == "within a batch":
        sealed.run("sales", "register_customer", name="Before")
    gap = roll_back()
    if place != "behind the last":
        sealed.run("sales", "register_customer", name="After")
        audit.seal()
    tamper(
        "INSERT INTO core.change_log (sequence, xid, schema_name, table_name, row_key, operation, actor, command) "
        "OVERRIDING SYSTEM VALUE SELECT %s, min(xid), 'core', 'party', '1', 'U', 'me', 'x' FROM core.change_log",
        gap,
    )
    audit.seal()
    assert audit.verify_chain().faults == [f"Change {gap} was slipped in: no seal knows it."]


def test_a_changed_or_missing_seal_is_named(sealed: Store) -> None:
    tamper("UPDATE core.change_seal SET chain_hash = repeat('0', 64) WHERE id = 2")
    faults = audit.verify_chain().faults
    assert [fault.split(" is ")[0] for fault in faults] == ["Seal 2", "Seal 3"]
    tamper("DELETE FROM core.change_seal WHERE id = 2")
    assert "Seal 2 is missing." in audit.verify_chain().faults


def test_on_another_server_sealing_goes_on_with_what_no_seal_lists(sealed: Store) -> None:
    """After a restore elsewhere transaction ids begin anew; here the old server's are made to lie in the future."""
    sealed.run("sales", "register_customer", name="Not sealed before the move")
    tamper("UPDATE core.change_seal SET system_identifier = '1'")
    tamper(
        "UPDATE core.change_log SET xid = '900000000' WHERE sequence > (SELECT max(last_sequence) FROM core.change_seal)"
    )
    left = sealed.value(
        "SELECT count(*) FROM core.change_log WHERE sequence > (SELECT max(last_sequence) FROM core.change_seal)"
    )
    assert audit.seal() == left
    assert audit.seal() == 0
    sealed.run("sales", "register_customer", name="After the move")
    assert audit.seal() > 0
    chain = audit.verify_chain()
    assert chain.faults == []
    assert chain.rows == sealed.value("SELECT count(*) FROM core.change_log")


def test_sealing_reads_the_new_rows_only(sealed: Store) -> None:
    """The batch is found by the index on the transaction, whatever the length of the log."""
    with psycopg.connect(hub_settings.database_url(None)) as superuser:
        superuser.execute("SET enable_seqscan = off")
        plan = superuser.execute(
            "EXPLAIN SELECT sequence FROM core.change_log r "
            "WHERE r.xid >= pg_snapshot_xmin((SELECT sealed_snapshot FROM core.change_seal WHERE id = 3)::pg_snapshot)"
        ).fetchall()
    assert any("ix_change_log_xid" in line[0] for line in plan)


def as_owner(*statements: str) -> None:
    """As whoever has the password of the role that owns the tables: triggers can be put out of the way."""
    with psycopg.connect(hub_settings.database_url("hub_owner")) as owner:
        for statement in statements:
            owner.execute(statement)


def test_the_owner_role_may_not_write_the_log_but_by_taking_its_guard_away_and_that_is_seen(sealed: Store) -> None:
    change = "UPDATE core.change_log SET actor = 'somebody else' WHERE table_name = 'party_role' AND operation = 'I'"
    with pytest.raises(psycopg.Error):
        as_owner(change)
    assert audit.verify_chain().faults == []
    as_owner(
        "ALTER TABLE core.change_log DISABLE TRIGGER USER",
        change,
        "ALTER TABLE core.change_log ENABLE TRIGGER USER",
    )
    assert [fault for fault in audit.verify_chain().faults if "by somebody else" in fault]


def test_a_chain_that_the_owner_made_anew_is_told_by_a_hash_that_was_kept(sealed: Store) -> None:
    """Nothing inside a database can stop who owns it from forging all of it; a hash kept outside tells it."""
    kept = audit.verify_chain().last_hash
    assert audit.has_seal(kept)
    as_owner(
        "ALTER TABLE core.change_log DISABLE TRIGGER USER",
        "ALTER TABLE core.change_seal DISABLE TRIGGER USER",
        "UPDATE core.change_log SET actor = 'somebody else' WHERE table_name = 'party_role'",
        "DELETE FROM core.change_seal",
        "ALTER TABLE core.change_seal ENABLE TRIGGER USER",
        "ALTER TABLE core.change_log ENABLE TRIGGER USER",
        "SELECT core.seal_change_log()",
    )
    assert audit.verify_chain().faults == []
    assert not audit.has_seal(kept)
