"""Telling a PDF's metadata that it is a Factur-X invoice.

The typesetter writes PDF/A-3 with the attached file, but has no word for metadata of one's own. So
the metadata are written again behind the file, as PDF lets one change a file: the first part stays
byte for byte, and a second table says where the newer object stands.
"""

from __future__ import annotations

import re

from bursar.core.refusal import InvariantBroken

FILE_NAME = "factur-x.xml"
PROFILE = "EN 16931"
_SPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = {
    "DocumentFileName": (FILE_NAME, "Name of the attached file that holds the invoice"),
    "DocumentType": ("INVOICE", "What kind of document is attached"),
    "Version": ("1.0", "Version of the attached file's standard"),
    "ConformanceLevel": (PROFILE, "Profile of the attached file"),
}
_METADATA = re.compile(
    rb"\n(\d+) 0 obj\n<</Length \d+/Type/Metadata[^>]*>>\nstream\n(.*?)\nendstream", re.DOTALL
)
_TRAILER = re.compile(
    rb"trailer\n<<(/Size \d+/Root .*?)>>\nstartxref\n(\d+)\n%%EOF\s*\Z", re.DOTALL
)


def marked(pdf: bytes) -> bytes:
    """The PDF with Factur-X's metadata; the same bytes for the same PDF."""
    found, trailer = list(_METADATA.finditer(pdf)), _TRAILER.search(pdf)
    if len(found) != 1 or trailer is None:
        raise InvariantBroken("The PDF is not built as the typesetter builds it: no invoice made.")
    number, told = int(found[0][1]), _told(found[0][2])
    stream = b"<</Length %d/Type/Metadata/Subtype/XML>>\nstream\n" % len(told) + told
    newer = b"%d 0 obj\n%s\nendstream\nendobj\n" % (number, stream)
    start = pdf if pdf.endswith(b"\n") else pdf + b"\n"
    table = b"xref\n0 1\n0000000000 65535 f\r\n%d 1\n%010d 00000 n\r\n" % (number, len(start))
    ending = b"trailer\n<<%s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n" % (
        trailer[1], trailer[2], len(start) + len(newer),
    )  # fmt: skip
    return start + newer + table + ending


def _told(metadata: bytes) -> bytes:
    """The XMP with the properties, and with the schema that PDF/A wants for each foreign one."""
    properties = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _) in
                         _PROPERTIES.items())  # fmt: skip
    own = f'<rdf:Description rdf:about="" xmlns:fx="{_SPACE}">{properties}</rdf:Description>'
    schema = (
        '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema'
        f"</pdfaSchema:schema><pdfaSchema:namespaceURI>{_SPACE}</pdfaSchema:namespaceURI>"
        "<pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"
        + "".join(_property(name, what) for name, (_, what) in _PROPERTIES.items())
        + "</rdf:Seq></pdfaSchema:property></rdf:li>"
    )
    opening, closing = b"<pdfaExtension:schemas><rdf:Bag>", b"</rdf:RDF>"
    if metadata.count(opening) != 1 or metadata.count(closing) != 1:
        raise InvariantBroken("The PDF's metadata have no list of schemas: no invoice made.")
    with_schema = metadata.replace(opening, opening + schema.encode())
    return with_schema.replace(closing, own.encode() + closing)


def _property(name: str, what: str) -> str:
    return (
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{what}</pdfaProperty:description></rdf:li>"
    )
