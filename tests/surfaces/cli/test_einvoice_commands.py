"""`bursar issued einvoice` and what it needs: rules EI1-EI9 at the command line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from facturx import get_xml_from_pdf
from tests.core.official_checks import complaints
from tests.surfaces.cli.conftest import MODEL, Program

MAIN = ("--legal-name", "Main B.V.", "--street", "Kade 1", "--city", "Rotterdam", "--country", "NL")
SHOP = ("--legal-name", "Shop GmbH", "--street", "Markt 2", "--city", "Bonn", "--country", "DE")


def test_a_chargeback_between_two_companies_becomes_an_invoice(
    firm: Program, tmp_path: Path
) -> None:
    charged = tmp_path / "charged.yaml"
    charged.write_text(MODEL.replace("parent: Retail}", "parent: Retail, mode: chargeback}"))
    firm("model", "apply", charged).done()
    firm("run").done()
    issued = firm("issued", "issue", "--period", "2026-01", "--json").done().json["numbers"]
    documents = firm("issued", "list", "--json").done().json["documents"]
    number = next(row["number"] for row in documents if row["consumer"] == "Stores")
    other = next(row["number"] for row in documents if row["consumer"] == "Corporate")
    assert {number, other} <= set(issued)
    file = tmp_path / "october.pdf"
    asked = ("issued", "einvoice", number, "--output", file)
    firm("issued", "einvoice", other, "--output", file).refused("einvoice.informs_only")
    firm(*asked, "--format", "paper").refused("report.unknown_kind")
    firm(*asked).refused("einvoice.buyer_unknown")
    firm("entity", "consumer", "shop", "Stores", "--from", "2026-01-01").refused(
        "record.unknown_entity"
    )
    firm("entity", "set", "shop", "--name", "Shop", "--currency", "EUR").done()
    firm("entity", "consumer", "shop", "Nobody", "--from", "2026-01-01").refused(
        "record.unknown_consumer"
    )
    told = firm("entity", "consumer", "shop", "Stores", "--from", "2026-01-01").done()
    assert "Stores belongs to shop from 2026-01-01 on." in told.out
    firm(*asked).refused("einvoice.no_agreement")
    terms = ("entity", "agree", "main", "shop", "--from", "2026-01-01", "--category")
    firm(*terms, "AE", "--rate", "21").refused("einvoice.bad_rate")
    firm(*terms, "E").refused("einvoice.bad_exemption")
    firm(*terms, "Y").refused("einvoice.unknown_category")
    assert firm(*terms, "AE", "--json").done().json["payment_days"] == 30
    firm(*asked).refused("einvoice.party_incomplete")
    firm("entity", "party", "main", "--country", "Holland").refused("einvoice.bad_party")
    firm("entity", "party", "main", *MAIN, "--vat-id", "NL123456789B01").done()
    shown = firm("entity", "party", "shop", *SHOP, "--vat-id", "DE123456789", "--json").done().json
    assert (shown["code"], shown["city"], shown["postal_code"]) == ("shop", "Bonn", "")
    assert "vat id: DE123456789" in firm("entity", "party", "shop").done().out
    firm(*asked).done()
    _name, inside = get_xml_from_pdf(file.read_bytes())
    for syntax in ("ubl", "cii"):
        out = tmp_path / f"{syntax}.xml"
        firm("issued", "einvoice", number, "--format", syntax, "--out", out).done()
        assert complaints(out.read_bytes(), syntax) == []
    assert inside == (tmp_path / "cii.xml").read_bytes()
    assert "e-invoices: 1 e-invoices match" in firm("verify").done().out


def test_charges_between_two_companies_cancel_out(firm: Program, tmp_path: Path) -> None:
    """Rules IC2 and IC6: marked up by agreement, and gone in the group's view."""
    text = MODEL.replace("parent: Retail}", "parent: Retail, mode: chargeback}")
    charged = tmp_path / "charged.yaml"
    charged.write_text(text + "intercompany: {}\n")
    firm("entity", "set", "shop", "--name", "Shop", "--currency", "EUR").done()
    firm("entity", "consumer", "shop", "Online", "--from", "2026-01-01").done()
    terms = ("entity", "agree", "main", "shop", "--from", "2026-01-01", "--category", "AE")
    firm(*terms, "--markup", "1001").refused("einvoice.bad_party")
    assert firm(*terms, "--markup", "10", "--json").done().json["markup"] == "10"
    firm("intercompany", "--period", "2020-01").refused("report.not_run")
    before = firm("statement", "--period", "2026-01", "--consumer", "Online", "--json")
    firm("model", "apply", charged).done()
    firm("run").done()
    found = firm("intercompany", "--period", "2026-01", "--json").done().json
    (pair,) = [one for one in found["pairs"] if one["currency"] == "EUR"]
    charged_before = before.done().json["statements"][0]["total"]
    assert Decimal(pair["charged"]) - Decimal(pair["markup"]) == Decimal(charged_before)
    assert Decimal(pair["markup"]) * 11 == Decimal(pair["charged"])
    assert found["holds"] is True
    assert "Charges cancel out." in firm("intercompany", "--period", "2026-01").done().out
