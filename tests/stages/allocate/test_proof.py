"""The proof file of an issued document: rule ST10 of docs/spec/statements.md."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from tests.stages.allocate.firm import MODEL, drivers, ledger, model, run

from bursar.allocate.actions.credit_statement import credit_statement
from bursar.allocate.actions.issue_statements import issue_statements
from bursar.allocate.models import IssuedDocument
from bursar.allocate.proof import proof_of
from bursar.allocate.proof_check import NotAProof, check_proof

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


@pytest.fixture
def proof(home: Path, tmp_path: Path) -> dict[str, Any]:
    months = ("2026-01", "2026-02", "2026-03")
    ledger(tmp_path, "".join(f"{m}-28,100.00,EUR,6500,\n{m}-28,0.05,EUR,6010,R1\n" for m in months))
    drivers(
        tmp_path,
        "".join(
            f"orders,{m},,Retail,2\norders,{m},,Wholesale,1\nhours,{m},,ERP,1\n" for m in months
        ),
    )
    model(MODEL)
    run()
    issue_statements(period="2026-02", acting_user=None)
    found = IssuedDocument.objects.get(consumer="Retail")
    told: dict[str, Any] = json.loads(json.dumps(proof_of(found)))
    return told


def wrong(proof: dict[str, Any]) -> list[str]:
    return [finding.name for finding in check_proof(proof) if not finding.ok]


def test_a_proof_holds_and_shows_nobody_else(proof: dict[str, Any]) -> None:
    assert [f.name for f in check_proof(proof)] == [
        "fingerprint", "sum of the lines", "statement behind it", "rounding", "journal entry",
    ]  # fmt: skip
    assert wrong(proof) == []
    assert proof["issued_before"]["exact"] != "0"
    assert "Wholesale" not in json.dumps(proof)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("document", "consumer"), "Somebody", {"fingerprint"}),
        (("document", "amount"), "1.00",
         {"fingerprint", "sum of the lines", "statement behind it"}),
        (("statement", "total"), "1", {"statement behind it", "rounding"}),
        (("issued_before", "printed"), "0", {"rounding"}),
        (("journal", "actor"), "mallory", {"journal entry"}),
        (("sha256",), "0" * 64, {"fingerprint", "journal entry"}),
        (("statement", "lines"), [], {"statement behind it", "rounding"}),
        (("journal",), None, {"journal entry"}),
    ],
)  # fmt: skip
def test_whatever_is_altered_is_found(
    proof: dict[str, Any], path: tuple[str, ...], value: Any, expected: set[str]
) -> None:
    forged = copy.deepcopy(proof)
    place = forged
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert set(wrong(forged)) == expected


def test_a_credit_note_has_a_proof_of_its_own_and_other_files_have_none(
    proof: dict[str, Any],
) -> None:
    note = credit_statement(
        number=proof["document"]["number"], text="Wrong", acting_user=None, line=1
    )
    told = proof_of(note)
    assert [f.name for f in check_proof(told)] == [
        "fingerprint", "sum of the lines", "journal entry",
    ]  # fmt: skip
    assert wrong(told) == []
    for other in ({}, [], "text", {"format": "else"}):
        with pytest.raises(NotAProof):
            check_proof(other)
