"""Random costs, steps and drivers for property tests of the engine."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from bursar.core.calc.allocation.model import Rule, Step
from bursar.core.calc.matching import Test

MEMBERS = {
    "tower": ("Compute / Servers", "Storage / Tape"),
    "solution": ("ERP", "Shop"),
    "consumer": ("North", "South", "West"),
}
POOLS = ("Cloud / A", "Cloud / B", "Staff / Own")


def maybe(values):
    return st.sampled_from([None, *values])


magnitudes = st.sampled_from([10, 10**6, 2**53, 2**62, 10**30])
units = magnitudes.flatmap(lambda most: st.integers(-most, most))
random_nodes = st.lists(
    st.tuples(
        st.tuples(
            st.sampled_from(["Firm", "Other"]),
            st.sampled_from(["EUR", "USD"]),
            maybe(POOLS),
            maybe(MEMBERS["tower"]),
            maybe(MEMBERS["solution"]),
            maybe(MEMBERS["consumer"]),
        ),
        units,
    ),
    max_size=8,
)
conditions = st.lists(
    st.builds(
        Test,
        column=st.just("cost_pool"),
        operator=st.just("equals"),
        values=st.sampled_from([("Cloud",), ("Cloud / B", "Staff")]),
        negated=st.booleans(),
    )
    | st.builds(Test, st.just("solution"), st.just("missing"), st.just(()), st.booleans()),
    max_size=1,
).map(tuple)
percents = st.integers(0, 500).map(lambda tenths: Decimal(tenths) / 10)


def rules_to(layer):
    names = st.sampled_from(MEMBERS[layer])
    rests = st.sampled_from(["unallocated", "retained", "next"]) | names
    named = {"name": st.sampled_from(["one", "two"]), "when": conditions}
    subset = st.lists(names, min_size=1, max_size=3, unique=True).map(tuple)
    return st.one_of(
        st.builds(Rule, **named, method=st.just("direct"), targets=names.map(lambda n: (n,))),
        st.builds(Rule, **named, method=st.just("even"), targets=subset),
        st.builds(
            Rule, **named, method=st.just("fixed"), residual=rests,
            shares=st.lists(st.tuples(names, percents), max_size=2, unique_by=lambda s: s[0])
            .map(tuple),
        ),
        st.builds(Rule, **named, method=st.just("weighted"), driver=st.sampled_from(["u", "v"])),
        st.builds(Rule, **named, method=st.just("residual"), residual=rests),
    )  # fmt: skip


def steps_to(layer):
    rules = st.lists(rules_to(layer), max_size=3).map(tuple)
    return st.lists(st.builds(Step, st.just(f"to {layer}"), st.just(layer), rules), max_size=1)


random_steps = st.tuples(*map(steps_to, ("tower", "solution", "consumer"))).map(
    lambda found: [one for several in found for one in several]
)
random_rows = st.lists(
    st.tuples(
        st.sampled_from(["u", "v"]),
        st.sampled_from([None, "", "ERP", "Compute", "Cloud", "Staff / Own"]),
        st.sampled_from([*sum(MEMBERS.values(), ()), "Nobody"]),
        st.sampled_from(["0", "1", "7", "0.25", "123456789.000000001", "-1"]),
    ),
    max_size=12,
)
