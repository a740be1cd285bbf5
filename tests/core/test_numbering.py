"""Numbers without gaps, whoever rolls back and however many write at once."""

import random
from concurrent.futures import ThreadPoolExecutor

from operational_app.core.errors import InvalidInput, Refusal
from operational_app.core.numbering import next_numbers
from tests.conftest import Store

WRITERS, EACH = 8, 12


def test_eight_writers_with_rollbacks_leave_no_gap_and_no_number_twice(store: Store) -> None:
    """Every third command fails after it has taken its number: the entry does not balance."""
    accounts = store.rows("SELECT id FROM finance.ledger_account WHERE code IN ('1002', '6602') ORDER BY code")
    bank, costs = (row[0] for row in accounts)

    def write(writer: int) -> tuple[list[str], int]:
        chance = random.Random(writer)
        numbers, refused = [], 0
        for turn in range(EACH):
            debit = "10.00" if chance.random() > 0.33 else "10.01"
            try:
                made = store.run(
                    "accountant",
                    "post_journal_entry",
                    key=f"{writer} {turn}",
                    posting_date=f"2026-0{chance.randint(1, 9)}-15",
                    description="rent",
                    lines=[
                        {"ledger_account_id": costs, "debit": debit},
                        {"ledger_account_id": bank, "credit": "10.00"},
                    ],
                )
                numbers.append(made["number"])
            except Refusal:
                refused += 1
        return numbers, refused

    with ThreadPoolExecutor(WRITERS) as pool:
        results = list(pool.map(write, range(WRITERS)))
    given = sorted(number for numbers, _refused in results for number in numbers)
    assert sum(refused for _numbers, refused in results) > 0
    assert given == [f"JE-2026-{n:05d}" for n in range(1, len(given) + 1)]
    store.verify()


def test_a_number_taken_in_a_transaction_that_is_rolled_back_is_given_again(store: Store) -> None:
    from operational_app.core import db

    demo = store.value("SELECT id FROM core.company")
    try:
        with db.transaction(actor="test", command="test") as session:
            assert next_numbers(session, demo, "thing", "T", 2026, 3) == [f"T-2026-0000{n}" for n in (1, 2, 3)]
            raise InvalidInput()
    except InvalidInput:
        pass
    with db.transaction(actor="test", command="test") as session:
        assert next_numbers(session, demo, "thing", "T", 2026, 1) == ["T-2026-00001"]
        assert next_numbers(session, demo, "thing", "T", None, 2) == ["T-00001", "T-00002"]
