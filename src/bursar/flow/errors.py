"""What setting up, backing up, restoring and anchoring an installation refuse."""

from __future__ import annotations

from bursar.core.refusal import Refused


class NotInitialised(Refused):
    """The data folder holds no database yet."""

    code = "setup.not_initialised"


class UpgradeNeeded(Refused):
    """The database was made by an older Bursar."""

    code = "setup.upgrade_needed"


class NewerDatabase(Refused):
    """The database was made by a newer Bursar."""

    code = "setup.newer_database"


class DatabaseUnreachable(Refused):
    """The database does not answer."""

    code = "setup.database_unreachable"


class HomeNotWritable(Refused):
    """The data folder cannot be made or written."""

    code = "setup.home_not_writable"


class BackupFileExists(Refused):
    """A backup never overwrites a file."""

    code = "backup.file_exists"


class BackupNotWritten(Refused):
    """The backup's file cannot be written; the disk may be full."""

    code = "backup.not_written"


class DamagedLake(Refused):
    """A file of the lake is missing or differs from the manifest, so a backup would not restore."""

    code = "backup.damaged_lake"


class ToolMissing(Refused):
    """PostgreSQL's own tool for dumps is not installed, or failed."""

    code = "backup.tool_failed"


class HomeNotEmpty(Refused):
    """A restore needs an empty data folder and an empty database."""

    code = "restore.home_not_empty"


class NotABackup(Refused):
    """The file is not one that `bursar backup` wrote, or not a whole one."""

    code = "restore.not_a_backup"


class DamagedBackup(Refused):
    """The contents differ from the backup's own list."""

    code = "restore.damaged"


class OtherDatabase(Refused):
    """The backup was made on the other kind of database."""

    code = "restore.other_database"


class NewerBackup(Refused):
    """The backup was made by a newer Bursar."""

    code = "restore.newer_backup"


class NoSuchPeriod(Refused):
    """There is no such period, or no such legal entity."""

    code = "period.none"


class AlreadyClosed(Refused):
    """The period is closed already, so neither it nor its checklist can change."""

    code = "period.already_closed"


class NotClosed(Refused):
    """Only a closed or soft-closed period can be reopened."""

    code = "period.not_closed"


class PeriodReasonNeeded(Refused):
    """Reopening a period and waiving a check need a reason."""

    code = "period.reason_needed"


class UnknownCheck(Refused):
    """The checklist has no such line, or none that is done by hand."""

    code = "period.unknown_check"


class BadClosingLine(Refused):
    """A line of the checklist, its date or its threshold cannot be so."""

    code = "period.bad_line"


class NothingToAnchor(Refused):
    """The journal has no entry."""

    code = "journal.nothing_to_anchor"


class AnchorInside(Refused):
    """An anchor inside of the data folder proves nothing."""

    code = "journal.anchor_inside"


class AnchorNotWritten(Refused):
    """The file of anchors cannot be written."""

    code = "journal.anchor_not_written"


class NoAnchor(Refused):
    """A file that should hold anchors holds none."""

    code = "journal.no_anchor"
