"""Books to test with."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Store

Post = Callable[..., dict[str, Any]]


@pytest.fixture
def post(store: Store) -> Post:
    """Post an entry by hand from (account code, signed amount) pairs; debit positive."""
    accounts = dict(store.rows("SELECT code, id FROM finance.ledger_account"))

    def post(day: str, *lines: tuple[str, str], user: str = "accountant", **body: Any) -> dict[str, Any]:
        written = [
            {
                "ledger_account_id": accounts[code],
                "credit" if amount.startswith("-") else "debit": amount.removeprefix("-"),
            }
            for code, amount in lines
        ]
        body = {"description": "by hand", "posting_date": day, "lines": written} | body
        return store.run(user, "post_journal_entry", **body)

    return post
