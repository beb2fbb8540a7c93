"""The beginning of a text file as a grid: encoding, delimiter, and its first records."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter

from charset_normalizer import from_bytes

from bursar.connect.errors import EmptyFile, WrongEncoding
from bursar.connect.grids.grid import Grid
from bursar.connect.notices import ReadingWarning
from bursar.connect.parts import Part, open_bytes, read_bytes

SAMPLE = 4 * 1024 * 1024
_BLOCK = 4 * 1024 * 1024
_AROUND = 32 * 1024
_DELIMITERS = (",", ";", "\t", "|", "^", "~")
_LOOKED_AT = 200
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LIKELY = (
    "cp1252", "latin_1", "iso8859_15", "cp1250", "iso8859_2", "cp1251", "cp1253", "cp1254",
    "mac_roman", "cp850", "cp437", "big5", "gb18030", "shift_jis", "euc_jp", "euc_kr", "koi8_r",
)  # fmt: skip


def bom_of(part: Part) -> int:
    """How many bytes at the beginning are the mark of an encoding."""
    with open_bytes(part) as stream:
        head = read_bytes(stream, 4, part.name)
    return next((len(bom) for bom, _ in _BOMS if head.startswith(bom)), 0)


def read_sample(
    part: Part, *, encoding: str | None = None, delimiter: str | None = None, most: int = SAMPLE
) -> Grid:
    """The first megabytes of a text file as records; `most` bytes at the most."""
    found, notes = (encoding, []) if encoding else find_encoding(part)
    with open_bytes(part) as stream:
        head = read_bytes(stream, most, part.name)
    whole = len(head) < most
    try:
        decoder = codecs.getincrementaldecoder(found)()
        text = decoder.decode(head[bom_of(part) :], final=whole)
    except (UnicodeError, LookupError) as failure:
        raise WrongEncoding(
            f"{part.name}: the text is not {found}; say another encoding, or save it as UTF-8"
        ) from failure
    if not whole:
        text = text[: text.rfind("\n") + 1] or text
    old_line_ends = "\n" not in text and "\r" in text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise EmptyFile(f"{part.name}: the file is empty; export it again")
    chosen, spaced = (delimiter or find_delimiter(text)), has_blanks_before_quotes(text)
    rows, numbers, ends = _records(text, chosen, spaced)
    return Grid(
        kind="text", rows=tuple(rows), numbers=tuple(numbers), ends=tuple(ends), whole=whole,
        encoding=found, delimiter=chosen, notes=tuple(notes), old_line_ends=old_line_ends,
        spaced=spaced,
    )  # fmt: skip


def has_blanks_before_quotes(text: str) -> bool:
    """Whether cells are written as `a, "b"`, with a blank before the quote."""
    return re.search(r'[,;|\t] +"[^"\n]*"[ ]*(?:[,;|\t]|\n|$)', text[:_AROUND]) is not None


def _records(
    text: str, delimiter: str, spaced: bool
) -> tuple[list[tuple[str, ...]], list[int], list[int]]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=spaced)
    rows, numbers, ends = [], [], []
    before = 0
    try:
        for record in reader:
            rows.append(tuple(record))
            numbers.append(before + 1)
            ends.append(reader.line_num)
            before = reader.line_num
    except csv.Error:
        pass  # a cell longer than any ledger has: the rows before it show what the file is
    return rows, numbers, ends


def find_encoding(part: Part) -> tuple[str, list[ReadingWarning]]:
    """UTF-8 or UTF-16 where the bytes say so; else the likeliest code page, with a warning."""
    with open_bytes(part) as stream:
        head = read_bytes(stream, _BLOCK, part.name)
        for bom, encoding in _BOMS:
            if head.startswith(bom):
                return encoding, []
        if b"\x00" in head[:1000]:
            return ("utf-16-be" if head[0] == 0 else "utf-16-le"), []
        decoder = codecs.getincrementaldecoder("utf-8")()
        piece, first = head, head[:_AROUND]
        while True:
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as failure:
                wrong = piece[max(0, failure.start - _AROUND) : failure.start + _AROUND]
                return _code_page(part, _whole_lines(first) + b"\n" + _whole_lines(wrong))
            if not piece:
                return "utf-8", []
            piece = read_bytes(stream, _BLOCK, part.name)


def _whole_lines(piece: bytes) -> bytes:
    """Without the torn lines at both ends: half a sign would speak against every encoding."""
    start, end = piece.find(b"\n") + 1, piece.rfind(b"\n")
    return piece[start:end] if end > start else piece


def _code_page(part: Part, sample: bytes) -> tuple[str, list[ReadingWarning]]:
    """The likeliest of the usual code pages; the plain Western one where nothing speaks against."""
    matches = from_bytes(sample, cp_isolation=list(_LIKELY), threshold=0.3)
    best = matches.best()
    encoding = best.encoding if best is not None else "latin_1"
    western = {"cp1252", "latin_1", "iso8859_15", "cp1250", "cp1254", "iso8859_2", "cp437", "cp850"}
    non_ascii = sum(byte > 127 for byte in sample)
    if (encoding in western and _reads_as_western(sample)) or non_ascii < 3:
        encoding = "cp1252"
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        encoding = "latin_1" if encoding == "cp1252" else encoding
    said = (
        f"{part.name}: the text is not UTF-8 and was read as {encoding}; look at names with "
        "accents, and say another encoding where they are wrong"
    )
    return encoding, [ReadingWarning("import.encoding_guessed", said)]


def _reads_as_western(sample: bytes) -> bool:
    """Whether the signs above ASCII are letters and marks that Western text has."""
    usual = "äöüßÄÖÜéèêëàâáíìîïóòôúùûñçÉÈÀÁÍÓÚÑÇåÅøØæÆõãÕÃ"
    usual += "£€§°«»“”…©®·\u2018\u2019\u2013\u2014\u00b4¿¡ºª½¼²³\xa0•™"
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    high = [sign for sign in text if ord(sign) > 127]
    return sum(sign in usual for sign in high) >= 0.95 * len(high)


def find_delimiter(text: str) -> str:
    """The sign that cuts most lines into equally many cells; a comma where there is none."""
    lines = [line for line in text.split("\n", 4 * _LOOKED_AT) if line.strip()][:_LOOKED_AT]
    if lines and re.fullmatch(r'"?sep=(.)"?\s*', lines[0].strip()):
        return lines[0].strip().strip('"')[4]
    best, chosen = 0.0, ","
    for sign in _DELIMITERS:
        try:
            records = list(csv.reader(lines, delimiter=sign))
        except csv.Error:
            continue
        widths = Counter(len(record) for record in records if len(record) > 1)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        score = count / len(records) + min(width, 50) / 200
        if score > best:
            best, chosen = score, sign
    return chosen
