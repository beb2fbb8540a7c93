"""Usage logs of AI models: gateways such as LiteLLM, exports of providers, and plain tables.

CSV or JSON lines. Columns are found by the names that logs give them, the first of a list that the
file has; names inside objects count by their last part (`usage.prompt_tokens`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.amounts import read_amounts
from bursar.connect.cells.cell import (
    NULL_WORDS,
    CellReader,
    Cells,
    Known,
    Reason,
    as_text,
    read_distinct,
)
from bursar.connect.cells.moments import parse_moment
from bursar.connect.errors import MissingColumns
from bursar.connect.kinship import looks_like
from bursar.connect.layout import (
    Columns,
    Format,
    Header,
    Placed,
    key_of,
    nothing_absent,
    notice_nothing,
    only_version,
)
from bursar.core.tables.ai_usage import AI_USAGE_LINE, TOKEN_CLASSES
from bursar.core.tables.table import LEDGER, MOMENT

_TIMES = (
    "timestamp", "usedat", "starttime", "startingat", "createdat", "usagedateutc", "intervalstart",
    "datetime", "date", "day", "time", "snapshotid",
)  # fmt: skip
_NAMES: Mapping[str, tuple[str, ...]] = {
    "principal": ("principal", "enduser", "enduserid", "user", "userid", "useremail", "email",
                  "apikeyalias", "keyalias", "apikeyname", "keyname", "apikeyid", "apikey", "key"),
    "team": ("teamalias", "team", "teamid", "projectname", "project", "projectid", "workspacename",
             "workspace", "workspaceid", "organization", "organizationid"),
    "provider": ("customllmprovider", "provider", "vendor"),
    "model": ("model", "modelname", "modelversion", "modelid", "modelgroup"),
}  # fmt: skip
_UNCACHED = ("uncachedinputtokens", "usageinputtokensnocache")
_READ = ("inputtokens", "prompttokens", "ncontexttokenstotal")
_CACHED_APART = ("cachereadinputtokens", "usageinputtokenscacheread")
_CACHED_WITHIN = ("inputcachedtokens", "cachedinputtokens", "cachedtokens")
_WRITTEN = (
    "cachecreationinputtokens", "cachewritetokens", "usageinputtokenscachewrite5m",
    "usageinputtokenscachewrite1h", "ephemeral5minputtokens", "ephemeral1hinputtokens",
)  # fmt: skip
_ANSWERED = ("outputtokens", "completiontokens", "usageoutputtokens", "ngeneratedtokenstotal")
_REASONED = ("reasoningtokens", "outputreasoningtokens")
_COUNTED = ("requests", "nummodelrequests", "nrequests", "requestcount", "numrequests")
_COSTS = ("spend", "responsecost", "costusd", "cost", "totalcost")
_WHOLE = re.compile(r"\d{1,18}(?:\.0*)?")
_TOKENS = [f"{name}_tokens" for name in TOKEN_CLASSES]


def is_ai_usage(headers: Sequence[Header]) -> bool:
    """Whether the columns tell models, tokens and a time."""
    keys = {ai_key(header.name) for header in headers}
    tokens = {*_UNCACHED, *_READ, *_ANSWERED, *_CACHED_APART}
    return bool(keys & tokens and keys & set(_TIMES) and keys & set(_NAMES["model"]))


def ai_key(header: str) -> str:
    return key_of(header.rsplit(".", 1)[-1])


def place_ai_usage(file: str, headers: Sequence[Header]) -> list[Placed]:
    """Where each column goes; refused without a time, a model and tokens."""
    by_key: dict[str, Header] = {}
    for header in headers:
        by_key.setdefault(ai_key(header.name), header)
    if not is_ai_usage(headers):
        raise MissingColumns(
            f"{file}: a log of AI use needs a time, a model and numbers of tokens; "
            f"{looks_like(headers)}"
        )

    def first(keys: Sequence[str]) -> Header | None:
        return next((by_key[key] for key in keys if key in by_key), None)

    placed = []
    if time := first(_TIMES):
        placed.append(Placed(time, "used_at", MOMENT, _moment_reader(), "import.date_missing"))
    for target, keys in _NAMES.items():
        if named := first(keys):
            required = "import.model_missing" if target == "model" else None
            placed.append(Placed(named, target, pa.string(), _read_name, required))
    for target, keys in {
        "=uncached": _UNCACHED, "=read": _READ, "=apart": _CACHED_APART, "=within": _CACHED_WITHIN,
        "=answered": _ANSWERED, "=reasoned": _REASONED, "requests": _COUNTED,
    }.items():  # fmt: skip
        if counted := first(keys):
            placed.append(Placed(counted, target, pa.int64(), _count_reader()))
    for key in _WRITTEN:
        if key in by_key:
            placed.append(Placed(by_key[key], f"=written {key}", pa.int64(), _count_reader()))
    if cost := first(_COSTS):
        placed.append(Placed(cost, "stated_cost", LEDGER, read_amounts))
    return placed


def _read_name(column: pa.Array) -> Cells:
    trimmed = pc.utf8_trim_whitespace(pc.cast(as_text(column).values, pa.string()))
    return Cells(pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed))


def _count_reader() -> CellReader:
    known: Known = {}

    def parse(text: str) -> int | Reason | None:
        bare = text.strip()
        if bare.lower() in NULL_WORDS:
            return None
        if _WHOLE.fullmatch(bare):
            return int(bare.partition(".")[0])
        return Reason("import.tokens_invalid", f"'{bare[:40]}' is no whole number from zero up")

    def read(column: pa.Array) -> Cells:
        if len(known) > 200_000:
            known.clear()
        return read_distinct(as_text(column).values, parse, type_=pa.int64(), known=known)[0]

    return read


def _moment_reader() -> CellReader:
    def parse(text: str) -> datetime | Reason | None:
        bare = text.strip()
        if re.fullmatch(r"\d{10}(?:\.\d+)?", bare):
            return datetime.fromtimestamp(int(bare[:10]), UTC)
        if re.fullmatch(r"\d{13}", bare):
            return datetime.fromtimestamp(int(bare[:10]), UTC)
        return parse_moment(bare.removesuffix(" UTC"))

    def read(column: pa.Array) -> Cells:
        return read_distinct(as_text(column).values, parse, type_=MOMENT, known={})[0]

    return read


def finish_ai_usage(columns: Columns) -> None:
    """Every token in one class: what logs count twice is taken out of the larger number."""

    def count(target: str) -> pa.Array:
        return pc.fill_null(columns.get(target, pa.int64()), 0)

    read, within, answered, reasoned = map(count, ("=read", "=within", "=answered", "=reasoned"))
    for part, whole, what in ((within, read, "cached"), (reasoned, answered, "reasoning")):
        for row in pc.indices_nonzero(pc.greater(part, whole)).to_pylist():
            said = f"more {what} tokens than the number that includes them"
            columns.bad.append((row, None, Reason("import.tokens_invalid", said)))
    written = [name for name in columns.values if name.startswith("=written")]
    total = pa.array([0] * columns.count, pa.int64())
    for name in written:
        total = pc.add(total, count(name))
    columns.values |= {
        "input_tokens": pc.add(count("=uncached"), pc.subtract(read, within)),
        "cached_tokens": pc.add(count("=apart"), within),
        "cache_write_tokens": total,
        "output_tokens": pc.subtract(answered, reasoned),
        "reasoning_tokens": reasoned,
        "requests": pc.fill_null(columns.get("requests", pa.int64()), 1),
    }


def ai_usage_schema(_placed: Sequence[Placed]) -> pa.Schema:
    columns = [column for column in AI_USAGE_LINE.columns if column.name != "feed"]
    return pa.schema([pa.field(column.name, column.type) for column in columns])


AI_USAGE_FORMAT = Format(
    name="ai_usage",
    place=place_ai_usage,
    finish=finish_ai_usage,
    schema=ai_usage_schema,
    notice=notice_nothing,
    version=only_version,
    absent=nothing_absent,
)
