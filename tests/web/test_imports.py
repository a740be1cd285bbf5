"""Files into documents: all or nothing, mistakes by row and column, the same file once; by page, API and command line."""

import base64
import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from operational_app.core import bulk
from operational_app.core.command import COMMANDS
from operational_app.core.errors import NotPermitted
from operational_app.core.execute import execute
from tests.conftest import Store
from tests.web.conftest import DAY, People

ORDERS = f"""Document,Customer,Date,Stock location,Item,Quantity,Unit price
A,C-00001,{DAY},MAIN,CHAIR,2,
A,,,,Chair,"1,000.5",90.50
B,Nordwind GmbH,{DAY},Main store,CHAIR Chair,３,
"""


def sends(people: People, content: str | bytes, /, who: str = "sales", name: str = "orders.csv", **more: str) -> Any:
    person = people[who]
    raw = content.encode() if isinstance(content, str) else content
    return person.browser.post(
        f"/import/{more.pop('command', 'enter_sales_order')}",
        data={"csrf": person.csrf, "key": more.pop("key", "k"), **more},
        files={"file": (name, raw)},
    )


def orders(store: Store) -> list[tuple[Any, ...]]:
    return store.rows(
        "SELECT o.number, c.number, l.line_no, trim_scale(l.quantity)::text, trim_scale(l.unit_price)::text "
        "FROM erp.sales_order o JOIN core.party_role c ON c.id = o.customer_id "
        "JOIN erp.sales_order_line l ON l.sales_order_id = o.id ORDER BY o.id, l.line_no"
    )


def test_a_file_of_orders_becomes_orders_with_their_lines(people: People, store: Store, shop: dict) -> None:
    done = sends(people, ORDERS)
    assert done.status_code == 303, done.text
    assert orders(store) == [
        ("SO-2026-00001", "C-00001", 1, "2", "100"),
        ("SO-2026-00001", "C-00001", 2, "1000.5", "90.5"),
        ("SO-2026-00002", "C-00002", 1, "3", "100"),
    ]
    shown = people["sales"].get(done.headers["location"])
    assert "SO-2026-00002" in shown.text and "orders.csv" in shown.text
    store.verify()


def test_every_mistake_is_said_at_once_by_row_and_column_and_nothing_is_saved(
    people: People, store: Store, shop: dict
) -> None:
    wrong = ORDERS + f"C,C-09999,{DAY},MAIN,CHAIR,-1,abc\nC,C-00002,,,LAMP,1,\n"
    answer = sends(people, wrong)
    assert answer.status_code == 422
    for text in (
        "C-09999",
        "There is no Customer",
        "Enter more than 0.",
        "Enter a number",
        "Row 5 says something else.",
    ):
        assert text in answer.text, text
    assert orders(store) == []
    by_program = people["sales"].command(
        "core", "import_file", company="DEMO", command="enter_sales_order", file_name="o.csv", content=wrong
    )
    assert by_program.status_code == 422
    assert set(by_program.json()["fields"]) == {
        "rows.5.customer_id",
        "rows.5.quantity",
        "rows.5.unit_price",
        "rows.6.customer_id",
        "rows.6.item_id",
    }


def test_what_a_command_refuses_is_said_beside_its_row_and_takes_the_others_back(
    people: People, store: Store, shop: dict
) -> None:
    blocked = store.rows("SELECT id, version FROM core.party_role WHERE number = 'C-00002'")[0]
    store.run("accountant", "block_customer", id=blocked[0], version=blocked[1])
    answer = sends(people, ORDERS)
    assert answer.status_code == 422 and "Nordwind GmbH" in answer.text and orders(store) == []
    assert store.value("SELECT count(*) FROM core.number_sequence WHERE series = 'sales_order:2026'") == 0


def test_entries_that_do_not_balance_are_found_though_the_store_checks_them_at_the_end(
    people: People, store: Store, shop: dict
) -> None:
    headings = "单据,记账日期,说明,会计科目,明细行: 说明,借方,贷方\n"
    rows = headings + f"1,{DAY},x,1001,,5,\n1,,,6601,,,5\n2,{DAY},y,1001,,5,\n2,,,6601,,,4\n"
    answer = people["accountant"].command(
        "core", "import_file", company="DEMO", command="post_journal_entry", file_name="j.csv", content=rows
    )
    assert answer.status_code == 422, answer.text
    assert set(answer.json()["fields"]) == {"rows.4"}, answer.text


def test_the_same_file_is_recognised_and_the_same_request_gets_its_first_answer(
    people: People, store: Store, shop: dict
) -> None:
    first = sends(people, ORDERS, key="one")
    again = sends(people, ORDERS, key="one")
    assert again.status_code == 303 and again.headers["location"] == first.headers["location"]
    renamed = sends(people, ORDERS, key="two", name="copy.csv")
    assert renamed.status_code == 409 and "IM-2026-00001" in renamed.text
    assert len(orders(store)) == 3


def test_a_file_is_only_checked_where_that_is_asked_for(people: People, store: Store, shop: dict) -> None:
    checked = sends(people, ORDERS, check="true")
    assert checked.status_code == 200 and "would bring 2 documents" in checked.text and orders(store) == []
    person = people["sales"]
    headers = {"X-CSRF-Token": person.csrf, "Idempotency-Key": "dry", "Content-Type": "text/csv"}
    address = "/api/imports/enter_sales_order?company=DEMO"
    dry = person.browser.post(address + "&dry_run=true", content=ORDERS.encode(), headers=headers)
    assert dry.status_code == 200 and dry.json()["details"]["document_count"] == 2 and orders(store) == []
    wet = person.browser.post(address, content=ORDERS.encode(), headers=headers)
    assert wet.status_code == 200, wet.text
    assert person.browser.post(address, content=ORDERS.encode(), headers=headers).json() == wet.json()
    assert len(orders(store)) == 3


def test_the_template_in_chinese_filled_in_excel_comes_back_as_documents(
    people: People, store: Store, shop: dict
) -> None:
    sales = people["sales"]
    sales.send("/language", language="zh_Hans", next="/")
    file = sales.get("/import/enter_sales_order.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    sheet = book.worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    values = {
        "单据": 1,
        "客户": "Lily's Café",
        "日期": date(2026, 3, 2),
        "库位": "MAIN",
        "物料": "CHAIR",
        "数量": 2.5,
    }
    assert set(values) <= set(headings), headings
    sheet.append([values.get(heading) for heading in headings])
    buffer = io.BytesIO()
    book.save(buffer)
    done = sends(people, buffer.getvalue(), name="订单.xlsx")
    assert done.status_code == 303, done.text
    assert orders(store) == [("SO-2026-00001", "C-00001", 1, "2.5", "100")]


def test_a_csv_file_as_excel_saves_it_in_china_is_read(people: People, store: Store) -> None:
    text = "名称;信用额度\n北京木业;1000\n".encode("gb2312")
    done = sends(people, text, command="register_customer", name="客户.csv")
    assert done.status_code == 303, done.text
    assert store.rows("SELECT name FROM core.party") == [("北京木业",)]


def test_who_may_not_enter_a_document_brings_none_in_by_a_file(people: People, store: Store, shop: dict) -> None:
    assert sends(people, ORDERS, who="hr").status_code == 403
    assert people["hr"].get("/import/enter_sales_order").status_code == 403
    body = {"company": "DEMO", "command": "enter_sales_order", "file_name": "o.csv", "content": ORDERS}
    assert people["hr"].command("core", "import_file", **body).status_code == 403
    assert people["sales"].get("/import/import_journal").status_code == 422


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04 no workbook", "a.xlsx"),
        (b"", "a.csv"),
        (b"\xff\xfe\x00\x00\xff", "a.csv"),
        (b'"', "a.csv"),
        (b"Document,Customer\n", "a.csv"),
        (b"\x00,\x00\n\x00,1\n", "a.csv"),
        (b"Document,Customer,Date,Stock location,Item,Quantity\nA,\x00,2026-03-02,MAIN,CHAIR,1\n", "a.csv"),
    ],
)
def test_no_file_breaks_the_page(people: People, shop: dict, content: bytes, name: str) -> None:
    answer = sends(people, content, name=name)
    assert answer.status_code == 422, answer.text
    encoded = base64.b64encode(content).decode() if name.endswith("xlsx") else content.decode("latin-1")
    by_program = people["sales"].command(
        "core", "import_file", company="DEMO", command="enter_sales_order", file_name=name, content=encoded
    )
    assert by_program.status_code == 422, by_program.text


def test_the_command_line_checks_and_brings_in(store: Store, shop: dict, tmp_path: Path) -> None:
    from operational_app.cli.imports import import_

    file = tmp_path / "orders.csv"
    file.write_text(ORDERS, encoding="utf-8")
    run = CliRunner()
    arguments = ["sales-order", str(file), "--company", "DEMO", "--as", "sales"]
    dry = run.invoke(import_, [*arguments, "--dry-run"], catch_exceptions=False)
    assert dry.exit_code == 0 and orders(store) == []
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(ORDERS.replace(",2,", ",two,"), encoding="utf-8")
    refused = run.invoke(import_, ["sales-order", str(wrong), "--company", "DEMO", "--as", "sales"])
    assert "row 2, quantity: Enter a number" in refused.exception.hub_message  # type: ignore[union-attr]
    wet = run.invoke(import_, arguments, catch_exceptions=False)
    assert wet.exit_code == 0 and len(orders(store)) == 3


def test_the_operator_at_the_machine_brings_in_what_other_systems_kept_and_an_administrator_does_not(
    people: People, store: Store, shop: dict
) -> None:
    body = {"company": "DEMO", "command": "enter_sales_order", "file_name": "orders.csv", "content": ORDERS}
    with pytest.raises(NotPermitted):
        execute(store.users["administrator"], "import_file", body, "a")
    made = execute(store.users["operator"], "import_file", body, "o")
    assert made["details"]["document_count"] == 2 and len(orders(store)) == 3
    assert store.value("SELECT DISTINCT actor FROM core.change_log WHERE table_name = 'sales_order'") == "operator"
    with pytest.raises(NotPermitted):
        store.run("operator", "enter_sales_order", customer_id=1, business_date=DAY, stock_location_id=1, lines=[])


def test_every_command_that_enters_a_document_has_columns_that_are_told_apart() -> None:
    from operational_app import modules

    modules.load()
    taking = [command for command in COMMANDS.values() if bulk.importable(command)]
    assert {"enter_sales_order", "register_customer", "add_item", "enter_purchase_order", "post_journal_entry"} <= {
        command.name for command in taking
    }
    for command in taking:
        headings = [heading for heading, _column in bulk.headings(command)]
        assert len(headings) == len(set(headings)), (command.name, headings)
        known = bulk.known_headings(command.name)
        for heading, column in bulk.headings(command):
            assert bulk.is_column(known, heading, column.name if column else bulk.KEY), (command.name, heading)
