"""What is open of a document part by part: what has been settled pays the instalment that is due first."""


def open_instalments(table: str, parent: str, document: str, settled: str) -> str:
    """SQL: (due_date, open) of the instalments of a row; none where all of it is due on one day.

    Args:
        table: of the instalments.
        parent: its column that names the document.
        document: alias of the document's row in the query around.
        settled: SQL for what has been settled of it.
    """
    return f"""SELECT n.due_date, greatest(least(n.amount, sum(n.amount) OVER (ORDER BY n.due_date) - ({settled})), 0) AS open
               FROM finance.{table} n WHERE n.{parent} = {document}.id"""
