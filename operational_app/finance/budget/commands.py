"""Verbs about budgets, and the four ways in which a document moves one: reserve, commit, use, release."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.money import Money, as_money
from operational_app.finance.budget.models import (
    Budget,
    BudgetBalance,
    BudgetLine,
    BudgetMovement,
    ItemAccount,
    budget,
    item_account,
)
from operational_app.finance.budget.queries import Held, balance_for, default_account, held_by
from operational_app.finance.budget.rules import available
from operational_app.finance.errors import BudgetExceeded, SameUserApproves
from operational_app.finance.ledger.models import LedgerAccount

ZERO = Decimal(0)


class BudgetedAmount(Body):
    ledger_account_id: Ref("ledger_account")
    department_id: Ref("department") | None = None
    amount: Money = Field(ge=0)


class EnterBudget(Body):
    year: int = Field(ge=1990, le=2200)
    description: str = Field(min_length=1, max_length=200)
    lines: list[BudgetedAmount] = Field(min_length=1, max_length=5000)


class SetItemAccount(Body):
    item_id: Ref("item") | None = None
    item_group: str | None = Field(default=None, min_length=1, max_length=100)
    ledger_account_id: Ref("ledger_account")


@dataclass(frozen=True, kw_only=True)
class Need:
    """A line of a document that needs money: for which item or account, for which department, how much."""

    document_line_id: int
    amount: Decimal
    item_id: int
    item_group: str | None = None
    ledger_account_id: int | None = None
    department_id: int | None = None


@command(budget, _("Enter budget"))
def enter_budget(work: Work, body: EnterBudget) -> Budget:
    """Write a version of a year's budget. It counts when somebody else has approved it."""
    made = Budget(
        company_id=work.company_id,
        number=work.number(budget, date(body.year, 1, 1)),
        state="draft",
        business_date=work.today,
        created_by=work.principal.user_id,
        year=body.year,
        description=body.description,
    )
    work.session.add(made)
    work.session.flush()
    _write_lines(work, made, body.lines)
    return made


@command(budget, _("Change"), states=("draft",))
def change_budget(work: Work, budget: Budget, body: EnterBudget) -> Budget:
    """Write a draft anew; its number stays."""
    if body.year != budget.year:
        raise InvalidInput(fields={"year": _("Enter a new budget for another year.")})
    budget.description = body.description
    work.session.execute(delete(BudgetLine).where(BudgetLine.budget_id == budget.id))
    _write_lines(work, budget, body.lines)
    return budget


@command(budget, _("Approve"), states=("draft",))
def approve_budget(work: Work, budget: Budget) -> Budget:
    """Put this version into force in place of the one before. What is promised already stays promised.

    Whoever entered it may not approve it.
    """
    if budget.created_by == work.principal.user_id:
        raise SameUserApproves(number=budget.number)
    for earlier in work.session.scalars(
        select(Budget)
        .where(Budget.company_id == work.company_id, Budget.year == budget.year, Budget.state == "approved")
        .with_for_update()
    ):
        earlier.state = "replaced"
    work.session.flush()
    budget.state = "approved"
    work.session.flush()
    _put_into_force(work, budget)
    return budget


@command(item_account, _("Set account of an item"))
def set_item_account(work: Work, body: SetItemAccount) -> ItemAccount:
    """Say on which account purchases of an item, or of a group of items, are budgeted."""
    if (body.item_id is None) == (body.item_group is None):
        raise InvalidInput(fields={"item_id": _("Name either an item or a group of items.")})
    found = work.session.scalars(
        select(ItemAccount)
        .where(
            ItemAccount.company_id == work.company_id,
            ItemAccount.item_id == body.item_id if body.item_id else ItemAccount.item_group == body.item_group,
        )
        .with_for_update()
    ).one_or_none()
    if found is None:
        found = ItemAccount(company_id=work.company_id, **body.model_dump())
        work.session.add(found)
    found.ledger_account_id = body.ledger_account_id
    work.session.flush()
    return found


def reserve(work: Work, day: date, document: tuple[str, int], needs: Iterable[Need]) -> None:
    """Set money aside for what is asked for and not ordered yet, wherever it is budgeted.

    Raises:
        BudgetExceeded: names the account and what is left.
    """
    for balance_id, need in _borne(work, day, needs):
        _move(work, balance_id, "reserve", document, need.document_line_id, reserved=need.amount)


def commit(work: Work, day: date, document: tuple[str, int], needs: Iterable[Need]) -> None:
    """Promise money for what is ordered, wherever it is budgeted.

    Raises:
        BudgetExceeded: names the account and what is left.
    """
    for balance_id, need in _borne(work, day, needs):
        _move(work, balance_id, "commit", document, need.document_line_id, committed=need.amount)


def use(work: Work, day: date, document: tuple[str, int], need: Need, held: Held | None, taken: Decimal) -> None:
    """Use budget for what is billed, and take up the part of the commitment that was for it.

    A bill is owed whether or not it was planned: what goes beyond the budget is an overrun, and the next order is refused.
    """
    balance_id = held.budget_balance_id if held else next((row for row, _need in _borne(work, day, [need])), None)
    if balance_id is not None and (taken or need.amount):
        _move(work, balance_id, "use", document, need.document_line_id, committed=-taken, used=need.amount)


def release(work: Work, document: tuple[str, int], lines: Collection[int] | None = None) -> None:
    """Give back all that a document, or some of its lines, has reserved and committed and that nothing has used."""
    for held in held_by(work.session, *document):
        if lines is not None and held.document_line_id not in lines:
            continue
        _move(
            work,
            held.budget_balance_id,
            "release",
            document,
            held.document_line_id,
            reserved=-held.reserved,
            committed=-held.committed,
        )


def release_part(work: Work, document: tuple[str, int], held: Held, committed: Decimal) -> None:
    """Give back part of what is committed for a line: what will not be bought of it."""
    if committed:
        _move(work, held.budget_balance_id, "release", document, held.document_line_id, committed=-committed)


def _borne(work: Work, day: date, needs: Iterable[Need]) -> list[tuple[int, Need]]:
    """Which budget bears each line; lines that nothing is budgeted for are left out. In an order in which everybody locks."""
    found = []
    for need in needs:
        account = need.ledger_account_id or default_account(
            work.session, work.company_id, need.item_id, need.item_group
        )
        if account is not None and need.amount:
            balance_id = balance_for(work.session, work.company_id, day.year, account, need.department_id)
            if balance_id is not None:
                found.append((balance_id, need))
    return sorted(found, key=lambda pair: (pair[0], pair[1].document_line_id))


# One conditional statement: two orders at once cannot both take what only one may have. Only use goes beyond the budget.
MOVE = text(
    """
    UPDATE finance.budget_balance SET
      reserved_amount = reserved_amount + :reserved,
      committed_amount = committed_amount + :committed,
      used_amount = used_amount + :used,
      overrun_amount = CASE WHEN :may_overrun
        THEN greatest(0, reserved_amount + committed_amount + used_amount + :change - amount)
        ELSE least(overrun_amount, greatest(0, reserved_amount + committed_amount + used_amount + :change - amount))
      END
    WHERE id = :id
      AND (:may_overrun OR :change <= 0 OR reserved_amount + committed_amount + used_amount + :change <= amount)
    RETURNING id
    """
)


def _move(
    work: Work,
    balance_id: int,
    kind: str,
    document: tuple[str, int],
    document_line_id: int | None,
    *,
    reserved: Decimal = ZERO,
    committed: Decimal = ZERO,
    used: Decimal = ZERO,
) -> None:
    work.session.flush()
    change = reserved + committed + used
    values = {"id": balance_id, "reserved": reserved, "committed": committed, "used": used, "change": change}
    moved = work.session.execute(MOVE, values | {"may_overrun": kind == "use"}).one_or_none()
    if moved is None:
        raise _exceeded(work, balance_id, change)
    work.session.add(
        BudgetMovement(
            company_id=work.company_id,
            budget_balance_id=balance_id,
            kind=kind,
            reserved_change=reserved,
            committed_change=committed,
            used_change=used,
            document_type=document[0],
            document_id=document[1],
            document_line_id=document_line_id,
            created_by=work.principal.user_id,
        )
    )
    work.session.flush()


def _exceeded(work: Work, balance_id: int, wanted: Decimal) -> BudgetExceeded:
    balance = work.session.scalars(
        select(BudgetBalance).where(BudgetBalance.id == balance_id).execution_options(populate_existing=True)
    ).one()
    account = work.session.get_one(LedgerAccount, balance.ledger_account_id)
    left = available(balance.amount, balance.reserved_amount, balance.committed_amount, balance.used_amount)
    return BudgetExceeded(
        account=f"{account.code} {account.name}", year=balance.year, available=as_money(left), wanted=as_money(wanted)
    )


def _write_lines(work: Work, made: Budget, lines: list[BudgetedAmount]) -> None:
    seen: set[tuple[int, int | None]] = set()
    for index, line in enumerate(lines):
        key = (line.ledger_account_id, line.department_id)
        if key in seen:
            raise InvalidInput(fields={f"lines.{index}.ledger_account_id": _("This account is budgeted twice.")})
        seen.add(key)
    work.session.add_all(
        BudgetLine(company_id=made.company_id, budget_id=made.id, **line.model_dump()) for line in lines
    )
    work.session.flush()


def _put_into_force(work: Work, approved: Budget) -> None:
    """The amounts of the version become those in force; what it leaves out is budgeted with nothing."""
    lines = list(work.session.scalars(select(BudgetLine).where(BudgetLine.budget_id == approved.id)))
    for line in lines:
        work.session.execute(
            insert(BudgetBalance)
            .values(
                company_id=approved.company_id,
                year=approved.year,
                ledger_account_id=line.ledger_account_id,
                department_id=line.department_id,
                amount=ZERO,
                reserved_amount=ZERO,
                committed_amount=ZERO,
                used_amount=ZERO,
                overrun_amount=ZERO,
            )
            .on_conflict_do_nothing()
        )
    amounts = {(line.ledger_account_id, line.department_id): line.amount for line in lines}
    balances = work.session.scalars(
        select(BudgetBalance)
        .where(BudgetBalance.company_id == approved.company_id, BudgetBalance.year == approved.year)
        .order_by(BudgetBalance.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for balance in balances:
        balance.amount = amounts.get((balance.ledger_account_id, balance.department_id), ZERO)
        promised = balance.reserved_amount + balance.committed_amount + balance.used_amount
        balance.overrun_amount = max(ZERO, promised - balance.amount)
    work.session.flush()
