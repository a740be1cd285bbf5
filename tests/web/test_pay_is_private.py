"""Pay is the person's and payroll's: every role walks through every page, endpoint, file, search and report."""

import base64
import re
import zlib
from collections.abc import Iterator

import psycopg
import pytest
from fastapi import FastAPI

import hub_settings
from operational_app import modules
from operational_app.core.document import DOCUMENTS
from operational_app.core.policy import roles_from_file
from operational_app.reports import REPORTS
from tests.conftest import Copies, Store, pointed_at
from tests.hr.payday import agree, approve_and_post, scheme, start
from tests.hr.staff import join
from tests.web.conftest import People

modules.load()
OTHERS = sorted(set(roles_from_file()) - {"payroll"})
CARD, ACCOUNT = "11010519491231002X", "6222021234567890123"
# Salaries that nothing else in the store comes to, and what follows from them.
SALARIES = ("17013.57", "17027.31", "17041.93")


@pytest.fixture
def paid(store: Store) -> dict[str, dict]:
    return january(store)


def january(store: Store) -> dict[str, dict]:
    """Three people of one office, paid for January; one has given an identity card and an account."""
    scheme(store)
    office = store.run("hr", "add_department", code="O", name="Office")
    staff = {}
    for name, salary in zip(("Wei", "Lin", "Mei"), SALARIES, strict=True):
        staff[name.lower()] = join(store, name, office)
        agree(store, staff[name.lower()], salary)
    store.on("hr", "record_identity", staff["wei"], start_date="2026-01-01", national_id=CARD, bank_account=ACCOUNT)
    approve_and_post(store, start(store, "2026-01"))
    return staff


def secrets(store: Store) -> set[str]:
    """Every amount of anyone's pay that is unlike an everyday number, as files and as pages write it."""
    amounts = {
        amount
        for row in store.rows(
            "SELECT gross_amount, net_pay_amount, income_tax_amount, taxable_amount, insurance_employee_amount, "
            "insurance_employer_amount, year_taxable_amount FROM hr.payslip"
        )
        for amount in row
        if amount > 100
    }
    return {f"{a:.2f}" for a in amounts} | {f"{a:,.2f}" for a in amounts}


def addresses(store: Store) -> Iterator[str]:
    for document in DOCUMENTS.values():
        address = f"/{document.module}/{document.path}"
        yield from (address, f"/api{address}?limit=50", f"{address}.csv")
        table = document.model.__table__
        if document.module in ("hr", "finance", "oa"):
            for (row_id,) in store.rows(f"SELECT id FROM {table.schema}.{table.name} ORDER BY id LIMIT 2"):
                yield from (f"{address}/{row_id}", f"/api{address}/{row_id}")
    for name in REPORTS:
        yield from (f"/reports/{name}", f"/reports/{name}.csv", f"/api/reports/{name}?company=DEMO")
    yield from ("/search?q=PAY", "/search?q=Wei", "/notifications", "/", "/hr/payslips/1.pdf", "/api/hr/payslips/1.pdf")


@pytest.fixture(scope="module")
def after_january(store_copies: Copies) -> Iterator[Store]:
    """One store for all roles: they only look."""
    name = store_copies.take()
    with pointed_at(name):
        with psycopg.connect(hub_settings.database_url(None)) as connection:
            users = dict(connection.execute("SELECT username, id FROM core.app_user").fetchall())
        store = Store(name, users)
        january(store)
        yield store
    store_copies.give_back(name)


@pytest.mark.parametrize("role", OTHERS)
def test_no_role_but_payroll_meets_pay_anywhere(role: str, after_january: Store, app: FastAPI) -> None:
    store = after_january
    person, hidden, met = People(app)[role], secrets(store), 0
    for address in addresses(store):
        answer = person.get(address)
        assert answer.status_code < 500, address
        assert not [amount for amount in hidden if amount in answer.text], (role, address)
        if role != "hr":
            assert CARD not in answer.text and ACCOUNT not in answer.text, (role, address)
        met += answer.status_code == 200
    assert met > 10
    assert store.value("SELECT count(*) FROM hr.pay_reading") == 0


def test_the_person_sees_the_own_payslip_and_no_colleagues(store: Store, paid: dict, app: FastAPI) -> None:
    wei = People(app)["wei"]
    items = wei.get("/api/hr/payslips").json()["items"]
    assert [item["gross_amount"] for item in items] == ["17013.57"]
    own = items[0]["id"]
    others = [row for (row,) in store.rows("SELECT id FROM hr.payslip WHERE id <> %s", own)]
    for other in others:
        for address in (f"/hr/payslips/{other}", f"/api/hr/payslips/{other}", f"/hr/payslips/{other}.pdf"):
            assert wei.get(address).status_code == 404
    page = wei.get(f"/hr/payslips/{own}")
    assert "17,013.57" in page.text and f"/hr/payslips/{own}.pdf" in page.text
    agreement = wei.get("/api/hr/pay_agreements").json()["items"]
    assert [item["monthly_salary"] for item in agreement] == ["17013.57"]
    assert [i["national_id"] for i in wei.get(f"/api/hr/employees/{paid['wei']['id']}").json()["identities"]] == [CARD]


def test_every_look_at_pay_is_written_down_and_shown_to_the_person(store: Store, paid: dict, app: FastAPI) -> None:
    people = People(app)
    slip = store.value("SELECT id FROM hr.payslip WHERE employee_id = %s", paid["wei"]["id"])
    for address in (f"/hr/payslips/{slip}", f"/api/hr/payslips/{slip}", f"/hr/payslips/{slip}.pdf"):
        assert people["payroll"].get(address).status_code == 200
    people["payroll"].get("/hr/payslips.csv")
    looks = people["wei"].get("/api/hr/pay_readings").json()["items"]
    assert {(look["document_type"], look["document_id"]) for look in looks} == {("payslip", slip)}
    assert {look["reader_id"] for look in looks} == {store.users["payroll"]}
    assert len(looks) >= 4
    # Of the colleagues' pay that payroll's list showed, Wei hears nothing.
    assert store.value("SELECT count(DISTINCT employee_id) FROM hr.pay_reading") == 3


def written_in(pdf: bytes) -> str:
    """The text of a PDF whose only font takes UTF-16: what its streams write, one piece a line."""
    pieces = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.S):
        content = zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
        for found in re.findall(rb"\(((?:\\.|[^\\()])*)\) Tj", content, re.S):
            plain = re.sub(
                rb"\\([0-7]{3}|.)",
                lambda m: bytes([int(m[1], 8)]) if len(m[1]) == 3 else ESCAPES.get(m[1], m[1]),
                found,
            )
            pieces.append(plain.decode("utf-16-be"))
    return "\n".join(pieces)


ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def test_the_payslip_is_a_pdf_and_a_chinese_reader_gets_a_chinese_one(store: Store, paid: dict, app: FastAPI) -> None:
    payroll = People(app)["payroll"]
    slip = store.value("SELECT id FROM hr.payslip ORDER BY id LIMIT 1")
    answer = payroll.get(f"/hr/payslips/{slip}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    text = written_in(answer.content)
    assert "17,013.57" in text and "Wei" in text and "Salary" in text
    with psycopg.connect(hub_settings.database_url("hub_owner")) as owner:
        owner.execute("UPDATE core.app_user SET language = 'zh_Hans' WHERE username = 'payroll'")
    chinese = written_in(payroll.get(f"/api/hr/payslips/{slip}.pdf").content)
    assert "基本工资" in chinese and "实发" in chinese and "Salary" not in chinese


def test_the_summary_is_payrolls_and_merges_the_few(store: Store, paid: dict, app: FastAPI) -> None:
    people = People(app)
    rows = people["payroll"].get("/api/reports/payroll-summary?company=DEMO").json()["rows"]
    assert [(row["period"], row["name"], row["head_count"], row["gross"]) for row in rows] == [
        ("2026-01", "Office", 3, "51082.81")
    ]
    for role in ("accountant", "manager", "hr"):
        assert people[role].get("/api/reports/payroll-summary?company=DEMO").status_code == 403
    for day, known in (("2000-01-01", []), ("2100-01-01", rows)):
        address = f"/api/reports/payroll-summary?company=DEMO&as_known={day}"
        assert people["payroll"].get(address).json()["rows"] == known
