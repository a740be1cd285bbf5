"""Which reminder an overdue invoice is due for, and the letter's text."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import Formatter

# What a letter may speak of: {customer} and so on.
WORDS = ("customer", "company", "number", "day", "currency", "total", "invoices")

# Days overdue from which each level is sent: what a company begins with.
DEFAULT_DAYS = (7, 21, 45)

# Letters of the levels, by the chart of accounts: who keeps books by CAS writes to customers in Chinese.
DEFAULT_LETTERS = {
    "ifrs": (
        "Dear {customer},\n\nour records show that these invoices are past their due date:\n\n{invoices}\n\n"
        "Together {total} {currency}. If your payment is on its way, please take this as settled.\n\n{company}",
        "Dear {customer},\n\nin spite of our reminder these invoices are still open:\n\n{invoices}\n\n"
        "Please pay {total} {currency} within seven days of {day}, or tell us what stands in the way.\n\n{company}",
        "Dear {customer},\n\nthese invoices are long overdue:\n\n{invoices}\n\nWithout {total} {currency} on our account "
        "within seven days of {day} we stop deliveries and hand the claim over for collection.\n\n{company}",
    ),
    "cas": (
        "{customer}：\n\n经核对，贵公司以下发票已过付款期限：\n\n{invoices}\n\n合计 {total} {currency}。"
        "如款项已汇出，请忽略本函。\n\n{company}\n{day}",
        "{customer}：\n\n我公司此前已发函提醒，以下发票至今仍未付清：\n\n{invoices}\n\n"
        "请于 {day} 起七日内支付 {total} {currency}，或告知未付原因。\n\n{company}\n{day}",
        "{customer}：\n\n以下发票已严重逾期：\n\n{invoices}\n\n如 {day} 起七日内未收到 {total} {currency}，"
        "我公司将停止发货，并将债权移交催收。\n\n{company}\n{day}",
    ),
}


@dataclass(frozen=True)
class Level:
    """A reminder: from how many days overdue on it is sent."""

    level: int
    days_overdue: int


def next_level(levels: Sequence[Level], days_overdue: int, sent: int) -> int | None:
    """The reminder that an invoice is due for; None where none is.

    A level is never left out: who was never reminded is reminded first, however late the invoice is.

    Args:
        sent: the highest level sent for the invoice so far; 0 for none.
    """
    later = sorted((each for each in levels if each.level > sent), key=lambda each: each.level)
    return later[0].level if later and days_overdue >= later[0].days_overdue else None


def unknown_words(text: str) -> list[str]:
    """Words in braces that a letter cannot speak of; a text with a broken brace is told as such."""
    try:
        named = [name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None]
    except ValueError:
        return ["{"]
    return [name for name in named if name not in WORDS]
