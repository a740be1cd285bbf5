"""Data trust: which publication this is, how fresh its sources are, what its certificate compared, how good the loads were,
and the publications before it, each of which any page can be opened at."""

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from dashboards import display, tables, warehouse
from dashboards.gate import DASHBOARD
from dashboards.i18n import _
from dashboards.tables import Cell, Column, Row, Table
from dashboards.visit import PUBLICATION, Visit
from pipelines.publication import PASSED, Publication

MOST = 30


def page(visit: Visit) -> None:
    """Draw the page."""
    st.title(str(_("Data trust")), anchor=False)
    st.caption(str(_("Can these figures be relied upon, up to when, and what was shown before?")))
    _cards(visit)
    record = visit.shown.certificate
    titles = {
        "certificate": str(_("Certificate")),
        "loads": str(_("Freshness and loads")),
        "quality": str(_("Quality")),
        "publications": str(_("Publications")),
    }
    tab = st.segmented_control(
        str(_("Section")), list(titles), default="certificate", required=True, format_func=titles.__getitem__,
        label_visibility="collapsed", key="trust-tab",
    )  # fmt: skip
    if tab == "certificate":
        _show(certificate_table(record))
        st.caption(_("Seal of the certificate (SHA-256): {seal}").format(seal=record.get("sha256", display.NOTHING)))
    elif tab == "publications":
        _show(publications_table(visit.shown.id))
    elif not visit.scope.companies(DASHBOARD).everywhere:
        # Counts are of whole tables, whose rows belong to all companies.
        st.info(str(_("Loads and quality are of all companies together: your role is held in some of them only.")))
    elif tab == "loads":
        _show(sources_table(visit.shown))
        _show(loads_table(visit.shown))
    else:
        _show(quality_table(visit.shown))


def _show(table: Table) -> None:
    st.subheader(table.title, anchor=False)
    if table.rows:
        st.html(tables.drawn(table, tall=len(table.rows) > MOST))
    else:
        st.caption(str(_("Nothing is recorded.")))


def _cards(visit: Visit) -> None:
    shown, record = visit.shown, visit.shown.certificate
    checks = record.get("checks", [])
    held = sum(bool(check["passed"]) for check in checks)
    taken = record.get("watermarks", {}).get("lake", {}).get("taken_at")
    cards = (
        (_("Publication"), str(shown.id), _("published {at}").format(at=display.moment(shown.published_at))),
        (
            _("Certificate"),
            str(_("passed") if record.get("verdict") == PASSED else _("failed")),
            _("{held} of {all} checks hold").format(held=held, all=len(checks)),
        ),
        (
            _("Own data as of"),
            # The moment in full is too long for a card's figure.
            display.day_name(datetime.fromisoformat(taken)) if taken else display.NOTHING,
            f"{display.moment(datetime.fromisoformat(taken))}, {_age(datetime.fromisoformat(taken))}" if taken else "",
        ),
        (_("Snapshot of the lake"), str(shown.lake_snapshot), str(_("read-only, never changed"))),
    )
    for place, (label, value, note) in zip(st.columns(4), cards, strict=True):
        with place.container(border=True, height="stretch", key=f"card-trust-{label}"):
            st.metric(str(label), value)
            st.caption(note)


def _age(at: datetime) -> str:
    hours = int((datetime.now(UTC) - at).total_seconds() // 3600)
    return _("{count} hours ago").format(count=hours) if hours < 48 else _("{count} days ago").format(count=hours // 24)


def _columns(*labels: tuple[Any, tables.Kind]) -> tuple[Column, ...]:
    return tuple(Column(str(label), kind) for label, kind in labels)


def certificate_table(record: dict[str, Any]) -> Table:
    """Every check and whether it held. What it counted is of all companies and of pay too, so that is not shown."""
    rows = [
        Row(
            (
                Cell(check["check"].replace("_", " ")),
                Cell(
                    str(_("holds") if check["passed"] else _("does not hold")),
                    tone="good" if check["passed"] else "bad",
                ),
                Cell(len(check.get("differences", ()))),
            )
        )
        for check in sorted(record.get("checks", []), key=lambda check: check["passed"])
    ]
    columns = _columns((_("Check"), "text"), (_("Result"), "text"), (_("Differences"), "count"))
    return Table("certificate", str(_("What was compared before this was published")), columns, rows)


def sources_table(shown: Publication) -> Table:
    rows = [
        Row((Cell(row["source"]), Cell(row["at"]), Cell(row["loads"]), Cell(row["rows"])))
        for row in warehouse.record(shown, "sources")
    ]
    columns = _columns(
        (_("Source"), "text"), (_("Last load"), "text"), (_("Loads"), "count"), (_("Rows brought in"), "count")
    )
    return Table("sources", str(_("Freshness of the sources")), columns, rows)


def loads_table(shown: Publication) -> Table:
    names = ("source", "kind", "finished_at", "rows_inserted", "rows_updated", "rows_deleted", "rows_quarantined")
    rows = [Row(tuple(Cell(row[name]) for name in names)) for row in warehouse.record(shown, "loads")]
    columns = _columns(
        (_("Source"), "text"), (_("Kind"), "text"), (_("Finished"), "text"), (_("Inserted"), "count"),
        (_("Changed"), "count"), (_("Removed"), "count"), (_("Held back"), "count"),
    )  # fmt: skip
    return Table("loads", str(_("Latest loads")), columns, rows)


def quality_table(shown: Publication) -> Table:
    names = (
        "checked_at",
        "tables",
        "rows_checked",
        "expectations",
        "expectations_failed",
        "rows_broken",
        "rows_waiting",
    )
    rows = [
        Row(
            tuple(
                Cell(row[name], tone="bad" if name in ("expectations_failed", "rows_broken") and row[name] else "")
                for name in names
            )
        )
        for row in warehouse.record(shown, "quality")
    ]
    columns = _columns(
        (_("Checked"), "text"), (_("Tables"), "count"), (_("Rows checked"), "count"), (_("Expectations"), "count"),
        (_("Of these failed"), "count"), (_("Rows broken"), "count"), (_("Rows waiting"), "count"),
    )  # fmt: skip
    return Table("quality", str(_("Quality of the loads")), columns, rows)


def publications_table(shown_id: int) -> Table:
    rows = []
    known = warehouse.every()
    for one in known[:MOST]:
        passed = one.certificate.get("verdict") == PASSED
        # The pages at that publication: the address says which.
        link = f"finance?{PUBLICATION}={one.id}"
        number = _("{id}, shown now").format(id=one.id) if one.id == shown_id else str(one.id)
        rows.append(
            Row(
                (
                    Cell(number, link),
                    Cell(one.published_at),
                    Cell(one.published_by or ""),
                    Cell(str(_("passed") if passed else _("failed")), tone="good" if passed else "bad"),
                    Cell(one.lake_snapshot),
                    # The oldest has none before it to be compared with.
                    Cell(str(_("What has changed")), f"changes?{PUBLICATION}={one.id}")
                    if one != known[-1]
                    else Cell(""),
                )
            )
        )
    columns = _columns(
        (_("Publication"), "text"), (_("Published"), "text"), (_("By"), "text"), (_("Certificate"), "text"),
        (_("Snapshot of the lake"), "count"), (_("Since the one before"), "text"),
    )  # fmt: skip
    return Table("publications", str(_("Publications: open the pages at any of them")), columns, rows)
