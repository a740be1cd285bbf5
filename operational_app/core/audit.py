"""The change log under seal: a hash chain over its rows, batch by batch, and its verification.

A batch is what one PostgreSQL snapshot sees and the seal before did not, as in the sync: no row is left out because its
transaction committed late, and sealing costs as much as the batch has rows. A seal lists the rows of its batch (sequence
and half of each row's hash), so that verification names the row that was changed, taken away or slipped in, and chains
SHA-256 over the hash before, the snapshot and the whole hash of every row. Whoever keeps the last hash elsewhere (`hub
verify audit` prints it) can tell even a chain that was forged as a whole.

Sealing is a function of the store (`core.seal_change_log()`), owned by hub_owner: the app and the stream may call it, and
neither can write a seal in another way.
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from operational_app.core import db
from operational_app.core.i18n import _

FIRST_HASH = ""
# A sequence and half a hash, big-endian as PostgreSQL's int8send gives it.
ROW = struct.Struct(">q8s")

# The whole row as text that does not depend on a session's settings. JSONB has one text for one value.
ROW_HASH = """sha256(convert_to(jsonb_build_array(
    r.sequence::text, r.xid::text, to_char(r.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), r.schema_name,
    r.table_name, r.row_key, r.operation, r.before, r.after, r.actor, r.command)::text, 'UTF8'))"""

SEAL_FUNCTION = f"""
-- Slices of the list are read: stored uncompressed, a slice costs no more than itself.
ALTER TABLE core.change_seal ALTER COLUMN row_list SET STORAGE EXTERNAL;
CREATE OR REPLACE FUNCTION core.seal_change_log() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
  last core.change_seal;
  server text := (SELECT s.system_identifier::text FROM pg_control_system() s);
  continued boolean;
  from_xid xid8 := '0';
  sealed bigint;
BEGIN
  -- One sealer at a time. The statement below takes its snapshot after this lock, so it sees the seal before.
  PERFORM pg_advisory_xact_lock(hashtext('hub: seal'));
  SELECT * INTO last FROM core.change_seal ORDER BY id DESC LIMIT 1;
  continued := last.id IS NOT NULL AND last.system_identifier = server;
  IF continued THEN
    from_xid := pg_snapshot_xmin(last.sealed_snapshot::pg_snapshot);
  END IF;
  WITH batch AS (
    SELECT r.sequence, {ROW_HASH} AS hash,
           pg_visible_in_snapshot(r.xid, pg_current_snapshot()) AS ours
    FROM core.change_log r
    WHERE r.xid >= from_xid AND r.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()
      -- Continued: what the last snapshot did not see. Rows of another server are told by their sequence: their
      -- transaction ids mean nothing here.
      AND (NOT continued OR r.sequence > last.floor_sequence
           AND pg_visible_in_snapshot(r.xid, pg_current_snapshot())
           AND NOT pg_visible_in_snapshot(r.xid, last.sealed_snapshot::pg_snapshot))
      -- Restored on another server: whatever no seal lists. Happens once, so it may cost more.
      AND (continued OR last.id IS NULL OR r.sequence NOT IN (
             SELECT ('x' || encode(substr(s.row_list, (i * 16 + 1)::int, 8), 'hex'))::bit(64)::bigint
             FROM core.change_seal s, generate_series(0, s.row_count - 1) i))
  ), gathered AS (
    SELECT count(*) AS row_count, max(b.sequence) AS last_sequence,
           max(b.sequence) FILTER (WHERE NOT b.ours) AS foreign_sequence,
           string_agg(int8send(b.sequence) || substr(b.hash, 1, 8), ''::bytea ORDER BY b.sequence) AS row_list,
           string_agg(b.hash, ''::bytea ORDER BY b.sequence) AS hashes
    FROM batch b
  )
  INSERT INTO core.change_seal
    (id, sealed_snapshot, row_count, last_sequence, system_identifier, floor_sequence, row_list, chain_hash)
  SELECT coalesce(last.id, 0) + 1, pg_current_snapshot()::text, g.row_count, g.last_sequence, server,
         greatest(coalesce(last.floor_sequence, 0), coalesce(g.foreign_sequence, 0)), g.row_list,
         encode(sha256(convert_to(coalesce(last.chain_hash, '{FIRST_HASH}') || pg_current_snapshot()::text, 'UTF8')
                       || g.hashes), 'hex')
  FROM gathered g WHERE g.row_count > 0
  RETURNING row_count INTO sealed;
  RETURN coalesce(sealed, 0);
END $$;
REVOKE EXECUTE ON FUNCTION core.seal_change_log() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.seal_change_log() TO hub_app, hub_sync;
"""


@dataclass(frozen=True)
class Chain:
    """What verification found.

    Attributes:
        faults: a sentence for each fault; empty when the chain holds.
        last_hash: the hash of the newest seal, worth keeping elsewhere.
    """

    seals: int
    rows: int
    last_hash: str
    faults: list[str]


def seal() -> int:
    """Seal what has been logged since the last seal; the number of rows sealed now."""
    with db.transaction(actor="operator", command="seal") as session:
        return int(session.execute(text("SELECT core.seal_change_log()")).scalar_one())


def verify_chain(most_faults: int = 20) -> Chain:
    """Recompute every seal from the log as it is now."""
    with db.reading() as session:
        return _Verification(session, most_faults).run()


def has_seal(chain_hash: str) -> bool:
    """Whether one of the seals is this one: told by somebody who kept a hash, the chain can't have been made anew."""
    with db.reading() as session:
        return bool(
            session.execute(
                text("SELECT EXISTS (SELECT FROM core.change_seal WHERE chain_hash = :hash)"), {"hash": chain_hash}
            ).scalar_one()
        )


class _Verification:
    """One pass over all seals in order; memory for the rows of one seal at a time."""

    def __init__(self, session: Session, most_faults: int) -> None:
        self.session = session
        self.most_faults = most_faults
        self.faults: list[str] = []
        # Rows met on the way that are not in the seal at hand: another seal's, or in none.
        self.strangers: set[int] = set()
        self.highest = 0

    def run(self) -> Chain:
        before, count, rows, snapshot = FIRST_HASH, 0, 0, ""
        seals = self.session.execute(
            text("SELECT id, sealed_snapshot, row_count, row_list, chain_hash FROM core.change_seal ORDER BY id"),
            execution_options={"stream_results": True, "yield_per": 50},
        )
        for found in seals:
            count += 1
            if found.id != count:
                self._fault(_("Seal {number} is missing.").format(number=count))
                count = found.id
            listed = dict(ROW.iter_unpack(bytes(found.row_list)))
            computed = self._seal_hash(found.id, before, found.sealed_snapshot, listed)
            if computed != found.chain_hash:
                self._fault(_("Seal {number} is not the hash of its rows and the seal before.").format(number=found.id))
            before, snapshot = found.chain_hash, found.sealed_snapshot
            rows += len(listed)
            self.strangers -= listed.keys()
        self._unsealed(snapshot)
        return Chain(count, rows, before, self.faults)

    def _seal_hash(self, number: int, before: str, snapshot: str, listed: dict[int, bytes]) -> str:
        """The seal's hash as the log says now; each row that differs from the list is named."""
        whole = hashlib.sha256((before + snapshot).encode())
        left = dict(listed)
        first, last = min(self.highest + 1, min(listed)), max(listed)
        self.highest = max(self.highest, last)
        for sequence, row_hash in self._hashes(first, last):
            expected = left.pop(sequence, None)
            if expected is None:
                self.strangers.add(sequence)
                continue
            whole.update(row_hash)
            if row_hash[:8] != expected:
                self._fault(self._changed(number, sequence))
        for sequence in left:
            self._fault(_("Change {sequence}, sealed in {number}, is gone.").format(sequence=sequence, number=number))
        return whole.hexdigest()

    def _hashes(self, first: int, last: int) -> Iterator[tuple[int, bytes]]:
        found = self.session.execute(
            text(
                f"SELECT r.sequence, {ROW_HASH} AS hash FROM core.change_log r "
                "WHERE r.sequence BETWEEN :first AND :last ORDER BY r.sequence"
            ),
            {"first": first, "last": last},
            execution_options={"stream_results": True, "yield_per": 10_000},
        )
        for sequence, row_hash in found:
            yield sequence, bytes(row_hash)

    def _changed(self, number: int, sequence: int) -> str:
        row = self.session.execute(
            text("SELECT schema_name, table_name, row_key, actor, command FROM core.change_log WHERE sequence = :s"),
            {"s": sequence},
        ).one()
        return _(
            "Change {sequence} ({table} {key}, by {actor} in {command}) is not what was sealed in {number}."
        ).format(
            sequence=sequence, table=f"{row.schema_name}.{row.table_name}", key=row.row_key, actor=row.actor,
            command=row.command, number=number,
        )  # fmt: skip

    def _unsealed(self, snapshot: str) -> None:
        """Rows that no seal lists though the newest seal has seen their transaction."""
        if not snapshot:
            return
        slipped = self.session.scalars(
            text(
                "SELECT r.sequence FROM core.change_log r "
                "WHERE (r.sequence = ANY(:sequences) OR r.sequence > :highest) "
                "AND pg_visible_in_snapshot(r.xid, CAST(:snapshot AS pg_snapshot)) ORDER BY r.sequence"
            ),
            {"sequences": sorted(self.strangers), "highest": self.highest, "snapshot": snapshot},
        )
        for sequence in slipped:
            self._fault(_("Change {sequence} was slipped in: no seal knows it.").format(sequence=sequence))

    def _fault(self, sentence: str) -> None:
        if len(self.faults) < self.most_faults:
            self.faults.append(sentence)
