"""Bank statements as banks send them: CAMT.053 and CSV, and what is wrong with some."""

from decimal import Decimal
from pathlib import Path

import pytest

from operational_app import cli
from operational_app.core.errors import Refusal
from operational_app.finance.treasury.rules import amounts
from operational_app.finance.treasury.rules.statements import (
    Candidate,
    StatementLine,
    matching,
    read_statement,
    the_one,
)
from tests.commandline import hub
from tests.conftest import Store

CAMT = """<?xml version="1.0" encoding="ISO-8859-1"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt>
<Id>S-17</Id><Acct><Id><IBAN>DE02 1203 0000 0000 2020 51</IBAN></Id><Ccy>CNY</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">287.50</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="CNY">200.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-05</Dt></BookgDt>
<AcctSvcrRef>R1</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>Nordwind GmbH</Nm></Pty></Dbtr></RltdPties>
<RmtInf><Ustrd>SI-2026-00001</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="CNY">12.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><DtTm>2026-03-31T08:00:00</DtTm></BookgDt>
<AddtlNtryInf>Fees</AddtlNtryInf></Ntry>
<Ntry><Amt Ccy="CNY">9.99</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""


def test_a_camt_statement_is_read_with_its_balances_and_without_what_is_pending() -> None:
    found = read_statement(CAMT)
    assert found.mistakes == {}
    assert (found.reference, found.account, found.currency) == ("S-17", "DE02 1203 0000 0000 2020 51", "CNY")
    assert [(str(line.day), str(line.amount), line.party, line.description) for line in found.lines] == [
        ("2026-03-05", "200.00", "Nordwind GmbH", "SI-2026-00001"),
        ("2026-03-31", "-12.50", None, "Fees"),
    ]
    # Without the bank's own reference a line is known by what it says, the same at each import.
    assert found.lines[0].reference == "R1"
    assert found.lines[1].reference == read_statement(CAMT).lines[1].reference


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE Document [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE Document SYSTEM "file:///etc/passwd">',
        "<!DOCTYPE Document>",
    ],
)
def test_a_document_type_is_refused_before_anything_is_expanded(declared: str) -> None:
    found = read_statement(CAMT.replace("<Document", declared + "<Document", 1))
    assert list(found.mistakes) == ["1"] and found.lines == []
    assert "document type" in str(found.mistakes["1"])


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("287.50", "287.51", "balance"),
        ("DBIT</CdtDbtInd><Sts>BOOK", "WRNG</CdtDbtInd><Sts>BOOK", "Ntry 2.Amt"),
        ("2026-03-05", "spring", "Ntry 1.BookgDt"),
        ('Ccy="CNY">200', 'Ccy="EUR">200', "Ntry 1.Amt"),
        ("</Document>", "", "1"),
        ("Stmt>", "Else>", "Stmt"),
    ],
)
def test_what_is_wrong_in_a_camt_statement_is_named_by_its_place(old: str, new: str, place: str) -> None:
    assert list(read_statement(CAMT.replace(old, new)).mistakes) == [place]


def test_what_is_wrong_in_a_csv_is_named_by_row_and_column() -> None:
    assert set(read_statement("day,amount\n1,2\n").mistakes) == {"1.date"}
    wrong = read_statement("date,amount,balance\n2026-03-32,1,\n2026-03-01,0,\n2026-03-01,1e-7,\n2026-03-01,NaN,x\n")
    assert set(wrong.mistakes) == {"2.date", "3.amount", "4.amount", "5.amount", "5.balance"}
    assert set(read_statement("date,amount,reference\n2026-03-01,1,A\n2026-03-01,1,A\n").mistakes) == {"A"}
    running = read_statement("date,amount,reference,balance\n2026-03-01,1,A,1\n2026-03-02,1,B,3\n")
    assert set(running.mistakes) == {"B"}
    assert list(read_statement("date,amount\n").mistakes) == ["1"]


def test_two_lines_alike_are_two_and_the_newest_may_come_first() -> None:
    found = read_statement("date;amount;balance\n2026-03-02;1.00;7\n2026-03-01;3.00;6\n2026-03-01;3.00;3\n")
    assert found.mistakes == {}
    assert (found.opening, found.closing) == (0, 7)
    assert len({line.reference for line in found.lines}) == 3


def test_a_line_is_the_one_document_that_it_names_and_no_other_by_amount_alone() -> None:
    [line, _fees] = read_statement(CAMT).lines

    def candidate(row: int, party: str, number: str, amount: str = "200") -> Candidate:
        return Candidate(
            document_type="sales_invoice", document_id=row, amount=Decimal(amount), party=party, names=(number,)
        )

    named, of_party = candidate(3, "Other", "SI-2026-00001"), candidate(2, "Nordwind GmbH", "SI-2026-00002")
    by_amount = candidate(1, "Somebody", "SI-2026-00003")
    less = candidate(4, "Nordwind GmbH", "SI-2026-00001", "199")
    assert matching(line, [by_amount, of_party, named, less]) == [named, of_party, by_amount]
    assert the_one(line, [by_amount, of_party, named]) == named
    assert the_one(line, [by_amount]) is None
    assert the_one(line, [of_party, candidate(5, "Nordwind GmbH", "SI-2026-00009")]) is None
    assert the_one(StatementLine(day=line.day, amount=line.amount, reference="x"), [named]) is None


@pytest.fixture
def bank(store: Store) -> dict:
    return store.run(
        "accountant",
        "add_bank_account",
        code="DKB",
        name="DKB",
        bank_number="de02120300000000202051",
        currency="CNY",
        ledger_account_id=store.value("SELECT id FROM finance.ledger_account WHERE code = '1002'"),
    )


def test_a_statement_of_another_account_is_refused(store: Store, bank: dict) -> None:
    def bring(content: str) -> dict:
        return store.run(
            "accountant", "import_bank_statement", bank_account_id=bank["id"], file_name="s.xml", content=content
        )

    with pytest.raises(Refusal, match="The statement is for DE99"):
        bring(CAMT.replace("DE02", "DE99"))
    with pytest.raises(Refusal, match="The statement is for EUR"):
        bring(CAMT.replace("CNY", "EUR"))
    with pytest.raises(Refusal, match="has mistakes; nothing was imported"):
        bring(CAMT.replace("287.50", "1"))
    assert bring(CAMT)["details"] == {"line_count": 2, "known_count": 0}
    assert store.rows("SELECT opening_balance, closing_balance, statement_reference FROM finance.bank_statement") == [
        (100, 287.5, "S-17")
    ]
    store.verify()


def test_a_statement_comes_in_by_the_command_line_too(
    store: Store, bank: dict, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "march.xml"
    file.write_text(CAMT)

    def bring(*words: str) -> str:
        said = hub(capsys, "import", "bank-statement", file, "--company", "DEMO", "--account", "DKB", *words)
        assert said.code == 0, said.err
        return said.err

    assert "march.xml is fine: 2 lines, 0 are known; nothing was saved" in bring("--dry-run")
    assert "BS-2026-00001: 2 lines, 0 were known" in bring()
    assert "BS-2026-00001: 0 lines, 2 were known" in bring()
    lost = hub(capsys, "import", "bank-statement", file, "--company", "DEMO", "--account", "NONE")
    assert lost.code == cli.REFUSED and "There is no bank account NONE" in lost.err


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1,000.50", "1000.50"), ("1.000,50", "1000.50"), ("-1 234 567,8", "-1234567.8"), ("1'000.5", "1000.5"),
        ("１，０００．５０", "1000.50"), ("－１２", "-12"), ("\u221212.50", "-12.50"), ("+7", "7"), ("1,000,000", "1000000"),
        ("12,5", "12.5"), ("0.125", "0.125"), ("1234.500", "1234.5"), ("1000", "1000"), ("5.", "5"),
        ("1,000", None), ("12.500", None), ("1,00,000", None), ("1,000.50.1", None), ("1.000.5", None), ("1e3", None),
        ("1 00", None), ("1,0005.5", None),
        (".50", "0.50"), (",5", "0.5"), (".", None), ("", None), ("-", None), ("NaN", None), ("1.23456", None),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_banks_write_it_where_it_can_mean_one_thing_only(written: str, read: str | None) -> None:
    assert amounts.read_amount(written) == (None if read is None else Decimal(read))


def test_other_amounts_of_a_file_tell_what_a_comma_means() -> None:
    def amounts_of(*cells: str) -> list[str]:
        lines = [f"2026-03-0{day};{cell}" for day, cell in enumerate(cells, start=1)]
        return [str(line.amount) for line in read_statement("\n".join(["date;amount", *lines])).lines]

    assert amounts_of("1,000", "7.25") == ["1000", "7.25"]
    assert amounts_of("1,000", "7,25") == ["1.000", "7.25"]
    assert amounts_of("1.000", "1.000.000") == ["1000", "1000000"]
    for doubtful in (("1,000", "2"), ("1,000", "7.25", "7,25")):
        lines = [f"2026-03-01;{cell};{n}" for n, cell in enumerate(doubtful)]
        wrong = read_statement("\n".join(["date;amount;reference", *lines])).mistakes
        assert list(wrong) == ["2.amount"] and "thousands or decimals" in str(wrong["2.amount"])
