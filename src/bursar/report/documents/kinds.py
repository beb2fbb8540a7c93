"""The kinds of files a statement comes as, each with its media type and name."""

from __future__ import annotations

import json
import re
import unicodedata

from bursar.office.people.scope import Scope
from bursar.report.errors import UnknownKind
from bursar.report.statement import Statements

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {
    "pdf": ("application/pdf", "pdf"),
    "xlsx": (_SHEET, "xlsx"),
    "csv": ("text/csv; charset=utf-8", "csv"),
    "focus": ("text/csv; charset=utf-8", "focus.csv"),
    "json": ("application/json", "json"),
}
"""Kind → media type and file ending."""


def document(scope: Scope, found: Statements, kind: str) -> tuple[bytes, str]:
    """The bytes of a document and its media type. Raises UnknownKind, NoStatement."""
    if kind not in KINDS:
        raise UnknownKind(f"A statement does not come as '{kind}'. Choose {', '.join(KINDS)}.")
    return _content(scope, found, kind), KINDS[kind][0]


def file_name(found: Statements, kind: str) -> str:
    """'bill-of-it-2026-02-retail.pdf': safe in any header and on any disk."""
    names = {s.consumer for s in found.statements}
    who = f"-{names.pop()}" if len(names) == 1 else ""
    plain = unicodedata.normalize("NFKD", f"bill-of-it-{'-'.join(found.periods)}{who}")
    slug = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower()).strip("-")
    return f"{slug[:100]}.{KINDS[kind][1]}"


def _content(scope: Scope, found: Statements, kind: str) -> bytes:
    # Each kind brings libraries that the others do not need, so they are imported when asked for.
    if kind == "pdf":
        from bursar.report.documents.pdf import statement_pdf  # noqa: PLC0415

        return statement_pdf(found)
    if kind == "xlsx":
        from bursar.report.documents.xlsx import statement_xlsx  # noqa: PLC0415

        return statement_xlsx(found)
    if kind == "focus":
        from bursar.report.documents.focus import statement_focus  # noqa: PLC0415

        return statement_focus(scope, found).encode()
    if kind == "csv":
        from bursar.report.documents.csv import statement_csv  # noqa: PLC0415

        return statement_csv(found).encode()
    return json.dumps(found.to_json(), indent=1, ensure_ascii=False).encode()
