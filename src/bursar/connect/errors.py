"""Why a whole file is refused; single bad rows are data and go to `rejected_line` instead.

Every text names the file, says what is wrong, and how to mend it. Nothing is recorded.
"""

from __future__ import annotations

from bursar.core.refusal import Refused


class ImportRefused(Refused):
    """A file that is not taken at all."""

    code = "import.refused"


class NoSuchFile(ImportRefused):
    code = "import.no_such_file"


class NothingInFolder(ImportRefused):
    code = "import.nothing_in_folder"


class EmptyFile(ImportRefused):
    code = "import.empty_file"


class NotATable(ImportRefused):
    """A document, picture, spreadsheet or archive: something other than CSV and Parquet."""

    code = "import.not_a_table"


class Truncated(ImportRefused):
    """The end of a compressed file or a Parquet file is missing."""

    code = "import.truncated"


class Damaged(ImportRefused):
    """Bytes changed on the way: a checksum or the structure does not hold."""

    code = "import.damaged"


class Unreadable(ImportRefused):
    """The operating system would not hand over the bytes."""

    code = "import.unreadable"


class WrongEncoding(ImportRefused):
    code = "import.encoding"


class MissingColumns(ImportRefused):
    code = "import.missing_columns"


class DuplicateColumns(ImportRefused):
    code = "import.duplicate_columns"


class WrongColumnType(ImportRefused):
    """A typed column of a Parquet file cannot hold what its name says."""

    code = "import.column_type"


class NoRows(ImportRefused):
    code = "import.no_rows"


class MixedFormats(ImportRefused):
    code = "import.mixed_formats"


class UnknownFormat(ImportRefused):
    code = "import.unknown_format"


class UnknownProfile(ImportRefused):
    code = "import.unknown_profile"
