"""What a header may mean: the words of four languages for each thing that a ledger says."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence

AMOUNT_WORDS: Mapping[str, Sequence[str]] = {
    "net": (
        "net amount", "net", "net value", "amount net of vat", "value net of vat", "net of vat",
        "amount excl vat", "amount ex vat", "excluding vat", "excl tax", "netto", "nettobetrag",
        "betrag netto", "nettowert", "importe neto", "neto", "base imponible", "sin iva",
        "montant ht", "montant net", "hors taxe", "ht", "net spend", "net price",
    ),
    "vat": (
        "vat", "vat amount", "tax", "tax amount", "sales tax", "irrecoverable vat", "gst", "mwst",
        "ust", "umsatzsteuer", "mehrwertsteuer", "steuer", "steuerbetrag", "mwst betrag",
        "vorsteuer", "iva", "importe iva", "cuota iva", "tva", "montant tva",
    ),
    "gross": (
        "gross amount", "gross", "gross value", "amount incl vat", "including vat", "incl tax",
        "total incl vat", "brutto", "bruttobetrag", "betrag brutto", "importe bruto", "bruto",
        "total con iva", "montant ttc", "ttc", "montant brut",
    ),
    "debit": (
        "debit", "debit amount", "dr", "debits", "soll", "sollbetrag", "debe", "cargo",
        "importe debe", "montant debit", "umsatz soll",
    ),
    "credit": (
        "credit", "credit amount", "cr", "credits", "haben", "habenbetrag", "haber",
        "importe haber", "montant credit", "umsatz haben",
    ),
    "amount": (
        "amount", "value", "spend", "cost", "amount in local currency", "invoice amount",
        "payment amount", "line amount", "paid amount", "amount paid", "line value", "sum",
        "total amount", "expenditure", "payment", "charge", "price", "purchase cost",
        "booked amount",
        "betrag", "summe", "kosten", "wert", "rechnungsbetrag", "buchungsbetrag", "saldo",
        "importe", "importe total", "monto", "valor", "gasto", "coste", "costo",
        "gasto total", "montant", "cout", "depense", "somme", "valeur", "balance", "total",
        "transaction amount", "amount gbp", "amount eur", "amount usd", "betrag in eur",
    ),
}  # fmt: skip

DATE_WORDS: Sequence[Sequence[str]] = (
    ("posting date", "gl date", "accounting date", "booking date", "journal date", "posted",
     "buchungsdatum", "buchungstag", "fecha contable", "fecha de contabilizacion",
     "fecha contabilizacion", "date comptable", "date de comptabilisation", "date ecriture"),
    ("payment date", "date paid", "paid date", "clearing date", "paid on", "date of payment",
     "zahlungsdatum", "zahltag", "fecha de pago", "fecha pago", "date de paiement"),
    ("invoice date", "document date", "bill date", "date of invoice", "rechnungsdatum",
     "belegdatum", "fecha de factura", "fecha factura", "date de facture", "date facture"),
    ("transaction date", "trans date", "date of transaction", "purchase date", "order date",
     "date", "datum", "fecha", "day", "tag", "jour"),
)  # fmt: skip
"""Days by which a line is posted, the best first."""

WORDS: Mapping[str, Sequence[str]] = {
    "service_start": (
        "service start", "start date", "period start", "service from", "leistungsbeginn",
        "leistung von", "fecha inicio", "fecha de inicio", "date debut", "date de debut",
    ),
    "service_end": (
        "service end", "end date", "period end", "service to", "leistungsende", "leistung bis",
        "fecha fin", "fecha de fin", "date fin", "date de fin",
    ),
    "period": (
        "period", "accounting period", "fiscal period", "posting period", "financial period",
        "month", "periode", "buchungsperiode", "monat", "abrechnungsmonat", "periodo", "mes",
        "mois", "exercice", "fiscal year period", "gl period", "reporting period",
    ),
    "currency": (
        "currency", "currency code", "curr", "transaction currency", "document currency", "ccy",
        "wahrung", "waehrung", "wkz", "wahrungsschlussel", "moneda", "divisa", "devise", "monnaie",
    ),
    "sign": (
        "debit credit", "debit credit indicator", "dc indicator", "dr cr", "cr dr", "d c",
        "soll haben", "soll haben kennzeichen", "s h", "shkz", "shkzg", "debe haber", "sens",
        "debit credit ind", "c d",
    ),
    "vendor": (
        "vendor", "vendor name", "supplier", "supplier name", "payee", "creditor", "creditor name",
        "beneficiary", "merchant", "merchant name", "paid to", "beneficiary name", "lieferant",
        "lieferantenname", "kreditor", "kreditorname", "name des lieferanten", "empfanger",
        "proveedor", "nombre proveedor", "nombre del proveedor", "acreedor", "beneficiario",
        "fournisseur", "nom du fournisseur", "nom fournisseur", "beneficiaire", "redacted supplier",
    ),
    "document_ref": (
        "document number", "document no", "doc no", "invoice number", "invoice no",
        "transaction number", "transaction no", "transaction id", "voucher", "voucher number",
        "journal number", "journal id", "reference", "reference number", "payment reference",
        "document", "belegnummer", "belegnr", "beleg", "rechnungsnummer", "rechnungsnr",
        "numero de factura", "numero factura", "n factura", "num factura", "factura", "documento",
        "numero de facture", "numero facture", "n facture", "piece", "numero de piece", "ref",
        "trans no", "invoice",
    ),
    "gl_account": (
        "gl account", "account", "account code", "account number", "ledger account",
        "general ledger account", "nominal", "nominal code", "cost element", "expense code",
        "expenditure account", "expense type", "expenses type", "expenditure category",
        "expense category", "detailed expenditure code", "subjective code", "konto", "sachkonto",
        "kontonummer", "kostenart", "cuenta", "cuenta contable", "numero de cuenta", "partida",
        "compte", "compte general", "numero de compte", "nature", "object code",
    ),
    "cost_center": (
        "cost center", "cost centre", "cost center code", "cost centre code", "cost centre name",
        "department", "dept", "directorate", "expense area", "service area", "division",
        "kostenstelle", "abteilung", "bereich", "centro de coste", "centro de costo",
        "centro de costes", "departamento", "centre de cout", "centre de couts", "service",
        "departement", "service division", "service division label",
    ),
    "legal_entity": (
        "legal entity", "entity", "company", "company code", "company name", "body name",
        "organisation name", "organization name", "organisation", "buchungskreis", "gesellschaft",
        "firma", "mandant", "sociedad", "empresa", "societe", "entite", "entidad", "etablissement",
    ),
    "charge_description": (
        "description", "line description", "item description", "text", "narrative", "details",
        "purpose", "purpose of expenditure", "memo", "comment", "item", "buchungstext", "text",
        "beschreibung", "bezeichnung", "verwendungszweck", "descripcion", "concepto", "detalle",
        "glosa", "libelle", "designation", "objet", "merchant category",
        "detailed expenditure type",
    ),
    "initiative": (
        "project", "project code", "project name", "project number", "wbs", "wbs element",
        "projekt", "psp element", "proyecto", "projet", "initiative",
    ),
    "treatment": (
        "capital or revenue", "capex opex", "capital revenue", "treatment", "capex or opex",
        "investition aufwand", "investissement ou fonctionnement", "expenditure type",
    ),
    "intent": ("intent", "run grow transform", "run change"),
    "basis": ("basis", "cost basis"),
}  # fmt: skip

TREATMENTS: Mapping[str, str] = {
    "capex": "capex", "capital": "capex", "cap": "capex", "c": "capex", "investition": "capex",
    "inversion": "capex", "investissement": "capex", "opex": "opex", "revenue": "opex",
    "rev": "opex", "r": "opex", "o": "opex", "aufwand": "opex", "gasto": "opex",
    "fonctionnement": "opex", "operating": "opex", "expense": "opex",
    "capital expenditure": "capex", "revenue expenditure": "opex",
}  # fmt: skip

PLAN_WORDS = frozenset(
    {"budget", "plan", "planned", "appropriation", "adopted", "forecast", "approved", "requested",
     "estimate", "proposed", "ansatz", "prognose", "presupuesto", "previsto", "prevision",
     "budgete", "voted"}
)  # fmt: skip
ACTUAL_WORDS = frozenset(
    {"actual", "actuals", "ist", "spent", "expense", "real", "ejecutado", "reel", "realise"}
)


def plain_words(header: str) -> str:
    """A header in lower case without accents, its words apart: `DatePaid` is `date paid`."""
    apart = re.sub(r"(?<=[a-zäöüß])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", header)
    bare = unicodedata.normalize("NFKD", apart)
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign)).lower()
    return " ".join(re.findall(r"[a-zß0-9]+", bare))


def likeness(header: str, words: Sequence[str]) -> int:
    """How well a header says one of these words, from 0 to 100."""
    return max(
        _likeness(name, words) for name in {plain_words(header), plain_words(header.lower())}
    )


def _likeness(name: str, words: Sequence[str]) -> int:
    best = 0
    for place, word in enumerate(words):
        if name == word:
            best = max(best, 100 - min(place, 20))
        elif re.search(rf"(?:^| ){re.escape(word)}(?: |$)", name):
            extra = len(name.split()) - len(word.split())
            best = max(best, 76 - 4 * min(extra, 8) - min(place, 20) // 2 + len(word) // 3)
        elif len(word) > 6 and difflib.SequenceMatcher(None, name, word).ratio() > 0.87:
            best = max(best, 60)
    return best
