"""Policies of commitments as lines beside a bill: rules CP1-CP8, docs/spec/commitments.md."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from tests.connect.samples import row, write

from bursar.lake.lines import SCAN
from bursar.office.journal.models import Entry
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.office.people.scope import Scope
from bursar.record.actions.import_files import import_files
from bursar.record.actions.set_commitment import CommitmentPolicy, set_commitment
from bursar.record.errors import BadCommitment, UnknownCommitment
from bursar.record.ledger import open_ledger
from bursar.record.models import Batch, Commitment
from bursar.record.references.queries import used_of_commitments
from bursar.record.verification import checks
from bursar.report.commitments import commitments

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
PLAN = "arn:aws:savingsplans::1:savingsplan/sp-1"


def usage(account: str, effective: str, contracted: str, **cells: str) -> dict[str, str]:
    """A line that the plan covered, unless the cells say otherwise."""
    covered = {
        "CommitmentDiscountId": PLAN,
        "CommitmentDiscountName": "Compute plan",
        "CommitmentDiscountType": "Savings Plan",
        "CommitmentDiscountCategory": "Spend",
        "CommitmentDiscountStatus": "Used",
        "PricingCategory": "Committed",
        "SkuId": "sku-1",
    }
    money = {"BilledCost": "0", "EffectiveCost": effective, "ContractedCost": contracted}
    return row(**(covered | money | {"SubAccountId": account} | cells))


def uncovered(account: str, cost: str, **cells: str) -> dict[str, str]:
    none = dict.fromkeys(
        ("CommitmentDiscountId", "CommitmentDiscountName", "CommitmentDiscountType",
         "CommitmentDiscountCategory", "CommitmentDiscountStatus"), ""
    )  # fmt: skip
    standard = {"PricingCategory": "Standard", "BilledCost": cost}
    return usage(account, cost, cost, **(none | standard | cells))


def unused(account: str, effective: str, **cells: str) -> dict[str, str]:
    status = {"CommitmentDiscountStatus": "Unused", "SkuId": ""}
    return usage(account, effective, effective, **(status | cells))


MONTH = [
    usage("shop", "60", "100"),
    usage("erp", "30", "50"),
    unused("platform", "10"),
    uncovered("lab", "50"),
    uncovered("lab", "7", SkuId="sku-2"),
]


def bill(folder: Path, *lines: dict[str, str], source: str = "aws") -> None:
    import_files(paths=[write(folder / f"{source}.csv", lines)], acting_user=None, source=source)


def decide(policy: str, **home: str) -> Commitment:
    return set_commitment(
        acting_user=None, commitment=PLAN, policy=CommitmentPolicy(policy, **home)
    )


def by_account(basis: str = "effective") -> dict[str, Decimal]:
    found = open_ledger().lines.ask(
        f"SELECT sub_account_id AS account, sum({basis}_cost) AS cost FROM {SCAN} GROUP BY ALL", {}
    )
    return {r["account"]: r["cost"].normalize() for r in found.to_pylist()}


def added(*columns: str) -> list[tuple[object, ...]]:
    keys = ", ".join(columns)
    found = open_ledger().lines.ask(
        f"SELECT {keys}, sum(effective_cost) AS cost FROM {SCAN} WHERE source = 'commitments' "
        "GROUP BY ALL ORDER BY ALL",
        {},
    )
    return [(*list(r.values())[:-1], r["cost"].normalize()) for r in found.to_pylist()]


def test_cp1_nothing_changes_before_somebody_decides(tmp_path: Path) -> None:
    bill(tmp_path, *MONTH)
    assert Commitment.objects.count() == 0
    assert by_account() == {"shop": 60, "erp": 30, "platform": 10, "lab": 57}
    decide("users")
    assert Batch.objects.filter(source__name="commitments").count() == 0


def test_cp2_cp3_cp5_who_bought_it_keeps_the_saving(tmp_path: Path) -> None:
    """The unused line tells who bought it."""
    bill(tmp_path, *MONTH)
    before = {b: by_account(b) for b in ("billed", "contracted", "list")}
    decide("purchaser")
    assert by_account() == {"shop": 100, "erp": 50, "platform": 10 - 60, "lab": 57}
    assert {b: by_account(b) for b in before} == before
    assert added("x_commitment_part", "sub_account_id") == [
        ("price", "erp", 20),
        ("price", "shop", 40),
        ("saving", "platform", -60),
        ("unused", "platform", 0),
    ]
    (told,) = {tuple(r[:-1]) for r in added("commitment_discount_id", "charge_category")}
    assert told == (PLAN, "Adjustment")
    assert all(check.ok for check in checks())


def test_cp2_a_purchase_comes_before_an_unused_part(tmp_path: Path) -> None:
    purchase = usage(
        "treasury", "0", "0", ChargeCategory="Purchase", CommitmentDiscountStatus="",
        PricingCategory="Standard", BilledCost="100", SkuId="sku-9",
    )  # fmt: skip
    bill(tmp_path, *MONTH, purchase)
    decide("purchaser")
    assert by_account() == {"shop": 100, "erp": 50, "platform": 0, "lab": 57, "treasury": -50}


def test_cp2_an_earlier_month_tells_who_bought_it(tmp_path: Path) -> None:
    later = {
        "BillingPeriodStart": "2026-02-01T00:00:00Z", "BillingPeriodEnd": "2026-03-01T00:00:00Z",
        "ChargePeriodStart": "2026-02-05T00:00:00Z", "ChargePeriodEnd": "2026-02-06T00:00:00Z",
    }  # fmt: skip
    bill(tmp_path, *MONTH)
    bill(tmp_path, usage("shop", "6", "10", **later), source="aws2")
    decide("purchaser")
    found = added("posting_period", "x_commitment_part", "sub_account_id")
    assert found[-2:] == [("2026-02", "price", "shop", 4), ("2026-02", "saving", "platform", -4)]


def test_cp2_where_nobody_knows_who_bought_it_nothing_is_moved(tmp_path: Path) -> None:
    bill(tmp_path, MONTH[0])
    done = decide("purchaser")
    assert "Name the account or the cost center" in done.problem
    assert by_account() == {"shop": 60}
    assert decide("purchaser", sub_account="platform").problem == ""
    assert by_account() == {"shop": 100, "platform": -40}


def test_cp2_a_central_place_keeps_it(tmp_path: Path) -> None:
    bill(tmp_path, *MONTH)
    decide("central", cost_center="FINOPS")
    assert added("x_commitment_part", "cost_center", "sub_account_id") == [
        ("price", None, "erp", 20),
        ("price", None, "shop", 40),
        ("saving", "FINOPS", None, -60),
        ("unused", "FINOPS", None, 10),
        ("unused", None, "platform", -10),
    ]


def test_cp4_cp5_everybody_whom_it_could_cover_shares(tmp_path: Path) -> None:
    """200 of contracted cost pay 140 and the 10 unused; another SKU takes no part."""
    bill(tmp_path, *MONTH)
    decide("shared")
    paid = {"shop": 75, "erp": Decimal("37.5"), "platform": 0, "lab": Decimal("37.5") + 7}
    assert by_account() == paid
    status = added("x_commitment_part", "commitment_discount_status", "sub_account_id")
    assert [r for r in status if r[0] == "unused"] == [
        ("unused", "Unused", "erp", Decimal("2.5")),
        ("unused", "Unused", "lab", Decimal("2.5")),
        ("unused", "Unused", "platform", -10),
        ("unused", "Unused", "shop", 5),
    ]
    assert all(check.ok for check in checks())


def test_cp6_nothing_crosses_a_legal_entity_or_a_currency(tmp_path: Path) -> None:
    bill(tmp_path, *MONTH, usage("shop-uk", "3", "9", BillingCurrency="GBP"))
    decide("purchaser")
    found = added("legal_entity", "billing_currency", "posting_period")
    assert [cost for *_, cost in found] == [0, 0]
    assert {currency for _, currency, *_ in found} == {"GBP", "USD"}


def test_cp7_cp8_a_new_bill_and_a_new_decision_replace_what_was_added(tmp_path: Path) -> None:
    bill(tmp_path, *MONTH)
    decide("purchaser")
    bill(tmp_path, usage("shop", "70", "100"), *MONTH[1:])
    assert by_account() == {"shop": 100, "erp": 50, "platform": 10 - 50, "lab": 57}
    version = decide("shared").version
    assert by_account()["platform"] == 0
    assert decide("users").version == version + 1
    assert by_account() == {"shop": 70, "erp": 30, "platform": 10, "lab": 57}
    assert added("source") == []
    told = Entry.objects.filter(act="record.set_commitment").order_by("seq")
    assert [e.detail["after"]["policy"] for e in told] == ["purchaser", "shared", "users"]


def test_tags_and_own_columns_stay_with_who_is_charged(tmp_path: Path) -> None:
    bill(tmp_path, *[one | {"x_cost_code": f"c-{n}"} for n, one in enumerate(MONTH)])
    decide("purchaser")
    found = added("x_commitment_part", "tags", "x_origin_source")
    assert ("price", '{"team": "web"}', "aws", 60) in found


def test_what_was_used_is_told_as_the_bill_has_it_beside_what_was_moved(tmp_path: Path) -> None:
    bill(tmp_path, *MONTH)
    decide("central", cost_center="FINOPS")
    (told,) = commitments(Scope.all()).rows
    use = told.periods["2026-01"]
    assert (told.policy, told.cost_center) == ("central", "FINOPS")
    assert (use.used, use.unused) == (90, 10)
    assert use.moved == {"price": 60, "unused": 10}
    assert told.to_json()["periods"][0]["moved"] == {"price": "60", "unused": "10"}


def test_what_cannot_be_decided_is_refused(tmp_path: Path) -> None:
    bill(tmp_path, *MONTH)
    with pytest.raises(UnknownCommitment) as unknown:
        set_commitment(acting_user=None, commitment="sp-2", policy=CommitmentPolicy("users"))
    assert unknown.value.code == "record.unknown_commitment"
    for policy, home in (
        ("mine", {}),
        ("central", {}),
        ("shared", {"sub_account": "platform"}),
        ("purchaser", {"sub_account": "x" * 201}),
    ):
        with pytest.raises(BadCommitment) as bad:
            decide(policy, **home)
        assert bad.value.code == "record.bad_commitment"
    auditor = User.objects.create(username="audrey", role=Role.AUDITOR)
    with pytest.raises(NotAllowed):
        set_commitment(acting_user=auditor, commitment=PLAN, policy=CommitmentPolicy("users"))
    assert Commitment.objects.count() == 0


def test_cp3_the_example_of_the_focus_standard(shared_data: Path, tmp_path: Path) -> None:
    """A commitment of 2.00 an hour over two machines of half its size, listed at 2.00 each."""
    example = shared_data / "focus" / "spec_examples_1.2dev" / EXAMPLE
    with example.open(encoding="utf-8") as handle:
        stated = [one for one in csv.DictReader(handle) if one["ChargeCategory"]]
    lines = [
        {name: "" if value == "null" else value for name, value in one.items()}
        | {
            "BillingCurrency": "USD",
            "ContractedCost": one["ListCost"],
            "ServiceName": "VM",
            "SubAccountId": one["ResourceId"],
        }
        for one in stated
    ]
    bill(tmp_path, *lines)
    (name,) = {use["commitment"] for use in used_of_commitments()}
    before = by_account()
    policy = CommitmentPolicy("purchaser")
    assert set_commitment(acting_user=None, commitment=name, policy=policy).problem == ""
    after = by_account()
    assert sum(after.values()) == sum(before.values()) == 2
    assert after == {name: -2, "<my-medium-vm-id>": 4}


EXAMPLE = (
    "commitment_discount_flexibility__one_hundred_percent_utilization_with_commitment_discount_"
    "flexibility_with_2_resources.csv"
)
