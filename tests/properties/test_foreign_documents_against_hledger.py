"""Random documents in three currencies: every standing truth holds, and hledger reads the same balances to the last unit."""

from datetime import date
from pathlib import Path

import pytest

from tests.commandline import hub
from tests.conftest import Store
from tests.finance.books import hledger, hledger_balances, need_hledger
from tests.finance.trading import Trader, balances


@pytest.mark.parametrize("seed", range(3))
def test_documents_in_foreign_currencies_have_the_same_balances_here_and_in_hledger(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    Trader(store, seed).trade(date(2026, 1, 1), date(2026, 4, 30), 25)
    store.verify()
    need_hledger()
    journal = tmp_path / "trading.journal"
    said = hub(capsys, "export", "ledger", "--company", "DEMO", "--format", "hledger", "--output", journal)
    assert said.code == 0, said.err
    hledger(journal, "check", "accounts", "commodities")
    assert hledger_balances(journal) == balances(store)
