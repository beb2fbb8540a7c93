"""The hand-worked company run under 4.1, then told under 5.0.

Rules TX4, TX7, TX8, TX14 and TX15 of docs/spec/taxonomy.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import pytest
from tests.stages.report.company import MODEL
from tests.stages.report.conftest import installation
from tests.stages.report.test_two_taxonomies import figures

from bursar.allocate.actions.apply_model import apply_model
from bursar.allocate.actions.decide_crosswalk import decide_crosswalk
from bursar.allocate.actions.run_model import run_model
from bursar.allocate.models import RunPeriod
from bursar.office.journal.models import Entry
from bursar.office.manifest.models import LakeFile
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.office.people.scope import Scope
from bursar.office.reference.errors import NoCrosswalk, UnknownPack
from bursar.office.reference.models import Member
from bursar.report.costs import costs
from bursar.report.errors import UnknownDimension
from bursar.report.taxonomy import Comparison, compare_taxonomies

pytestmark = pytest.mark.django_db
ALL = Scope.all()
OWN = """
from: tbm-4.1
to: tbm-5.0
towers:
  Network / LAN/WAN: {shares: {Network / LAN: 2/3, Network / WAN: 1/3}}
"""
OLDER = (
    MODEL.replace("tbm-5.0", "tbm-4.1")
    .replace("Compute / Servers", "Network / LAN/WAN")
    .replace("Storage / Online Storage", "Compute / Unix / Vault")
    .replace("Delivery / Operations Center", "Platform / Database")
    .replace(
        "Cloud Services / Cloud Service Provider", "Outside Services / Cloud Service Providers"
    )
    .replace("Staffing / Internal Labor", "Internal Labor / Expense")
    .replace("{cost_pool: Staffing}", "{cost_pool: Internal Labor}")
    .replace("{Cloud Services: total}", "{Outside Services: total}")
    .replace("Software & SaaS / SaaS", "Software / Licensing/SaaS")
    .replace("solutions: [", "towers: [Compute / Unix / Vault]\nsolutions: [")
)


@pytest.fixture(scope="module")
def older_once(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The same company run under a model of 4.1."""
    with django_db_blocker.unblock(), installation(tmp_path_factory.mktemp("older")):
        apply_model(text=OLDER, acting_user=None)
        run_model(acting_user=None)
        yield


@pytest.fixture
def older(older_once: None, db: None) -> Callable[..., Comparison]:
    """`older(layer='tower')` compares January under both."""

    def compare(**asked: object) -> Comparison:
        return compare_taxonomies(
            ALL, source="tbm-4.1", target="tbm-5.0", periods=["2026-01"], **asked
        )

    return compare


def test_history_under_the_older_names_is_restated(older: Callable[..., Comparison]) -> None:
    """Rules TX4, TX14: what is divided waits, and an own name follows the name it hangs below."""
    found = older()
    before, after = figures(found, "before"), figures(found, "after")
    lan = before["Network / LAN/WAN"]
    assert after["Not decided / Network / LAN/WAN"] == lan
    assert after["Compute / Servers / Vault"] == before["Compute / Unix / Vault"]
    assert after["Compute / Servers"] == before["Compute / Unix"] == before["Compute"]
    pools = figures(older(layer="cost_pool"), "after")
    assert pools["Staffing / Internal Labor"] == pools["Staffing"]
    assert {row.depth for t in older(depth=1).currencies for row in t.rows} == {0}


def test_an_own_decision_moves_money_and_no_fact(older: Callable[..., Comparison]) -> None:
    """Rules TX7, TX8 and TX15."""
    before = figures(older(), "before")
    kept = [list(model.objects.order_by("pk").values()) for model in (RunPeriod, LakeFile, Member)]
    done = decide_crosswalk(text=OWN, acting_user=None)
    assert (done.number, done.rows, done.unchanged) == (1, 1, False)
    assert decide_crosswalk(text=OWN, acting_user=None).unchanged
    found = older()
    after, lan = figures(found, "after"), Fraction(before["Network / LAN/WAN"])
    assert found.versions == {"tbm-4.1 > tbm-5.0": "1.1"}
    assert abs(Fraction(after["Network / LAN"]) - lan * Fraction(2, 3)) < Fraction(1, 10**23)
    assert Fraction(after["Network / LAN"]) + Fraction(after["Network / WAN"]) == lan
    assert "Not decided" not in after
    assert figures(found, "before") == before
    assert older() == found
    assert "Not decided" in figures(older(decision=0), "after")
    assert Entry.objects.filter(act="allocate.decide_crosswalk").count() == 1
    assert kept == [
        list(model.objects.order_by("pk").values()) for model in (RunPeriod, LakeFile, Member)
    ]


def test_refusals(older: Callable[..., Comparison]) -> None:
    with pytest.raises(UnknownDimension, match="no layer 'consumer'"):
        older(layer="consumer")
    with pytest.raises(NoCrosswalk):
        older(decision=3)
    with pytest.raises(UnknownPack):
        compare_taxonomies(ALL, source="tbm-9", target="tbm-5.0")
    turned = "from: tbm-5.0\nto: tbm-4.1\n"
    with pytest.raises(NoCrosswalk, match=r"shipped crosswalk: from tbm-4\.1 to tbm-5\.0"):
        decide_crosswalk(text=turned, acting_user=None)
    auditor = User.objects.create(username="audra", email="a@example.org", role=Role.AUDITOR)
    with pytest.raises(NotAllowed):
        decide_crosswalk(text=OWN, acting_user=auditor)


def test_an_owner_sees_her_own_money_alone(older: Callable[..., Comparison]) -> None:
    scope = Scope.of_roots(["Retail"])
    found = compare_taxonomies(scope, source="tbm-4.1", target="tbm-5.0", periods=["2026-01"])
    plain = costs(scope, by=["tower"], periods=["2026-01"])
    assert plain.totals != costs(ALL, by=["tower"], periods=["2026-01"]).totals
    assert [(t.currency, t.total) for t in found.currencies] == [
        (t.currency, t.amount) for t in plain.totals
    ]
