"""AI use joined to its bill: exact, by price, pseudonymous (rules K14-K19)."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from tests.connect.samples import row, write

from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.office.people.scope import Scope
from bursar.office.reference.models import Pseudonym
from bursar.office.reference.pseudonyms import pseudonym_of, remember_names
from bursar.record.actions.assign_ai_use import assign_ai_use
from bursar.record.actions.import_files import import_files
from bursar.record.actions.set_ai_feed import set_ai_feed
from bursar.record.actions.set_ai_prices import set_ai_prices
from bursar.record.actions.set_cluster import ClusterChange, set_cluster
from bursar.record.errors import BadAiSetting, BadCluster, UnknownAiFeed
from bursar.record.ledger import open_ledger
from bursar.record.models import AiFeed, Cluster
from bursar.record.verification import checks
from bursar.report.ai_use import ai_use
from bursar.report.errors import BeyondScope, UnknownDimension

pytestmark = pytest.mark.django_db
USER, ALL = None, Scope.all()


def asked(user: str, model: str, tokens: tuple[int, int], **more: Any) -> dict[str, Any]:
    return {"timestamp": "2026-03-02T10:00:00Z", "user": user, "team": f"team of {user}",
            "model": model, "provider": "openai", "input_tokens": tokens[0],
            "output_tokens": tokens[1]} | more  # fmt: skip


def log(folder: Path, *rows: dict[str, Any], name: str = "gateway") -> None:
    path = folder / f"{name}.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in rows), encoding="utf-8")
    import_files(paths=[path], acting_user=USER, source=name)


def line(cost: str, meter: str, *, day: int = 2, **cells: str) -> dict[str, str]:
    return row(
        BilledCost=cost, EffectiveCost=cost, ListCost="", ContractedCost="",
        BillingPeriodStart="2026-03-01T00:00:00Z", BillingPeriodEnd="2026-04-01T00:00:00Z",
        ChargePeriodStart=f"2026-03-{day:02d}T00:00:00Z",
        ChargePeriodEnd=f"2026-03-{day + 1:02d}T00:00:00Z", ProviderName="OpenAI",
        ServiceCategory="AI and Machine Learning", SkuMeter=meter, BillingAccountId="1", **cells,
    )  # fmt: skip


def bill(folder: Path, *lines: dict[str, str], name: str = "openai") -> None:
    import_files(paths=[write(folder / f"{name}.csv", lines)], acting_user=USER, source=name)


def told(by: str, basis: str = "effective") -> dict[tuple[str, str | None], Decimal]:
    return {(r.part, r.key): r.amount for r in ai_use(ALL, by=by, basis=basis).rows}


def test_a_bill_with_ai_services_proposes_a_log(home: Path, tmp_path: Path) -> None:
    log(tmp_path, asked("eve", "gpt-5", (1, 1)))
    assert AiFeed.objects.get().state == "waiting"
    bill(tmp_path, line("1", "gpt-5 input"))
    feed = AiFeed.objects.get()
    assert (feed.state, feed.bill.name) == ("proposed", "openai")
    assert ai_use(ALL).rows == ()


def test_a_line_goes_to_the_users_of_its_model_and_class(home: Path, tmp_path: Path) -> None:
    """Rule K15."""
    log(
        tmp_path,
        asked("eve", "gpt-5", (300, 10)),
        asked("bob", "gpt-5", (100, 30)),
        asked("bob", "gpt-5-mini", (1000, 0)),
        asked("zoe", "claude-x", (999, 999), provider="anthropic"),
    )
    bill(
        tmp_path,
        line("4", "GPT-5, input tokens"),
        line("8", "GPT-5, output tokens"),
        line("0.5", "gpt-5-mini input"),
        line("-1.41", "Credit"),
        line("2", "GPT-5, input tokens", day=20),
    )
    set_ai_feed(acting_user=USER, name="gateway")
    eve, bob = pseudonym_of("eve"), pseudonym_of("bob")
    credit = Fraction("-1.41") / 1440
    expected = {
        ("use", eve): 3 + 2 + 310 * credit,
        ("use", bob): 1 + 6 + Fraction("0.5") + 1130 * credit,
    }
    expected |= {
        ("use", "input"): Fraction("4.5") + 1400 * credit,
        ("use", "output"): 8 + 40 * credit,
    }
    got = told("principal") | told("token_class")
    assert got["unattributed", None] == 2
    for key, amount in expected.items():
        assert abs(Fraction(got[key]) - amount) < Fraction(1, 10**9)
    assert ai_use(ALL).totals == ai_use(ALL).taken == {"USD": Decimal("13.09")}
    assert sum(open_ledger().sums(basis="billed")["amount"].to_pylist()) == Decimal("13.09")
    assert [check.detail for check in checks() if not check.ok] == []


def test_prices_weigh_and_unit_costs_follow(home: Path, tmp_path: Path) -> None:
    """Rules K16 and K17: an invoice of the month, 4.00 for 3 requests and 3,000 tokens."""
    log(
        tmp_path,
        asked("eve", "gpt-5", (1000, 500), requests=2),
        asked("bob", "gpt-5", (1000, 500)),
        asked("bob", "other", (0, 0)),
    )
    month = {"ChargePeriodStart": "2026-03-01T00:00:00Z", "ChargePeriodEnd": "2026-04-01T00:00:00Z"}
    bill(tmp_path, line("4", "API use") | month)
    set_ai_feed(acting_user=USER, name="gateway")
    classes = {key: amount for (_, key), amount in told("token_class").items()}
    third = Decimal("1.3333333333")
    assert abs(classes["output"] - third) < Decimal("1e-9")
    set_ai_prices(
        acting_user=USER, model="gpt*", prices={"input": Decimal(1), "output": Decimal(2)}
    )
    assert told("token_class") == {("use", "input"): Decimal(2), ("use", "output"): Decimal(2)}
    found = ai_use(ALL, by="model")
    (model,) = found.rows
    assert (model.tokens, model.requests) == (3000, 3)
    assert model.per_million_tokens == Decimal("1333.3333333333")
    assert model.per_1000_requests == Decimal("1333.3333333333")
    assert found.unpriced == ({"period": "2026-03", "model": "other", "tokens": 0, "requests": 1},)
    assert ai_use(ALL, by="token_class").rows[0].requests is None


def test_consumers_by_principal_and_by_team(home: Path, tmp_path: Path) -> None:
    log(tmp_path, asked("eve", "m", (1, 0)), asked("bob", "m", (1, 0)), asked("zoe", "m", (2, 0)))
    bill(tmp_path, line("4", "m"))
    set_ai_feed(acting_user=USER, name="gateway")
    assert told("consumer") == {("use", None): Decimal(4)}
    assign_ai_use(acting_user=USER, kind="principal", value="eve", consumer="Retail")
    assign_ai_use(acting_user=USER, kind="team", value="team of zoe", consumer="Digital")
    assert told("consumer") == {
        ("use", "Digital"): Decimal(2),
        ("use", "Retail"): Decimal(1),
        ("use", None): Decimal(1),
    }
    assign_ai_use(acting_user=USER, kind="principal", value="eve", consumer="")
    assert ("use", "Retail") not in told("consumer")
    set_ai_feed(acting_user=USER, name="gateway", active=False)
    assert told("consumer") == {}


def test_names_never_enter_the_lake(home: Path, tmp_path: Path) -> None:
    """Rule K18, over every byte of every file, torn and rejected rows too."""
    path = tmp_path / "use.csv"
    path.write_text(
        "date,user,model,input_tokens\n2026-03-02,eve@example.org,m,1\n"
        "2026-03-02,eve@example.org,m\n2026-03-02,eve@example.org,m,x\n",
        encoding="utf-8",
    )
    done = import_files(paths=[path], acting_user=USER)
    assert (done.rows_accepted, done.rows_rejected) == (1, 2)
    files = [f for f in Path(settings.LAKE_FOLDER).rglob("*") if f.is_file()]
    assert files
    for file in files:
        assert b"eve@" not in file.read_bytes(), file
    assert all(not one["raw"] for one in done.rejected)
    row_ = Pseudonym.objects.get(token=pseudonym_of("eve@example.org"))
    assert row_.name == "eve@example.org"
    row_.name = ""
    row_.save()
    remember_names({row_.token: "eve@example.org"})
    row_.refresh_from_db()
    assert row_.name == ""


def test_a_line_is_split_once(home: Path, tmp_path: Path) -> None:
    """Rule K19."""
    log(tmp_path, asked("eve", "m", (1, 0)))
    log(tmp_path, asked("bob", "m", (1, 0)), name="second")
    bill(tmp_path, line("4", "m"))
    set_ai_feed(acting_user=USER, name="gateway")
    with pytest.raises(BadAiSetting, match="split once"):
        set_ai_feed(acting_user=USER, name="second")
    usage = Cluster.objects.create(name="blue")
    with pytest.raises(BadCluster, match="split once"):
        set_cluster(
            acting_user=USER, name="blue", change=ClusterChange(bill="openai", extent="everything")
        )
    set_ai_feed(acting_user=USER, name="gateway", active=False)
    set_cluster(
        acting_user=USER, name="blue", change=ClusterChange(bill="openai", extent="everything")
    )
    with pytest.raises(BadAiSetting, match="split once"):
        set_ai_feed(acting_user=USER, name="gateway")
    assert usage.name == "blue"


@pytest.mark.parametrize(
    "act",
    [
        lambda: set_ai_feed(acting_user=USER, name="gateway", extent="most"),
        lambda: set_ai_feed(acting_user=USER, name="gateway", bill="nothing"),
        lambda: assign_ai_use(acting_user=USER, kind="city", value="x", consumer="y"),
        lambda: assign_ai_use(acting_user=USER, kind="team", value="", consumer="y"),
        lambda: set_ai_prices(acting_user=USER, model="", prices={}),
        lambda: set_ai_prices(acting_user=USER, model="m", prices={"words": Decimal(1)}),
        lambda: set_ai_prices(acting_user=USER, model="m", prices={"input": Decimal(-1)}),
        lambda: set_ai_prices(acting_user=USER, model="m", prices={"input": Decimal("1e-9")}),
    ],
)
def test_settings_that_are_none(home: Path, tmp_path: Path, act: Any) -> None:
    log(tmp_path, asked("eve", "m", (1, 0)))
    with pytest.raises(BadAiSetting) as refusal:
        act()
    assert refusal.value.code == "record.bad_ai_setting"


def test_who_may_and_what_there_is(home: Path) -> None:
    with pytest.raises(UnknownAiFeed) as refusal:
        set_ai_feed(acting_user=USER, name="gateway")
    assert refusal.value.code == "record.unknown_ai_feed"
    reader = User.objects.create_user("ada", role=Role.AUDITOR)
    for act in (
        lambda: set_ai_feed(acting_user=reader, name="gateway"),
        lambda: assign_ai_use(acting_user=reader, kind="team", value="a", consumer="b"),
        lambda: set_ai_prices(acting_user=reader, model="m", prices={}),
    ):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(BeyondScope):
        ai_use(Scope.of_roots(["Retail"]))
    with pytest.raises(UnknownDimension):
        ai_use(ALL, by="colour")
