"""Reading what came in for orders."""

from sqlalchemy import text
from sqlalchemy.orm import Session

RECEIPTS = text(
    """
    SELECT r.stock_move_id FROM erp.goods_receipt_line r JOIN erp.stock_move m ON m.id = r.stock_move_id
    WHERE r.purchase_order_line_id = :line AND m.kind = 'receipt' ORDER BY 1
    """
)


def receipts_of(session: Session, purchase_order_line_id: int) -> list[int]:
    """The moves that brought in the goods of an order's line."""
    return list(session.scalars(RECEIPTS, {"line": purchase_order_line_id}))
