"""Why a whole file is refused; single bad rows are data and go to `rejected_line` instead.

Every text names the file, says what is wrong, and how to mend it. Nothing is recorded.
Below them stands why a message did not go out.
"""

from __future__ import annotations

from bursar.core.refusal import Refused


class ImportRefused(Refused):
    """A file is not taken at all."""

    code = "import.refused"


class NoSuchFile(ImportRefused):
    """Nothing lies under the name that was given."""

    code = "import.no_such_file"


class NothingInFolder(ImportRefused):
    """The folder that was given holds no CSV, JSON lines or Parquet file."""

    code = "import.nothing_in_folder"


class EmptyFile(ImportRefused):
    """The file has no content, also not inside its gzip."""

    code = "import.empty_file"


class NotATable(ImportRefused):
    """The file is a document, picture, spreadsheet, archive or the like; the text says which."""

    code = "import.not_a_table"


class Truncated(ImportRefused):
    """The end of a gzip or Parquet file is missing, as after a broken download."""

    code = "import.truncated"


class Damaged(ImportRefused):
    """A checksum or the structure of a gzip or Parquet file does not hold."""

    code = "import.damaged"


class Unreadable(ImportRefused):
    """The operating system does not hand over the bytes: rights, or a failing disk."""

    code = "import.unreadable"


class WrongEncoding(ImportRefused):
    """A text file is neither UTF-8 nor marked UTF-16; guessing would change names silently."""

    code = "import.encoding"


class MissingColumns(ImportRefused):
    """Columns are missing without which no row can be read; the text names them."""

    code = "import.missing_columns"


class DuplicateColumns(ImportRefused):
    """The header names one column twice, so that it is unclear which one holds the money."""

    code = "import.duplicate_columns"


class WrongColumnType(ImportRefused):
    """A typed column of a Parquet file cannot hold what its name says."""

    code = "import.column_type"


class NoRows(ImportRefused):
    """There is a header and nothing below it."""

    code = "import.no_rows"


class MixedFormats(ImportRefused):
    """The files of one import are of different formats."""

    code = "import.mixed_formats"


class PartMissing(ImportRefused):
    """A manifest names a file of the bill that does not lie beside it."""

    code = "import.part_missing"


class SeveralVersions(ImportRefused):
    """A folder holds several versions of one bill, and no manifest above them says which counts."""

    code = "import.several_versions"


class UnknownFormat(ImportRefused):
    """The format that was asked for does not exist."""

    code = "import.unknown_format"


class UnknownProfile(ImportRefused):
    """The profile that was asked for does not exist."""

    code = "import.unknown_profile"


class BadRuleModel(ImportRefused):
    """A file that was given as a rule model of FOCUS is none."""

    code = "focus.bad_model"


class BadWaivers(ImportRefused):
    """A file of waivers is no list of rules with reasons."""

    code = "focus.bad_waivers"


class UnknownFocusVersion(ImportRefused):
    """A version of FOCUS was asked for that there is not."""

    code = "focus.unknown_version"


class BadProfile(ImportRefused):
    """A profile says something that no file can be read by; the text says what."""

    code = "import.profile_invalid"


class ProfileNeeded(ImportRefused):
    """The file can be read in more than one way; the text says what to say."""

    code = "import.profile_needed"


class ProfileMismatch(ImportRefused):
    """The file lacks columns that its profile reads."""

    code = "import.profile_mismatch"


class Encrypted(ImportRefused):
    """The workbook is protected by a password."""

    code = "import.encrypted"


class WorkbookTooLarge(ImportRefused):
    """A workbook to learn from is larger, or has more filled cells, than an allocation needs."""

    code = "import.workbook_too_large"


class NoSuchSheet(ImportRefused):
    """The workbook or page has no sheet of the name that was given."""

    code = "import.no_such_sheet"


class ChangedWhileRead(ImportRefused):
    """The file was written while it was being read, so that nobody knows which state was taken."""

    code = "import.changed_while_read"


class BadAddress(Refused):
    """A message's address names no service, or lacks what the service needs."""

    code = "message.bad_address"


class MessageNotSent(Refused):
    """The service that a message goes to did not take it."""

    code = "message.not_sent"
