"""From a lead to a confirmed order, as sales lives it: prospect, deal, stages, quote, customer, promise."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import psycopg
import pytest

import hub_settings
from operational_app.core.errors import Refusal
from tests.conftest import Store

DAY = "2026-03-02"


@pytest.fixture
def shop(store: Store) -> dict[str, dict]:
    """A place, and a lamp of which ten lie there."""
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main store")
    lamp = store.run("sales", "add_item", number="LAMP", name="Lamp", list_price="200")
    store.run(
        "warehouse",
        "adjust_stock",
        business_date="2026-01-05",
        reason="opening",
        stock_location_id=place["id"],
        lines=[{"item_id": lamp["id"], "quantity": "10", "unit_cost": "120"}],
    )
    return {"place": place, "lamp": lamp}


def lead(store: Store, **body: str) -> dict:
    prospect = {"business_date": DAY, "name": "Bamboo Hotels", "tax_number": "91330100TEA", "source": "fair"} | body
    return store.run("sales", "enter_lead", **prospect)


def deal(store: Store, title: str = "Lamps for the lobby", **body: str) -> dict:
    return store.on("sales", "qualify_lead", lead(store, **body), business_date=DAY, title=title)


def quoted(store: Store, shop: dict[str, dict], opportunity: dict, quantity: str = "4", price: str = "180") -> dict:
    made = store.on(
        "sales",
        "quote_opportunity",
        opportunity,
        business_date="2026-03-05",
        valid_until="2026-03-31",
        stock_location_id=shop["place"]["id"],
        lines=[{"item_id": shop["lamp"]["id"], "quantity": quantity, "unit_price": price, "discount": "0.05"}],
    )
    assert made["document"] == "quote"
    return store.on("sales", "send_quote", made)


def stage(store: Store, code: str) -> int:
    return store.value("SELECT id FROM crm.opportunity_stage WHERE code = %s", code)


def test_a_lead_becomes_a_deal_is_quoted_won_and_ordered(store: Store, shop: dict[str, dict]) -> None:
    opportunity = deal(store)
    for day, code in (("2026-03-03", "NEED"), ("2026-03-05", "OFFER")):
        store.on("sales", "move_stage", opportunity, business_date=day, opportunity_stage_id=stage(store, code))
    quote = quoted(store, shop, opportunity)

    order = store.on("sales", "accept_quote", quote, business_date="2026-03-10", customer_reference="PO 7")
    assert order["document"] == "sales_order"
    assert store.rows("SELECT quantity, unit_price, discount, net_amount FROM erp.sales_order_line") == [
        (4, 180, Decimal("0.05"), 684)
    ]
    assert store.rows(
        "SELECT s.code, h.state, h.probability FROM crm.opportunity_stage_change h "
        "JOIN crm.opportunity_stage s ON s.id = h.opportunity_stage_id ORDER BY h.id"
    ) == [
        ("CONTACT", "open", Decimal("0.1")),
        ("NEED", "open", Decimal("0.25")),
        ("OFFER", "open", Decimal("0.5")),
        ("OFFER", "won", 1),
    ]
    chain = store.rows("SELECT from_type, to_type FROM core.document_link ORDER BY from_type")
    assert chain == [("lead", "opportunity"), ("opportunity", "quote"), ("quote", "sales_order")]
    store.on("sales", "confirm_sales_order", order)
    store.verify()


def test_two_won_deals_of_one_prospect_make_one_customer_and_two_orders_g12(
    store: Store, shop: dict[str, dict]
) -> None:
    first, second = deal(store), deal(store, "Lamps for the rooms", name="Bamboo Hotels Ltd")
    quotes = [quoted(store, shop, first), quoted(store, shop, second, quantity="3")]

    by_quote = store.on("sales", "accept_quote", quotes[0], business_date="2026-03-10")
    by_word = store.on("sales", "win_opportunity", second, business_date="2026-03-11")

    assert [by_quote["number"], by_word["number"]] == ["SO-2026-00001", "SO-2026-00002"]
    assert store.value("SELECT count(*) FROM core.party WHERE tax_number = '91330100TEA'") == 1
    assert store.rows("SELECT number FROM core.party_role WHERE role = 'customer'") == [("C-00001",)]
    assert store.value("SELECT count(*) FROM erp.sales_order") == 2
    assert store.value("SELECT count(DISTINCT customer_id) FROM erp.sales_order") == 1
    assert store.rows("SELECT DISTINCT state FROM crm.opportunity") == [("won",)]
    store.verify()


def test_two_deals_won_at_the_same_moment_end_with_one_customer_g12(store: Store, shop: dict[str, dict]) -> None:
    deals = [deal(store, f"Deal {number}") for number in range(4)]
    with ThreadPoolExecutor(4) as clerks:
        won = list(
            clerks.map(lambda made: store.on("sales", "win_opportunity", made, business_date="2026-03-10"), deals)
        )
    assert [made["state"] for made in won] == ["won"] * 4
    assert store.value("SELECT count(*) FROM core.party_role WHERE role = 'customer'") == 1
    store.verify()


def test_a_won_deal_becomes_an_order_exactly_once_l_2(store: Store, shop: dict[str, dict]) -> None:
    """CRM → ERP: the customer of the deal is the customer of the order, and no second order comes of the same deal."""
    opportunity = deal(store)
    first, second = quoted(store, shop, opportunity), quoted(store, shop, opportunity, quantity="6")
    with pytest.raises(Refusal, match="QU-2026-00001, QU-2026-00002 of this deal are open"):
        store.on("sales", "win_opportunity", opportunity, business_date="2026-03-10")
    store.on("sales", "accept_quote", second, business_date="2026-03-10")
    with pytest.raises(Refusal, match="has its order already"):
        store.on("sales", "accept_quote", first, business_date="2026-03-10")
    assert store.rows(
        "SELECT o.customer_id = d.customer_id, c.party_id = d.party_id FROM erp.sales_order o "
        "JOIN erp.quote q ON q.sales_order_id = o.id JOIN crm.opportunity d ON d.id = q.opportunity_id "
        "JOIN core.party_role c ON c.id = d.customer_id"
    ) == [(True, True)]
    store.on("sales", "decline_quote", first, decline_reason="The larger one was taken")
    store.verify()


def test_whoever_is_known_is_never_entered_twice_l_1(store: Store, shop: dict[str, dict]) -> None:
    """One master of parties: supplier, lead, deal, customer and order are the same party; nothing is keyed in again."""
    store.run("buyer", "register_supplier", name="Bamboo Hotels", tax_number="91330100TEA")
    prospect = lead(store, name="BAMBOO HOTELS")
    assert prospect["details"] == {"known_as": "Bamboo Hotels"}
    with pytest.raises(Refusal, match="L-2026-00001 BAMBOO HOTELS is the same and still open"):
        lead(store, name="Bamboo")
    made = store.on("sales", "qualify_lead", prospect, business_date=DAY, title="Lobby")
    store.on("sales", "accept_quote", quoted(store, shop, made), business_date="2026-03-10")
    assert store.rows("SELECT name FROM core.party WHERE tax_number IS NOT NULL") == [("Bamboo Hotels",)]
    assert store.rows("SELECT DISTINCT role FROM core.party_role ORDER BY 1") == [("customer",), ("supplier",)]
    with pytest.raises(Refusal, match="has this tax number or e-mail address already"):
        store.run("sales", "register_customer", name="Bamboo again", tax_number="91330100TEA")
    store.verify()


def test_a_person_is_recognised_by_the_mail_address_but_not_against_the_tax_number(store: Store) -> None:
    store.run("sales", "register_customer", name="Lily Chen", kind="person", email="Lily@tea.cn")
    known = lead(store, name="Lily", tax_number="", email="lily@TEA.cn")
    assert known["details"] == {"known_as": "Lily Chen"}
    store.run("sales", "register_customer", name="Tea Ltd", tax_number="T1", email="office@tea.cn")
    assert "details" not in lead(store, name="Tea Holding", tax_number="T2", email="office@tea.cn")


def test_a_lost_deal_keeps_its_reason_and_takes_no_order(store: Store, shop: dict[str, dict]) -> None:
    opportunity = deal(store)
    quote = quoted(store, shop, opportunity)
    store.on("sales", "lose_opportunity", opportunity, business_date="2026-03-10", lost_reason="competitor")
    assert store.rows("SELECT state, lost_reason, probability, closed_date::text FROM crm.opportunity") == [
        ("lost", "competitor", 0, "2026-03-10")
    ]
    with pytest.raises(Refusal, match="OP-2026-00001 is lost"):
        store.on("sales", "accept_quote", quote, business_date="2026-03-11")
    with pytest.raises(Refusal, match="while the opportunity is “lost”"):
        store.on("sales", "win_opportunity", opportunity, business_date="2026-03-11")
    assert store.value("SELECT count(*) FROM core.party_role WHERE role = 'customer'") == 0
    store.verify()


def test_the_history_of_stages_goes_forward_and_stays(store: Store) -> None:
    opportunity = deal(store)
    need = stage(store, "NEED")
    store.on("sales", "move_stage", opportunity, business_date="2026-03-09", opportunity_stage_id=need)
    with pytest.raises(Refusal, match="moved last on 2026-03-09"):
        store.on("sales", "lose_opportunity", opportunity, business_date="2026-03-08", lost_reason="price")
    with pytest.raises(Refusal, match="“Need understood” already"):
        store.on("sales", "move_stage", opportunity, business_date="2026-03-09", opportunity_stage_id=need)
    with (
        psycopg.connect(hub_settings.database_url(None)) as admin,
        pytest.raises(psycopg.errors.DatabaseError, match="immutable"),
    ):
        admin.execute("UPDATE crm.opportunity_stage_change SET business_date = '2026-01-01'")
    store.verify()


def test_a_quote_holds_until_its_last_day(store: Store, shop: dict[str, dict]) -> None:
    customer = store.run("sales", "register_customer", name="Walk-in")
    quote = store.run(
        "sales",
        "enter_quote",
        customer_id=customer["id"],
        business_date=DAY,
        valid_until="2026-03-15",
        stock_location_id=shop["place"]["id"],
        lines=[{"item_id": shop["lamp"]["id"], "quantity": "1"}],
    )
    store.on("sales", "send_quote", quote)
    with pytest.raises(Refusal, match="is valid until 2026-03-15"):
        store.on("sales", "expire_quote", quote, business_date="2026-03-15")
    with pytest.raises(Refusal, match="was valid until 2026-03-15"):
        store.on("sales", "accept_quote", quote, business_date="2026-03-16")
    store.on("sales", "extend_quote", quote, valid_until="2026-03-20")
    order = store.on("sales", "accept_quote", quote, business_date="2026-03-16")
    assert store.value("SELECT total_amount FROM erp.sales_order WHERE id = %s", order["id"]) == 226
    store.verify()


def test_an_order_is_promised_for_the_day_on_which_the_goods_can_be_there(store: Store, shop: dict[str, dict]) -> None:
    supplier = store.run("buyer", "register_supplier", name="Glass works")
    for wanted, quantity in (("2026-03-20", "5"), ("2026-04-10", "20")):
        purchase = store.run(
            "buyer",
            "enter_purchase_order",
            supplier_id=supplier["id"],
            business_date=DAY,
            requested_date=wanted,
            stock_location_id=shop["place"]["id"],
            lines=[{"item_id": shop["lamp"]["id"], "quantity": quantity, "unit_price": "110"}],
        )
        store.on("buyer", "send_purchase_order", purchase)
    customer = store.run("sales", "register_customer", name="Bamboo Hotels")

    def ordered(quantity: str) -> tuple[str | None, ...]:
        """The day that was shown when the order was written, and the day that was promised."""
        made = store.run(
            "sales",
            "enter_sales_order",
            customer_id=customer["id"],
            business_date=DAY,
            stock_location_id=shop["place"]["id"],
            lines=[{"item_id": shop["lamp"]["id"], "quantity": quantity}],
        )
        store.on("sales", "confirm_sales_order", made)
        return store.rows(
            "SELECT available_date::text, promised_date::text FROM erp.sales_order_line WHERE sales_order_id = %s",
            made["id"],
        )[0]

    assert ordered("8") == (DAY, DAY)
    # Two are free, five come on the 20th, twenty in April; what is promised to one is not promised to the next.
    assert ordered("6") == ("2026-03-20", "2026-03-20")
    assert ordered("2") == ("2026-04-10", DAY)
    assert ordered("30") == (None, None)
    store.verify()


def test_the_same_delivery_is_not_promised_to_two_orders_confirmed_at_once(store: Store, shop: dict[str, dict]) -> None:
    supplier = store.run("buyer", "register_supplier", name="Glass works")
    purchase = store.run(
        "buyer",
        "enter_purchase_order",
        supplier_id=supplier["id"],
        business_date=DAY,
        requested_date="2026-03-20",
        stock_location_id=shop["place"]["id"],
        lines=[{"item_id": shop["lamp"]["id"], "quantity": "5", "unit_price": "110"}],
    )
    store.on("buyer", "send_purchase_order", purchase)
    customer = store.run("sales", "register_customer", name="Bamboo Hotels")
    orders = [
        store.run(
            "sales",
            "enter_sales_order",
            customer_id=customer["id"],
            business_date=DAY,
            stock_location_id=shop["place"]["id"],
            lines=[{"item_id": shop["lamp"]["id"], "quantity": "12"}],
        )
        for _number in range(3)
    ]
    with ThreadPoolExecutor(3) as clerks:
        list(clerks.map(lambda order: store.on("sales", "confirm_sales_order", order), orders))
    promised = store.rows("SELECT promised_date::text FROM erp.sales_order_line")
    assert sorted(promised, key=str) == [("2026-03-20",), (None,), (None,)]
