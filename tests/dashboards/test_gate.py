"""The gate: a query sees the rows and columns of its scope, whatever the page wrote, and nothing else is read."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from dashboards import warehouse
from dashboards.gate import MARTS, NotGated, gated, marts_of
from dashboards.metrics import MEASURES
from dashboards.policy import Companies, Scope, Viewer, scope_of
from pipelines.publication import Publication
from tests.conftest import Store

NOBODY = Scope()
OWN_ROWS = "SELECT count(*) AS n FROM"


def count(shown: Publication, scope: Scope, mart: str) -> int:
    return warehouse.read(shown, scope, f"{OWN_ROWS} {mart}").column("n")[0].as_py()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM lake.marts.fct_sales_order",
        "SELECT * FROM marts.fct_sales_order",
        "SELECT * FROM raw_core.user_session",
        "SELECT * FROM read_csv('anything.csv')",
        "SELECT * FROM 'anything.parquet'",
        "SELECT * FROM duckdb_secrets()",
        "SELECT * FROM (SELECT * FROM dim_company WHERE company_id IN (SELECT token_hash FROM user_session))",
        "WITH fct_sales_order AS (SELECT 1) SELECT * FROM fct_sales_order",
        "SELECT 1; SELECT 2",
        "DELETE FROM dim_company",
        "COPY dim_company TO 'out.csv'",
    ],
)
def test_whatever_is_not_a_select_over_open_marts_is_refused(sql: str) -> None:
    with pytest.raises(NotGated):
        gated(sql, Scope((("dashboard_executive", Companies(everywhere=True)),)))


def test_names_of_the_querys_own_are_let_through() -> None:
    assert marts_of("WITH a AS (SELECT * FROM dim_company) SELECT * FROM a, range(3)") == ("dim_company",)


def test_without_rights_every_mart_is_empty(shown: Publication) -> None:
    assert {mart: count(shown, NOBODY, mart) for mart in MARTS if mart in BUILT} == dict.fromkeys(BUILT, 0)


BUILT = (
    "dim_company", "dim_customer", "dim_supplier", "dim_employee", "dim_department", "dim_item", "dim_ledger_account",
    "dim_date", "fct_sales_order", "fct_sales_order_line", "fct_journal_line", "fct_margin_line", "fct_employment",
    "fct_company_monthly",
)  # fmt: skip


def test_a_right_in_one_company_opens_that_company_only(shown: Publication, viewer: Callable[[str], Viewer]) -> None:
    scope = viewer("westerner").scope
    everyone = viewer("manager").scope
    for mart in ("dim_company", "fct_sales_order", "fct_journal_line", "fct_employment", "fct_company_monthly"):
        ids = warehouse.read(shown, scope, f"SELECT DISTINCT company_id FROM {mart}").column(0).to_pylist()
        assert ids == ["hub:2"], mart
        assert 0 < count(shown, scope, mart) < count(shown, everyone, mart)
    names = warehouse.read(shown, scope, "SELECT customer_name FROM dim_customer").column(0).to_pylist()
    assert names == ["Customer of WEST"]


def test_a_column_is_empty_where_its_entity_may_not_be_read(
    shown: Publication, viewer: Callable[[str], Viewer]
) -> None:
    sql = "SELECT max(headcount) AS people, max(revenue) AS revenue FROM fct_company_monthly WHERE company_id = 'hub:1'"
    seen = {name: warehouse.read(shown, viewer(name).scope, sql).to_pylist()[0] for name in ("manager", "accountant")}
    assert seen["manager"] == {"people": 2, "revenue": Decimal("1101.100000")}
    assert seen["accountant"] == {"people": None, "revenue": Decimal("1101.100000")}
    assert count(shown, viewer("accountant").scope, "fct_employment") == 0


@pytest.mark.parametrize("role", ["sales", "warehouse", "buyer", "planner", "hr", "payroll"])
def test_roles_without_the_dashboard_see_no_row_of_it(
    role: str, shown: Publication, viewer: Callable[[str], Viewer]
) -> None:
    scope = viewer(role).scope
    assert [mart for mart in BUILT if count(shown, scope, mart)] == []


def test_a_role_sees_no_more_in_the_warehouse_than_in_the_app(
    published: Store, viewer: Callable[[str], Viewer]
) -> None:
    """Golden case G14, for measures: who reads a figure may read its rows' entity in the app, company by company."""
    from operational_app.core import db
    from operational_app.core.policy import load_principal

    for username, user_id in published.users.items():
        scope = viewer(username).scope
        with db.reading() as session:
            principal = load_principal(session, user_id)
        for measure in MEASURES.values():
            there = scope.companies("dashboard_executive", measure.entity)
            here = principal.may_read(measure.entity)
            # Rows of whole companies: those of a department or of one's own open no figure of a company.
            assert here.everywhere or {f"hub:{number}" for number in here.companies.ids} >= set(there.ids)
            assert here.everywhere or not there.everywhere


def test_rights_add_up_over_roles() -> None:
    scope = scope_of([("a", 1), ("a", 2), ("b", 2), ("c", None), ("c", 1)])
    assert scope.companies("a", "b") == Companies(ids=("hub:2",))
    assert scope.companies("a", "c") == Companies(ids=("hub:1", "hub:2"))
    assert scope.companies("c").everywhere
    assert not scope.companies("a", "unknown")
