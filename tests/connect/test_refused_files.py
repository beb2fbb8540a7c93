"""Files that are no table of costs: refused by code, with a text that says what to do.

Rules I1, I3, I4, I5, I7 and I8 of docs/spec/import.md.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.connect.samples import as_csv, read, row, write

from bursar.connect.errors import ImportRefused


def refused(*paths: Path, format: str = "auto") -> ImportRefused:
    with pytest.raises(ImportRefused) as raised:
        read(*paths, format=format)
    assert len(raised.value.message) > 30
    return raised.value


def save(folder: Path, content: bytes, name: str = "bill.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def zip_with(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, "x" * 50)
    return packed.getvalue()


def test_no_such_file(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.csv").code == "import.no_such_file"


def test_folder_without_tables(tmp_path: Path) -> None:
    save(tmp_path, b"{}", "manifest.json")
    assert refused(tmp_path).code == "import.nothing_in_folder"


def test_damaged_workbook(tmp_path: Path) -> None:
    refusal = refused(save(tmp_path, zip_with("xl/workbook.xml")))
    assert refusal.code == "import.damaged"
    assert "workbook" in refusal.message


def packed(content: bytes) -> bytes:
    """Gzip without the time of packing, so that a test is called the same in every process."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf", packed(b"")])
def test_empty_file(tmp_path: Path, content: bytes) -> None:
    assert refused(save(tmp_path, content)).code == "import.empty_file"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (zip_with("bill.csv"), "zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
        (b"\x89PNG\r\n\x1a\n....", "picture"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b'{"costs": []}', "JSON"),
        (b"\x01\x02\x00\x03" * 20, "binary"),
        (packed(b"%PDF-1.7 ..."), "inside gzip"),
        (packed(packed(b"a,b")), "gzip inside gzip"),
        (packed(b"a" * 3_000_000), "names no columns"),
        (packed(b"BilledCost" + b",x" * 60_000), "60,001 cells"),
    ],
)
def test_not_a_table(tmp_path: Path, content: bytes, said: str) -> None:
    refusal = refused(save(tmp_path, content))
    assert refusal.code == "import.not_a_table"
    assert said in refusal.message


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_truncated_gzip(tmp_path: Path, kept: float) -> None:
    rows = [row(BilledCost=f"{n}.{n * 7919 % 10007}") for n in range(5000)]
    whole = packed(as_csv(rows).encode())
    path = save(tmp_path, whole[: int(len(whole) * kept)], "bill.csv.gz")
    assert refused(path).code == "import.truncated"


def test_damaged_gzip(tmp_path: Path) -> None:
    spoiled = bytearray(packed(as_csv([row()] * 50).encode()))
    spoiled[-6] ^= 0xFF
    assert refused(save(tmp_path, bytes(spoiled))).code == "import.damaged"


def parquet(folder: Path, columns: dict[str, pa.Array]) -> Path:
    path = folder / "bill.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def test_truncated_and_damaged_parquet(tmp_path: Path) -> None:
    whole = parquet(tmp_path, {"BilledCost": pa.array(["1"])}).read_bytes()
    assert refused(save(tmp_path, whole[:-20])).code == "import.truncated"
    spoiled = whole[:-60] + b"\xff" * 40 + whole[-20:]
    assert refused(save(tmp_path, spoiled)).code == "import.damaged"


def test_missing_columns_are_named(tmp_path: Path) -> None:
    bare = {name: text for name, text in row().items() if name != "BillingCurrency"}
    refusal = refused(write(tmp_path / "bill.csv", [bare]))
    assert refusal.code == "import.missing_columns"
    assert "column BillingCurrency is missing" in refusal.message


def test_parquet_without_mandatory_columns(tmp_path: Path) -> None:
    refusal = refused(parquet(tmp_path, {"BilledCost": pa.array([1])}))
    assert refusal.code == "import.missing_columns"
    assert "ChargeCategory" in refusal.message


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("ContractCommitmentId,ContractCommitmentType", "contract commitments"),
        ("ChargeType,InvoiceIssuer", "FOCUS 0.5"),
        ("lineItem/UnblendedCost", "AWS"),
        ("MeterCategory,Cost", "Azure"),
        ("amount,supplier", "ledger file"),
        ("colour,size", "its columns are colour, size"),
    ],
)
def test_a_refusal_says_what_the_file_looks_like(tmp_path: Path, header: str, said: str) -> None:
    refusal = refused(save(tmp_path, f"{header}\n{header}\n".encode()))
    assert refusal.code == "import.missing_columns"
    assert said in refusal.message


def test_duplicate_columns(tmp_path: Path) -> None:
    text = as_csv([row()]).replace("ListCost", "Billed_Cost")
    refusal = refused(save(tmp_path, text.encode()))
    assert refusal.code == "import.duplicate_columns"


@pytest.mark.parametrize(
    "header",
    ["period,amount,currency,billing_currency", "period,amount,currency,unit,ConsumedUnit"],
)
def test_two_columns_for_one_target(tmp_path: Path, header: str) -> None:
    refusal = refused(save(tmp_path, f"{header}\n".encode()))
    assert refusal.code == "import.duplicate_columns"
    assert "both fill" in refusal.message


def test_no_rows(tmp_path: Path) -> None:
    header = as_csv([row()]).split("\n")[0]
    assert refused(save(tmp_path, header.encode())).code == "import.no_rows"
    columns = {name: pa.array([], pa.string()) for name in row()}
    assert refused(parquet(tmp_path, columns)).code == "import.no_rows"


def test_mixed_formats(tmp_path: Path) -> None:
    bill = write(tmp_path / "bill.csv", [row()])
    ledger = save(tmp_path, b"period,amount,currency\n2026-01,1,EUR\n", "ledger.csv")
    assert refused(bill, ledger).code == "import.mixed_formats"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16-le"])
def test_encoding(tmp_path: Path, encoding: str) -> None:
    text = as_csv([row(ServiceName="Größe")] * 3)
    refusal = refused(save(tmp_path, text.encode(encoding)))
    assert refusal.code in {"import.encoding", "import.not_a_table"}
    assert encoding != "latin-1" or refusal.code == "import.encoding"


def test_encoding_that_breaks_late(tmp_path: Path) -> None:
    text = as_csv([row()] * 20_000).encode() + as_csv([row(ServiceName="é")]).encode("latin-1")
    refusal = refused(save(tmp_path, text))
    assert refusal.code == "import.encoding"


def test_column_type(tmp_path: Path) -> None:
    columns = {name: pa.array([text]) for name, text in row().items()}
    refusal = refused(parquet(tmp_path, columns | {"BilledCost": pa.array([True])}))
    assert refusal.code == "import.column_type"
    refusal = refused(parquet(tmp_path, columns | {"ChargePeriodStart": pa.array([20260101])}))
    assert refusal.code == "import.column_type"


def test_unknown_format_and_profile(tmp_path: Path) -> None:
    from bursar.connect.reading import open_reading

    path = write(tmp_path / "bill.csv", [row()])
    assert refused(path, format="sap").code == "import.unknown_format"
    with pytest.raises(ImportRefused) as raised:
        open_reading([path], profile="mine")
    assert raised.value.code == "import.unknown_profile"


def test_unreadable(tmp_path: Path) -> None:
    import os

    pipe = write(tmp_path / "bill.csv", [row()])
    if os.geteuid() == 0:
        pipe = Path("/proc/self/mem")  # root may open it, and reading fails at address 0
        if not pipe.exists():
            pytest.skip("no file here that root cannot read")
    else:
        pipe.chmod(0)
    assert refused(pipe).code == "import.unreadable"
