"""Charts over months. They draw; every figure that can be read off is written out exactly by `display`.

A chart is a specification in Vega-Lite's own words: to have a library write and check it took more time than the rest of
the page.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dashboards import display
from dashboards.figures import Value
from dashboards.i18n import _, current

HEIGHT = 230

# Axis labels in the short units of the language; Vega's own would be SI (1.2G).
AXIS_UNITS = {
    "en": "abs(datum.value) >= 1e9 ? format(datum.value / 1e9, ',.3~r') + 'B' : "
    "abs(datum.value) >= 1e6 ? format(datum.value / 1e6, ',.3~r') + 'M' : "
    "abs(datum.value) >= 1e3 ? format(datum.value / 1e3, ',.3~r') + 'K' : format(datum.value, ',~r')",
    "zh_Hans": "abs(datum.value) >= 1e8 ? format(datum.value / 1e8, ',.3~r') + '亿' : "
    "abs(datum.value) >= 1e4 ? format(datum.value / 1e4, ',.3~r') + '万' : format(datum.value, ',~r')",
}
# A month by its name, and below it the year where one begins, or where the axis does.
_YEAR_BELOW = "slice(datum.value, 5, 7) == '01' || datum.value == '{first}' ? slice(datum.value, 0, 4)"
MONTHS = {
    "en": f"[monthAbbrevFormat(toNumber(slice(datum.value, 5, 7)) - 1), {_YEAR_BELOW} : '']",
    "zh_Hans": f"[toNumber(slice(datum.value, 5, 7)) + '月', {_YEAR_BELOW} + '年' : '']",
}
# Number of months up to which every so many are labelled: each, each quarter, each year.
STEPS = ((13, 1), (40, 3))
YEAR = 12

BAR = {"type": "bar", "cornerRadiusTopLeft": 2, "cornerRadiusTopRight": 2}
LINE = {"type": "line", "strokeWidth": 2.5, "point": {"size": 36}}


def by_month(series: Sequence[tuple[str, Sequence[tuple[date, Value]], str]], unit: str) -> dict[str, Any] | None:
    """One chart of one or more series over months; None where there is nothing to draw.

    Args:
        series: name, its values by month, and its mark: `bar` or `line`.
        unit: what is counted: a currency, people, orders.
    """
    names = [name for name, _values, _mark in series]
    drawn = [
        (mark, rows)
        for name, values, mark in series
        if (rows := [_point(name, month, value) for month, value in values if value is not None])
    ]
    if not drawn:
        return None
    months = sorted({row["month"] for _mark, rows in drawn for row in rows})
    encoding = _encoding(names, unit, months)
    layers = [
        {
            "data": {"values": rows},
            "transform": [{"calculate": "toNumber(datum.height)", "as": "height"}],
            "mark": BAR if mark == "bar" else LINE,
            "encoding": encoding,
        }
        for mark, rows in drawn
    ]
    return {"height": HEIGHT, "layer": layers}


def by_name(values: Sequence[tuple[str, Value, str]], unit: str) -> dict[str, Any] | None:
    """Bars that lie, one for each name, in the order given; None where there is nothing to draw.

    Args:
        values: name, value, and the value as it is written out.
    """
    rows = [{"name": name, "height": str(value), "exact": text} for name, value, text in values if value]
    if len(rows) < 2:
        return None
    return {
        # As high as its bars need.
        "height": {"step": 26},
        "data": {"values": rows},
        "transform": [{"calculate": "toNumber(datum.height)", "as": "height"}],
        "mark": {"type": "bar", "cornerRadiusEnd": 2, "height": {"band": 0.68}},
        "encoding": {
            "y": {
                "field": "name",
                "type": "nominal",
                "sort": None,
                "title": None,
                "axis": {"labelLimit": 220, "ticks": False, "domain": False},
            },
            "x": {
                "field": "height",
                "type": "quantitative",
                "title": None,
                "axis": {"labelExpr": AXIS_UNITS[current()], "tickCount": 5},
            },
            "tooltip": [
                {"field": "name", "type": "nominal", "title": str(_("Part"))},
                {"field": "exact", "type": "nominal", "title": unit},
            ],
        },
    }


def _point(name: str, month: date, value: Decimal | int) -> dict[str, Any]:
    return {
        "month": month.isoformat(),
        "series": name,
        # The height of a mark only: what is read is `exact`.
        "height": str(value),
        "exact": display.exact(value, money=isinstance(value, Decimal)),
        "label": display.month_name(month),
    }


def _encoding(names: list[str], unit: str, months: list[str]) -> dict[str, Any]:
    step = next((every for most, every in STEPS if len(months) <= most), YEAR)
    labelled = [month for month in months if (int(month[5:7]) - 1) % step == 0]
    return {
        "x": {
            # A name and no time: as a time, a day is read by UTC and drawn by the reader's clock, which west of Greenwich
            # would put each figure into the month before.
            "field": "month",
            "type": "ordinal",
            "title": None,
            "scale": {"domain": months},
            "axis": {
                "values": labelled,
                "labelExpr": MONTHS[current()].replace("{first}", labelled[0] if labelled else months[0]),
                "labelAngle": 0,
                "grid": False,
                "ticks": False,
            },
        },
        "y": {
            "field": "height",
            "type": "quantitative",
            "title": None,
            "axis": {"labelExpr": AXIS_UNITS[current()], "tickCount": 5},
            "scale": {"zero": True, "nice": True},
        },
        "color": {
            "field": "series",
            "type": "nominal",
            "title": None,
            "sort": names,
            "scale": {"domain": names},
            "legend": {"orient": "top", "direction": "horizontal"} if len(names) > 1 else None,
        },
        "tooltip": [
            {"field": "label", "type": "nominal", "title": str(_("Month"))},
            {"field": "series", "type": "nominal", "title": str(_("Figure"))},
            {"field": "exact", "type": "nominal", "title": unit},
        ],
    }
