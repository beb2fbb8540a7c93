"""The text of a first cost model, made from the largest cost that waits for a pool."""

from __future__ import annotations

import yaml

from bursar.report.unclassified import UnclassifiedRow

MOST_RULES = 12
_NAMING = ("gl_account", "vendor", "service_name", "source")
_BEGIN = """\
name: Our cost model
taxonomy: tbm-5.0
consumers:
  - Business
classify:
  - name: cloud
    when: {service_category: {missing: false}}
    set: {cost_pool: Cloud Services / Cloud Service Provider}
"""
_CHOOSE = """\
  # Your largest cost without a pool. For each, write the pool that fits in place of ?, and
  # take away the # at the beginning of its three lines. Pools are Staffing, Outside Services,
  # Software & SaaS, Cloud Services, Hardware, Telecom and Data Center Facilities.
"""
_STEPS = """\
steps:
  - name: to consumers
    to: consumer
    rules:
      - {method: direct, target: Business}
"""


def first_text(rows: tuple[UnclassifiedRow, ...]) -> str:
    """A model that can be applied as it is: all cost goes to one consumer, to be divided later."""
    rules = "".join(_rules(rows))
    return _BEGIN + (_CHOOSE + rules if rules else "") + _STEPS


def _rules(rows: tuple[UnclassifiedRow, ...]) -> list[str]:
    """One per account, vendor, service or source, whichever names the cost first."""
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        if "service_category" in row.columns:
            continue  # the rule for clouds takes it
        column = next((name for name in _NAMING if row.columns.get(name)), None)
        if column is None or len(found) == MOST_RULES:
            continue
        value = row.columns[column]
        name = f"account {value}" if column == "gl_account" else value
        vendor = row.columns.get("vendor")
        who = f"  # {vendor}" if column == "gl_account" and vendor else ""
        found.setdefault(
            (column, value),
            f"  # - {_flow({'name': name})[1:-1]}{who}\n  #   when: {_flow({column: value})}\n"
            "  #   set: {cost_pool: ?}\n",
        )
    return list(found.values())


def _flow(content: dict[str, str]) -> str:
    return yaml.safe_dump(
        content, default_flow_style=True, allow_unicode=True, width=10_000
    ).strip()
