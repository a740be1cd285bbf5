"""A reader as a dashboard is one: looks at the latest publication again and again, and prints what two marts say of it."""

import json
import sys
import time
from pathlib import Path

from pipelines import lake, publication

QUESTION = """
    SELECT (SELECT count(*) FROM marts.fct_sales_order), (SELECT sum(subtotal) FROM marts.fct_sales_order),
           (SELECT sum(line_total) FROM marts.fct_sales_order_line)
"""


def main(stop: Path) -> None:
    seen = publication.current()
    con = lake.connect(at=seen.lake_snapshot, threads=1)
    while not stop.exists():
        # The same connection answers twice, so that it is also asked after a build went on beneath it.
        for _ in range(2):
            orders, subtotal, lines = con.execute(QUESTION).fetchone()
            print(json.dumps([seen.id, orders, str(subtotal.normalize()), str(lines.normalize())]), flush=True)
            time.sleep(0.2)
        newest = publication.current()
        if newest.id != seen.id:
            con.close()
            seen, con = newest, lake.connect(at=newest.lake_snapshot, threads=1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
