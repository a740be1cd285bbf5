"""The pages of claims and of recruiting, as those see them who work on them, in both languages."""

from tests.conftest import Store
from tests.hr.staff import join
from tests.scenarios.test_expenses import approved, claimed, receipt
from tests.web.conftest import People


def test_a_claim_is_seen_on_its_pages_from_entry_to_payment(people: People, store: Store) -> None:
    sales = store.run("hr", "add_department", code="S", name="Sales", cost_kind="selling")
    mei, _wei = join(store, "Mei", sales), join(store, "Wei", sales)
    store.on("hr", "set_department_management", sales, manager_id=mei["id"])
    claim = approved(store, "wei", receipt(store, "TRAVEL", "109", vat_code="S9"))
    owed = store.on("accountant", "book_expense_claim", claim, posting_date="2026-03-10")
    store.on("accountant", "pay_reimbursement", owed, business_date="2026-03-12", amount="100")
    request = store.on("wei", "submit_expense_claim", claimed(store, "wei", receipt(store, "MEAL", "80")))
    wei, accountant = people["wei"], people["accountant"]
    pages = {
        (wei, "/hr/expense_claims"): claim["number"],
        (wei, "/do/enter_expense_claim"): "Day of the receipt",
        (wei, f"/hr/expense_claims/{claim['id']}"): "booked",
        (wei, f"/finance/reimbursements/{owed['id']}"): "EP-2026-00001",
        (accountant, "/finance/reimbursements"): "Wei",
        (accountant, f"/finance/reimbursements/{owed['id']}"): "Reverse",
        (people["mei"], f"/oa/approvals/{request['id']}"): "Receipts with it",
    }
    for (who, address), words in pages.items():
        page = who.get(address)
        assert page.status_code == 200 and words in page.text, address
    # Accounting's pages of others' debts are no page of a colleague's.
    assert people["sales"].get(f"/finance/reimbursements/{owed['id']}").status_code == 404
    wei.send("/language", language="zh_Hans")
    assert "费用报销单" in wei.get("/hr/expense_claims").text
    assert "票据日期" in wei.get("/do/enter_expense_claim").text
