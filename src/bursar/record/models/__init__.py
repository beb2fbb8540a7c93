"""Rows of the record, one file per subject."""

from bursar.record.models.ai import AiAssignment, AiFeed, AiPrice
from bursar.record.models.arrivals import (
    Arrival,
    ArrivalState,
    Rhythm,
    Watch,
)
from bursar.record.models.clusters import (
    Cluster,
)
from bursar.record.models.commitments import Commitment
from bursar.record.models.control import AccountOutOfScope, Signature
from bursar.record.models.documents import (
    Attachment,
    Document,
    DocumentKind,
    DocumentLine,
    DocumentState,
    LineBasis,
    Settlement,
)
from bursar.record.models.evidence import (
    EvidenceGroup,
    EvidenceLevel,
    EvidenceMember,
    EvidenceState,
    GroupState,
    MatchRule,
    SourceLevel,
)
from bursar.record.models.imports import (
    Batch,
    Import,
    PromotedColumn,
    Source,
)
from bursar.record.models.profiles import (
    ProfileVersion,
    StoredProfile,
)
from bursar.record.models.registers import (
    RecordMatch,
    RecordVersion,
    RegisterImport,
    RegisterRecord,
    Spread,
)

__all__ = [
    "AccountOutOfScope",
    "AiAssignment",
    "AiFeed",
    "AiPrice",
    "Arrival",
    "ArrivalState",
    "Attachment",
    "Batch",
    "Cluster",
    "Commitment",
    "Document",
    "DocumentKind",
    "DocumentLine",
    "DocumentState",
    "EvidenceGroup",
    "EvidenceLevel",
    "EvidenceMember",
    "EvidenceState",
    "GroupState",
    "Import",
    "LineBasis",
    "MatchRule",
    "ProfileVersion",
    "PromotedColumn",
    "RecordMatch",
    "RecordVersion",
    "RegisterImport",
    "RegisterRecord",
    "Rhythm",
    "Settlement",
    "Signature",
    "Source",
    "SourceLevel",
    "Spread",
    "StoredProfile",
    "Watch",
]
