"""Charts over months. They draw; every figure that can be read off is written out exactly by `display`."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import altair as alt

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
MONTHS = {"en": "%b %y", "zh_Hans": "%y/%m"}


def by_month(series: Sequence[tuple[str, Sequence[tuple[date, Value]], str]], unit: str) -> alt.LayerChart | None:
    """One chart of one or more series over months; None where there is nothing to draw.

    Args:
        series: name, its values by month, and its mark: `bar` or `line`.
        unit: what is counted: a currency, people, orders.
    """
    names = [name for name, _values, _mark in series]
    layers = []
    for name, values, mark in series:
        rows = [_point(name, month, value) for month, value in values if value is not None]
        if rows:
            layers.append(_layer(alt.Data(values=rows), mark, names, unit, len(series) > 1))
    if not layers:
        return None
    return alt.layer(*layers).properties(height=HEIGHT)


def _point(name: str, month: date, value: Decimal | int) -> dict[str, Any]:
    return {
        "month": month.isoformat(),
        "series": name,
        # The height of a mark only: what is read is `exact`.
        "height": str(value),
        "exact": display.exact(value, money=isinstance(value, Decimal)),
        "label": display.month_name(month),
    }


def _layer(data: alt.Data, mark: str, names: list[str], unit: str, legend: bool) -> alt.Chart:
    chart = alt.Chart(data).transform_calculate(height="toNumber(datum.height)")
    marked = (
        chart.mark_bar(cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
        if mark == "bar"
        else chart.mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=36))
    )
    return marked.encode(
        x=alt.X(
            "yearmonth(month):T",
            # In the middle of the month, where its bar is.
            bandPosition=0.5,
            title=None,
            axis=alt.Axis(format=MONTHS[current()], labelAngle=0, grid=False, tickCount=8, labelOverlap="greedy"),
        ),
        y=alt.Y(
            "height:Q",
            title=None,
            axis=alt.Axis(labelExpr=AXIS_UNITS[current()], tickCount=5),
            scale=alt.Scale(zero=True, nice=True),
        ),
        color=alt.Color(
            "series:N",
            title=None,
            sort=names,
            scale=alt.Scale(domain=names),
            legend=alt.Legend(orient="top", direction="horizontal") if legend else None,
        ),
        tooltip=[
            alt.Tooltip("label:N", title=str(_("Month"))),
            alt.Tooltip("series:N", title=str(_("Figure"))),
            alt.Tooltip("exact:N", title=unit),
        ],
    )
