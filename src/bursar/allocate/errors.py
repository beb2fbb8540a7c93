"""What allocation refuses."""

from __future__ import annotations

from collections.abc import Sequence

from bursar.allocate.language.problems import Problem
from bursar.core.refusal import Refused


class ModelHasProblems(Refused):
    """The model's text cannot be applied; `problems` holds each with its line."""

    code = "model.problems"

    def __init__(self, problems: Sequence[Problem]) -> None:
        listed = "".join(f"\n  {p.where}: {p.message} ({p.code})" for p in problems)
        some = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"The model has {some}; nothing was applied.{listed}")
        self.problems = tuple(problems)


class NoSuchModel(Refused):
    """A version of the model was named that was never applied."""

    code = "model.no_such_version"


class NoModel(Refused):
    """There is no model yet."""

    code = "model.none"


class UnknownPeriodOfModel(Refused):
    """A model was to be in force from something that is no period."""

    code = "model.unknown_period"


class NoSuchDraft(Refused):
    """There is no draft of the model of that number."""

    code = "model.no_draft"


class DraftStanding(Refused):
    """A draft was published or withdrawn, or was not reviewed; what was asked comes too early or
    too late."""

    code = "model.draft_standing"


class DraftChanged(Refused):
    """The draft, or the model in force, is another one than the person has looked at."""

    code = "model.draft_changed"


class ReviewNeeded(Refused):
    """A text was to be put in force without the review that the model in force demands."""

    code = "model.review_required"


class OwnReview(Refused):
    """Whoever wrote a draft, or nobody in particular, was to review it."""

    code = "model.second_person"


class ReviewWithoutReason(Refused):
    """A draft was to be returned without saying why."""

    code = "model.text_missing"


class NoQuantity(Refused):
    """A quantity was to be tried that no driver of the run has."""

    code = "what_if.no_quantity"


class BadQuantity(Refused):
    """A quantity to be tried is no number, or below zero."""

    code = "what_if.bad_quantity"


class NothingToRun(Refused):
    """There is no cost in the periods that were asked for."""

    code = "run.no_cost"


class UnknownBasis(Refused):
    """The basis is none of billed, effective, contracted, list and booked."""

    code = "run.unknown_basis"


class UnknownScenario(Refused):
    """Only `actual` runs until scenarios can be planned."""

    code = "run.unknown_scenario"


class DriverTargetUnknown(Refused):
    """A driver gives a share to somebody who is no member of the layer."""

    code = "run.unknown_driver_target"


class RunOverlapped(Refused):
    """Another run published the same period meanwhile."""

    code = "run.overlapped"


class NoRun(Refused):
    """The period was never run."""

    code = "run.none"


class NoStatement(Refused):
    """Nobody of that name was charged in the period."""

    code = "statement.none"


class NoLine(Refused):
    """There is no cost line of that id."""

    code = "trace.no_line"


class UnknownRunPeriod(Refused):
    """A period was to be run that the calendar does not know."""

    code = "run.unknown_period"


class DraftPublished(Refused):
    """A run with a draft of the model was to be published."""

    code = "run.draft_published"


class RunPeriodClosed(Refused):
    """A closed period was to be run; its statements stand."""

    code = "run.period_closed"


class NoDocument(Refused):
    """There is no issued document of that number, or none in scope."""

    code = "statement.no_document"


class NothingToIssue(Refused):
    """Every statement of the period is issued as it stands, or there is none."""

    code = "statement.nothing_to_issue"


class AlreadyIssued(Refused):
    """A statement was issued for this consumer and period; credit it first."""

    code = "statement.already_issued"


class StatementStale(Refused):
    """The period's figures are older than its data; run it before issuing."""

    code = "statement.stale"


class NotToAnswer(Refused):
    """The document's standing does not allow what was asked of it."""

    code = "statement.not_to_answer"


class DeadlinePassed(Refused):
    """The document could be disputed until a day that is over."""

    code = "statement.deadline_passed"


class StatementSettled(Refused):
    """A settled document was to be disputed."""

    code = "statement.settled"


class ShowbackNotSettled(Refused):
    """A showback informs; there is nothing to pay."""

    code = "statement.showback"


class SecondPersonNeeded(Refused):
    """Whoever disputes a document cannot decide the dispute."""

    code = "statement.second_person"


class TextMissing(Refused):
    """A dispute, an answer, a decision or a credit note needs its reason."""

    code = "statement.text_missing"


class NoSuchLine(Refused):
    """The document has no line of that number."""

    code = "statement.no_such_line"


class CreditTooLarge(Refused):
    """More was to be credited than the document still charges."""

    code = "statement.credit_too_large"


class InformsOnly(Refused):
    """A showback charges nobody, so there is no invoice of it."""

    code = "einvoice.informs_only"


class BuyerUnknown(Refused):
    """Nobody said which legal entity the consumer belongs to."""

    code = "einvoice.buyer_unknown"


class OneCompany(Refused):
    """Issuer and consumer are the same legal entity: nothing is invoiced between them."""

    code = "einvoice.one_company"


class NoAgreement(Refused):
    """Two legal entities have no VAT and payment terms on the day of supply."""

    code = "einvoice.no_agreement"


class InvoiceFirst(Refused):
    """A credit note was to be written whose statement has no e-invoice."""

    code = "einvoice.invoice_first"


class InvoiceNotMade(Refused):
    """The document has no e-invoice yet."""

    code = "einvoice.not_made"
