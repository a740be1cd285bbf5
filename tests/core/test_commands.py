"""The edge of every command: rights, companies, idempotency, versions, states, dry runs."""

import pytest

from operational_app.core.errors import (
    InvalidInput,
    KeyMissing,
    KeyReused,
    NotFound,
    NotPermitted,
    NotSignedIn,
    StaleDocument,
    WrongState,
)
from tests.conftest import PASSWORD, Store


@pytest.fixture
def two_companies(store: Store) -> Store:
    """A second company, and `lily`, who sells in it and nowhere else, and administers it and nowhere else."""
    other = store.run("administrator", "found_company", code="OTHER", name="Other", currency="CNY", chart="ifrs")
    store.run("administrator", "open_year", company="OTHER", year=2026)
    lily = store.run("administrator", "add_user", username="lily", name="Lily", password=PASSWORD)
    for role in ("sales", "administrator"):
        store.on("administrator", "give_role", lily, role=role, company_id=other["id"])
    store.users["lily"] = lily["id"]
    return store


def test_a_role_without_the_right_is_refused_and_nothing_is_written(store: Store) -> None:
    with pytest.raises(NotPermitted):
        store.run("warehouse", "register_customer", name="Café")
    assert store.value("SELECT count(*) FROM core.party_role") == 0
    assert store.value("SELECT count(*) FROM core.idempotency_key WHERE command = 'register_customer'") == 0


def test_a_right_in_one_company_does_not_reach_another(two_companies: Store) -> None:
    assert two_companies.run("lily", "register_customer", company="OTHER", name="Hers")["number"] == "C-00001"
    with pytest.raises(InvalidInput) as refused:
        two_companies.run("lily", "register_customer", company="DEMO", name="Theirs")
    assert set(refused.value.fields) == {"company"}


def test_rows_of_another_company_are_as_if_they_were_not_there(two_companies: Store) -> None:
    from operational_app.core import db, policy, row_policy
    from operational_app.core.document import DOCUMENTS
    from operational_app.core.reading import Query, read_page

    chair = two_companies.run("sales", "add_item", number="CHAIR", name="Chair", list_price="100")
    two_companies.run("sales", "add_item", company="OTHER", number="DESK", name="Desk", list_price="100")
    with pytest.raises(NotFound):
        two_companies.on("lily", "discontinue_item", chair)
    with db.reading() as session:
        lily = policy.load_principal(session, two_companies.users["lily"])
        row_policy.limit(session, lily)
        page = read_page(session, lily, DOCUMENTS["item"], Query())
    assert [item.number for item in page.rows] == ["DESK"]


def test_an_administrator_of_one_company_cannot_take_rights_in_the_others(two_companies: Store) -> None:
    lily = {"document": "app_user", "id": two_companies.users["lily"]}
    with pytest.raises(NotPermitted):
        two_companies.on("lily", "give_role", lily, role="administrator")
    with pytest.raises(NotPermitted):
        two_companies.run("lily", "add_user", username="friend", name="Friend", password=PASSWORD)
    with pytest.raises(NotPermitted):
        two_companies.run("lily", "found_company", code="THIRD", name="Third", currency="CNY", chart="ifrs")


def test_a_disabled_user_can_do_nothing_from_then_on(store: Store) -> None:
    store.on("administrator", "disable_user", {"document": "app_user", "id": store.users["sales"]})
    with pytest.raises(NotSignedIn):
        store.run("sales", "register_customer", name="Café")


def test_the_same_key_and_body_give_the_same_answer_and_another_body_is_refused(store: Store) -> None:
    first = store.run("sales", "register_customer", key="k1", name="Café", credit_limit="10.00")
    assert store.run("sales", "register_customer", key="k1", name="Café", credit_limit="10.00") == first
    with pytest.raises(KeyReused) as refused:
        store.run("sales", "register_customer", key="k1", name="Café", credit_limit="20.00")
    assert refused.value.status == 409
    assert store.value("SELECT count(*) FROM core.party_role") == 1


def test_the_key_of_one_user_is_not_the_key_of_another(store: Store) -> None:
    first = store.run("sales", "add_item", key="mine", number="A", name="A", list_price="1")
    second = store.run("buyer", "add_item", key="mine", number="B", name="B", list_price="1")
    assert first["id"] != second["id"]


def test_a_refused_command_does_not_use_up_its_key(store: Store) -> None:
    with pytest.raises(InvalidInput):
        store.run("sales", "register_customer", key="again", name="")
    assert store.run("sales", "register_customer", key="again", name="Café")["number"] == "C-00001"


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_command_needs_a_key_of_a_sensible_length(store: Store, key: str) -> None:
    from operational_app.core.execute import execute

    with pytest.raises(KeyMissing):
        execute(store.users["sales"], "register_customer", {"company": "DEMO", "name": "Café"}, key)


def test_a_stale_version_is_refused(store: Store) -> None:
    customer = store.run("sales", "register_customer", name="Café")
    changed = store.run("sales", "change_customer_terms", id=customer["id"], version=1, payment_days=10)
    assert changed["version"] == 2
    with pytest.raises(StaleDocument):
        store.run("sales", "change_customer_terms", id=customer["id"], version=1, payment_days=20)
    assert store.value("SELECT payment_days FROM core.party_role") == 10


def test_a_command_that_the_state_does_not_allow_names_the_state(store: Store) -> None:
    customer = store.run("sales", "register_customer", name="Café")
    store.on("accountant", "block_customer", customer)
    with pytest.raises(WrongState, match="blocked"):
        store.on("accountant", "block_customer", customer)


def test_unknown_fields_are_refused_by_name(store: Store) -> None:
    with pytest.raises(InvalidInput) as refused:
        store.run("sales", "register_customer", name="Café", credit_limmit="10")
    assert set(refused.value.fields) == {"credit_limmit"}


@pytest.mark.parametrize("amount", [10.5, 0.1, "NaN", "Infinity", "1e3000", "1.23456", True, ["1"]])
def test_amounts_are_exact_text_or_refused(store: Store, amount: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        store.run("sales", "register_customer", name="Café", credit_limit=amount)
    assert set(refused.value.fields) == {"credit_limit"}


def test_a_dry_run_goes_through_everything_and_leaves_nothing(store: Store) -> None:
    from operational_app.core.execute import execute

    def counts() -> list[tuple[object, ...]]:
        return store.rows(
            "SELECT (SELECT count(*) FROM core.party_role), (SELECT count(*) FROM core.change_log), "
            "(SELECT count(*) FROM core.idempotency_key), (SELECT count(*) FROM core.event)"
        )

    before = counts()
    body = {"company": "DEMO", "name": "Café"}
    answer = execute(store.users["sales"], "register_customer", body, "dry", dry_run=True)
    assert answer["number"] == "C-00001"
    assert counts() == before
    assert execute(store.users["sales"], "register_customer", body, "dry")["number"] == "C-00001"


def test_text_that_the_store_cannot_hold_is_refused_by_field(store: Store) -> None:
    for text in ("a\x00b", "half \ud800 character"):
        with pytest.raises(InvalidInput) as refused:
            store.run("sales", "register_customer", name=text)
        assert set(refused.value.fields) == {"name"}
