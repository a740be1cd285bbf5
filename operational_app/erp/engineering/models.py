"""Bills of material, work calendars, work centres, routings.

Bills and routings come in revisions. A draft is written freely; what is active stays as it is, and no two active
revisions of an item are valid on the same day. No item contains itself, however many levels down: the database says so at
commit, for everybody who writes.
"""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import (
    CompanyRow,
    column,
    quantity_column,
    reference,
    share_column,
    unit_price_column,
)
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _

# Lines follow their parent: they change only while it is a draft.
DRAFT_GUARD = """
CREATE OR REPLACE FUNCTION erp.refuse_line_of_active_{parent}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  parent bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.{parent}_id ELSE NEW.{parent}_id END;
BEGIN
  -- FOR SHARE: the draft cannot become active between this look and our commit.
  PERFORM 1 FROM erp.{parent} p WHERE p.id = parent AND p.state = 'draft' FOR SHARE;
  IF NOT FOUND OR (TG_OP = 'UPDATE' AND OLD.{parent}_id <> NEW.{parent}_id) THEN
    RAISE EXCEPTION 'erp.{parent} % is no draft: its lines stay. Enter a new revision.', parent USING ERRCODE = 'HB002';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE TRIGGER aa_draft BEFORE INSERT OR UPDATE OR DELETE ON erp.{line}
  FOR EACH ROW EXECUTE FUNCTION erp.refuse_line_of_active_{parent}();
"""

# At commit: the item of the changed bill is not found among what its components are made of. The lock makes writers of
# bills of one company take turns, so that two halves of a circle cannot be committed side by side.
CYCLE_GUARD = """
CREATE OR REPLACE FUNCTION erp.check_no_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  made bigint := (SELECT b.item_id FROM erp.bill_of_material b WHERE b.id = NEW.bill_of_material_id);
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('erp: bills of material'), NEW.company_id::int);
  IF EXISTS (
    WITH RECURSIVE inside AS (
      SELECT NEW.item_id AS item_id
      UNION
      SELECT l.item_id FROM inside i
      JOIN erp.bill_of_material b ON b.item_id = i.item_id AND b.state <> 'retired'
      JOIN erp.bill_of_material_line l ON l.bill_of_material_id = b.id)
    SELECT 1 FROM inside WHERE item_id = made) THEN
    RAISE EXCEPTION 'Item % would contain itself by way of item %.', made, NEW.item_id USING ERRCODE = 'HB020';
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS check_no_cycle ON erp.bill_of_material_line;
CREATE CONSTRAINT TRIGGER check_no_cycle AFTER INSERT OR UPDATE ON erp.bill_of_material_line
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION erp.check_no_cycle();
"""


class BillOfMaterial(CompanyRow):
    __tablename__ = "bill_of_material"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("item_id", "revision"),
        CheckConstraint("state in ('draft', 'active', 'retired')", "state"),
        CheckConstraint("valid_to >= valid_from", "dates"),
        ExcludeConstraint(
            (text("int8range(item_id, item_id, '[]')"), "&&"),
            (text("daterange(valid_from, valid_to, '[]')"), "&&"),
            name="ex_bill_of_material_one_active",
            using="gist",
            where=text("state = 'active'"),
        ),
        {
            "schema": "erp",
            "comment": "What an item is made of, by revision and validity; at most one is active on a day.",
            # An active revision may only be ended or retired: orders that were made from it refer to it.
            "info": {"posted": ("OLD.state <> 'draft'", ("state", "valid_to", "version"))},
        },
    )
    number: Mapped[str] = column("Number of the bill, gapless within the company.")
    item_id: Mapped[int] = reference("Item that is made.", "erp.item.id", index=False)
    revision: Mapped[str] = column("Name of the revision, unique for the item: A, B, 2026-1.")
    valid_from: Mapped[date] = column("First day of validity.")
    valid_to: Mapped[date | None] = column("Last day of validity; empty: still valid.")
    state: Mapped[str] = column("draft, active or retired.", default="draft")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class BillOfMaterialLine(CompanyRow):
    __tablename__ = "bill_of_material_line"
    __table_args__ = (
        UniqueConstraint("bill_of_material_id", "line_no"),
        UniqueConstraint("bill_of_material_id", "item_id"),
        CheckConstraint("quantity_per > 0", "quantity_per"),
        CheckConstraint("scrap_fraction >= 0 AND scrap_fraction < 1", "scrap_fraction"),
        {
            "schema": "erp",
            "comment": "Components of bills of material.",
            "info": {
                "guards": DRAFT_GUARD.format(parent="bill_of_material", line="bill_of_material_line") + CYCLE_GUARD
            },
        },
    )
    bill_of_material_id: Mapped[int] = reference("The bill.", "erp.bill_of_material.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    item_id: Mapped[int] = reference("Component.", "erp.item.id")
    quantity_per: Mapped[Decimal] = quantity_column("Quantity in one unit of what is made.")
    scrap_fraction: Mapped[Decimal] = share_column(
        "Part of the component that is usually lost, as a fraction: 0.05.", default=Decimal(0)
    )


class WorkCalendar(CompanyRow):
    __tablename__ = "work_calendar"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        CheckConstraint("working_days ~ '^1?2?3?4?5?6?7?$' AND working_days <> ''", "working_days"),
        {"schema": "erp", "comment": "Days on which work is done, with exceptions."},
    )
    code: Mapped[str] = column("Short code of the calendar.")
    name: Mapped[str] = column("Name of the calendar.")
    working_days: Mapped[str] = column("Days of the week that are worked, Monday is 1: 12345.")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class WorkCalendarException(CompanyRow):
    __tablename__ = "work_calendar_exception"
    __table_args__ = (
        UniqueConstraint("work_calendar_id", "work_date"),
        {"schema": "erp", "comment": "Holidays, and days of rest that are worked all the same."},
    )
    work_calendar_id: Mapped[int] = reference("The calendar.", "erp.work_calendar.id", index=False)
    work_date: Mapped[date] = column("The day.")
    is_working: Mapped[bool] = column("Whether work is done on this day.")
    note: Mapped[str | None] = column("Why: the holiday's name.")


class WorkCentre(CompanyRow):
    __tablename__ = "work_centre"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        CheckConstraint("capacity_hours > 0", "capacity_hours"),
        CheckConstraint("cost_rate >= 0", "cost_rate"),
        {"schema": "erp", "comment": "Machines and groups of people that operations are done on."},
    )
    code: Mapped[str] = column("Short code of the work centre.")
    name: Mapped[str] = column("Name of the work centre.")
    work_calendar_id: Mapped[int] = reference("Calendar of its working days.", "erp.work_calendar.id")
    capacity_hours: Mapped[Decimal] = quantity_column("Hours of work that it can do on one working day.")
    cost_rate: Mapped[Decimal] = unit_price_column("Cost of one hour, in the company's currency.")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class Routing(CompanyRow):
    __tablename__ = "routing"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("item_id", "revision"),
        CheckConstraint("state in ('draft', 'active', 'retired')", "state"),
        CheckConstraint("valid_to >= valid_from", "dates"),
        ExcludeConstraint(
            (text("int8range(item_id, item_id, '[]')"), "&&"),
            (text("daterange(valid_from, valid_to, '[]')"), "&&"),
            name="ex_routing_one_active",
            using="gist",
            where=text("state = 'active'"),
        ),
        {
            "schema": "erp",
            "comment": "The operations that make an item, by revision and validity; at most one is active on a day.",
            "info": {"posted": ("OLD.state <> 'draft'", ("state", "valid_to", "version"))},
        },
    )
    number: Mapped[str] = column("Number of the routing, gapless within the company.")
    item_id: Mapped[int] = reference("Item that is made.", "erp.item.id", index=False)
    revision: Mapped[str] = column("Name of the revision, unique for the item: A, B, 2026-1.")
    valid_from: Mapped[date] = column("First day of validity.")
    valid_to: Mapped[date | None] = column("Last day of validity; empty: still valid.")
    state: Mapped[str] = column("draft, active or retired.", default="draft")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class RoutingOperation(CompanyRow):
    __tablename__ = "routing_operation"
    __table_args__ = (
        UniqueConstraint("routing_id", "line_no"),
        CheckConstraint("setup_hours >= 0 AND run_hours >= 0 AND setup_hours + run_hours > 0", "hours"),
        {
            "schema": "erp",
            "comment": "Operations of routings, in their order.",
            "info": {"guards": DRAFT_GUARD.format(parent="routing", line="routing_operation")},
        },
    )
    routing_id: Mapped[int] = reference("The routing.", "erp.routing.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    work_centre_id: Mapped[int] = reference("Where it is done.", "erp.work_centre.id")
    description: Mapped[str] = column("What is done.")
    setup_hours: Mapped[Decimal] = quantity_column("Hours to set up, once an order.")
    run_hours: Mapped[Decimal] = quantity_column("Hours for one unit.")


STATES = {"draft": _("draft"), "active": _("active"), "retired": _("retired")}

bill_of_material = Document(
    name="bill_of_material",
    module="erp",
    model=BillOfMaterial,
    title=_("Bill of materials"),
    plural=_("Bills of materials"),
    prefix="BOM",
    columns=("number", "item_id", "revision", "valid_from", "valid_to", "state"),
    search=("number", "revision"),
    states=STATES,
    lines=(
        Lines(
            name="lines",
            model=BillOfMaterialLine,
            parent="bill_of_material_id",
            title=_("Components"),
            columns=("line_no", "item_id", "quantity_per", "scrap_fraction"),
            order_by="line_no",
        ),
    ),
)

work_calendar = Document(
    name="work_calendar",
    module="erp",
    model=WorkCalendar,
    title=_("Work calendar"),
    plural=_("Work calendars"),
    label="name",
    columns=("code", "name", "working_days"),
    search=("code", "name"),
    lines=(
        Lines(
            name="exceptions",
            model=WorkCalendarException,
            parent="work_calendar_id",
            title=_("Exceptions"),
            columns=("work_date", "is_working", "note"),
            order_by="work_date",
        ),
    ),
)

work_centre = Document(
    name="work_centre",
    module="erp",
    model=WorkCentre,
    title=_("Work centre"),
    plural=_("Work centres"),
    label="name",
    columns=("code", "name", "work_calendar_id", "capacity_hours", "cost_rate"),
    search=("code", "name"),
)

routing = Document(
    name="routing",
    module="erp",
    model=Routing,
    title=_("Routing"),
    plural=_("Routings"),
    prefix="RT",
    columns=("number", "item_id", "revision", "valid_from", "valid_to", "state"),
    search=("number", "revision"),
    states=STATES,
    lines=(
        Lines(
            name="lines",
            model=RoutingOperation,
            parent="routing_id",
            title=_("Operations"),
            columns=("line_no", "work_centre_id", "description", "setup_hours", "run_hours"),
            order_by="line_no",
        ),
    ),
)
