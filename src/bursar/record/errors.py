"""What recording refuses, by code."""

from __future__ import annotations

from typing import Any

from bursar.core.refusal import Refused


class SourceOverlap(Refused):
    """Another source in force bills the same account in the same period."""

    code = "import.source_overlap"


class ConcurrentImport(Refused):
    """Another act changed the same source and period while this one was reading."""

    code = "import.concurrent"


class PeriodClosed(Refused):
    """A line would be posted to a closed period, or taken out of one."""

    code = "import.period_closed"


class UnknownImport(Refused):
    """There is no import of that token."""

    code = "import.unknown_import"


class NotUndoable(Refused):
    """The import was undone before, brought nothing by itself, or no file stands behind it."""

    code = "import.not_undoable"


class LaterImport(Refused):
    """A later import replaced lines of the one to undo; that one has to be undone first."""

    code = "import.replaced_since"


class ReasonNeeded(Refused):
    """An act that takes figures back needs a reason that the journal can show."""

    code = "record.reason_needed"


class NothingRejected(Refused):
    """Rejected lines were to be answered for where an import has none."""

    code = "record.nothing_rejected"


class NothingAccepted(Refused):
    """No row of the file could be read exactly; `rejected` says why, row by row."""

    code = "import.nothing_accepted"

    def __init__(self, message: str, rejected: list[dict[str, Any]]) -> None:
        super().__init__(message)
        self.rejected = rejected


class BadSourceName(Refused):
    """The name given for the source is empty or too long."""

    code = "import.bad_source"


class BadPromotion(Refused):
    """A column was promoted that is neither a tag key nor an own column."""

    code = "record.bad_promotion"


class UnknownBatch(Refused):
    """There is no batch, or no import, of that id."""

    code = "record.unknown_batch"


class UnknownLine(Refused):
    """There is no cost line of that id."""

    code = "record.unknown_line"


class BadDocument(Refused):
    """A document says something that cannot be recorded; the text names the field and the line."""

    code = "record.bad_document"


class DocumentUnbalanced(Refused):
    """The lines of a reclassification do not add up to zero on each basis."""

    code = "record.document_unbalanced"


class DocumentPeriodClosed(Refused):
    """A document would be posted to a closed period."""

    code = "record.document_period_closed"


class DocumentReversed(Refused):
    """A document was reversed already, or is itself a reversal."""

    code = "record.document_reversed"


class DocumentKeyReused(Refused):
    """The key of an earlier request came again with another content."""

    code = "record.document_key_reused"


class UnknownDocument(Refused):
    """There is no document, or no attachment, of that number."""

    code = "record.unknown_document"


class AttachmentTooLarge(Refused):
    """A file is larger than an attachment may be."""

    code = "record.attachment_too_large"


class AttachmentEmpty(Refused):
    """A file to attach has no content, or no name."""

    code = "record.attachment_empty"


class BadEntity(Refused):
    """A legal entity was to get a code, name, currency or calendar that there is not."""

    code = "record.bad_entity"


class BadVatRatio(Refused):
    """A recoverable part of VAT is not between 0 and 1, or has more than six digits."""

    code = "record.bad_vat_ratio"


class UnknownEntity(Refused):
    """There is no legal entity of that code."""

    code = "record.unknown_entity"


class CalendarInUse(Refused):
    """A fiscal calendar was to change after cost was posted by it, or against another entity's."""

    code = "record.calendar_in_use"


class UnknownCluster(Refused):
    """No usage of a cluster of that name was recorded."""

    code = "record.unknown_cluster"


class UnknownCommitment(Refused):
    """No line in force names a commitment of that id."""

    code = "record.unknown_commitment"


class BadCommitment(Refused):
    """A commitment was to get a policy that there is not, or a home that does not fit it."""

    code = "record.bad_commitment"


class BadCluster(Refused):
    """A cluster was to get a bill, measure, share or pattern that there is not."""

    code = "record.bad_cluster"


class BadWatch(Refused):
    """A place cannot be watched as asked: its address, its pattern or its rhythm."""

    code = "watch.bad_watch"


class UnknownWatch(Refused):
    """No watch has that source."""

    code = "watch.unknown_watch"


class PlaceUnreachable(Refused):
    """A watched place does not answer, or may not be read."""

    code = "watch.unreachable"


class BadProfileName(Refused):
    """The name of a profile, or of its source, is empty or too long."""

    code = "record.bad_profile_name"


class ProfileInUse(Refused):
    """A watched place reads its files with the profile that was to be deleted."""

    code = "record.profile_in_use"


class UnknownAiFeed(Refused):
    """No log of AI use of that name was recorded."""

    code = "record.unknown_ai_feed"


class BadAiSetting(Refused):
    """AI use was to get a bill, consumer or price that there is not, or that would count twice."""

    code = "record.bad_ai_setting"


class UnknownRegister(Refused):
    """There is no register of that name."""

    code = "record.unknown_register"


class UnknownRecord(Refused):
    """The register keeps no record of that number."""

    code = "record.unknown_record"


class BadRecord(Refused):
    """A record was not kept: a field is missing, cannot be read, or contradicts another one."""

    code = "record.bad_record"


class NotARegisterTable(Refused):
    """No column of the table is a field of the register."""

    code = "record.not_a_register_table"


class DateOrderUnclear(Refused):
    """Days of a table can be read day first or month first, and nothing tells which."""

    code = "record.date_order_unclear"


class RecordChangedSince(Refused):
    """The record was changed after the version that this change was made from."""

    code = "record.changed_since"


class RegisterImportUnknown(Refused):
    """No table of that token was read into a register, or it was undone before."""

    code = "record.unknown_register_import"


class BadHorizon(Refused):
    """Cost was to be derived through a month that is none, or lies too far ahead."""

    code = "record.bad_horizon"


class UnknownRecordMatch(Refused):
    """No invoice was proposed under that number for a record, or it was decided before."""

    code = "record.unknown_record_match"


class UnknownConsumer(Refused):
    """There is no consumer of that name."""

    code = "record.unknown_consumer"


class BadParty(Refused):
    """A field of a legal entity's invoice data, or of an agreement, cannot be what was given."""

    code = "einvoice.bad_party"
