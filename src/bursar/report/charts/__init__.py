"""Charts: pure functions from report dataclasses to Vega(-Lite) specs, and specs to SVG.

money_flow.money_flow_chart(flow, width=1080, height=460, medium='page') -> dict    Vega
months.months_chart(months, currency=…, height=240, width=None, medium='page') -> dict  Vega-Lite
bars.statement_bars(statement, width=None, medium='page') -> dict                   Vega-Lite
svg.chart_svg(spec) -> str                                                          for print

Every mark's datum has a `key`: that of the row in the table twin that a click follows.
"""
