"""Charts: pure functions from report dataclasses to Vega(-Lite) specs, and specs to SVG.

money_flow.money_flow_chart(flow, *, width, height, theme='light') -> dict    Vega spec
months.months_chart(months, *, currency, width, height, theme) -> dict        Vega-Lite spec
bars.line_bars(statement, *, width, height, theme) -> dict                    Vega-Lite spec
sparkline.sparkline_svg(past, *, width, height) -> str                        plain SVG, no Vega
svg.chart_svg(spec) -> str                                                    for print
"""
