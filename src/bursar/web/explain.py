"""The words of "explain this number": one text per figure, the same on every page that shows it."""

from __future__ import annotations

EXPLANATIONS: dict[str, tuple[str, ...]] = {
    "change": (
        "New and gone are lines that only one of the two months has. Price is what the cost behind "
        "a line changed, driver what the own share of its use changed; where quantities are "
        "charged at rates, volume is the quantity and rate the price per unit. Rate is also a "
        "rule that was changed.",
        "Two things mostly change at once. Each part is its own difference times the mean of the "
        "other, so the parts add up to the difference and none comes first.",
        "Where a pool's total is not open to you, price and driver are told as one part, shared "
        "cost: apart they would show what others pay.",
    ),
    "covered": (
        "Classified is cost with a cost pool; what reaches a consumer is charged, the rest is "
        "kept, left open or unallocated.",
        "Every rule may say how good it is: assumed is a first guess, agreed a convention that was "
        "settled with those who pay, measured is driven by use that was measured. The shares are "
        "of the money that each step moved, so a single large rule weighs what it moves.",
    ),
    "what_if": (
        "The month is taken as it was published: its cost, its model and its other quantities. "
        "What changes is carried through every step, and the answer is to the last unit what a "
        "run with these quantities would publish. Nothing is written.",
        "To make it so, save the usage file, import it and run the month.",
    ),
    "fairness": (
        "Every way divides the same amount: what the rule moved from the service to all consumers. "
        "Other drivers are those that the model names as defensible; equal parts are among those "
        "who were charged.",
        "Alone is what you would pay if nobody shared the service. The Shapley share is what each "
        "adds to the cost, averaged over all orders in which the consumers could have come; it "
        "never exceeds what you would pay alone.",
        "Where a pool's total is not open to you, other ways are not shown: they would tell what "
        "others pay.",
    ),
    "services": (
        "Cost is everything that came to rest at the service; what consumers were not charged for "
        "stands beside it, below zero where they were charged more than it cost.",
        "The volume is the sum of the driver that counts the service; its name is in the cell's "
        "title. Unit cost is cost divided by volume; the rate is the price that is charged.",
        "The change since the month before is divided into what came of the volume (the other "
        "number of units at the mean of both unit costs) and what came of the unit cost. Both add "
        "up to the change.",
    ),
    "spend": (
        "The sum of every cost line posted to the period, in the chosen basis: credits and "
        "corrections are subtracted. Effective is the cost of what was used, with prepayments "
        "spread over the time they cover; billed is what invoices say.",
        "Two bases are never added, and amounts of different currencies are shown apart.",
    ),
    "evidence": (
        "A match says that several evidences are one obligation. Once it is confirmed, the most "
        "detailed one stands; the others are reversed by derived lines, and what the detail does "
        "not explain stays as a line of its own. The imported batches never change.",
        "Confirm, reject or learn with the keys c, x and l; j and k walk through the list. What a "
        "learned rule confirmed is marked and stands in the journal.",
    ),
    "double_counting": (
        "Suspected is what the open proposals say is counted twice today; netted is what confirmed "
        "matches took out of the sum; not explained is what their detail leaves of the summaries.",
        "Every basis is a figure of its own. The goal is a suspected amount of zero.",
    ),
    "reconciliation": (
        "For each account: ledger less Bursar is the difference, and the difference is what is "
        "explained plus what is not, exactly. An explanation is taken only where it brings the "
        "rest nearer to zero.",
        "The unexplained total is summed without regard to sign, so that two mistakes do not hide "
        "each other. Accounts out of scope are left out of the totals.",
    ),
    "coverage": (
        "Accounts that came in by a trial balance. Detail is what matched evidence replaced; what "
        "is still summary is a residual, or the whole balance where nothing details it yet.",
    ),
    "previous": (
        "This period's spend less the spend of the period before it. More is marked in orange, "
        "less in teal; neither is good or bad by itself.",
    ),
    "year_to_date": (
        "Spend from the first period of the fiscal year up to and including the chosen one.",
    ),
    "allocated": (
        "The part of the spend that reached somebody who pays for it. The rest is kept by IT on "
        "purpose (retained) or was taken by no rule (unallocated); both stay visible lines.",
    ),
    "unclassified": (
        "The part of the spend for which no classification rule named a cost pool. The queue of "
        "unmapped cost on the Data page lists it, largest first.",
    ),
    "flow": (
        "Money runs from cost pools through towers and solutions to consumers, as the last "
        "published run of the cost model moved it. The width of a band is its amount; the "
        "columns are equal in sum because nothing is lost on the way.",
        "Credits, whose amounts are negative, have no width: the table lists them.",
    ),
    "monthly": (
        "Spend by period, stacked by cost pool. Months are posting periods: a charge counts in "
        "the month of service where that lies inside the billing period.",
    ),
    "consumers": (
        "What came to rest at each consumer in the chosen period, and its share of the total.",
    ),
    "documents": (
        "A live document is a row of the database that joins every figure when it is asked for. "
        "Before a run, live documents are settled: they become a batch of the source documents, "
        "so that the run's inputs stand still. The money counts once at every moment.",
        "In a period that was run, what was entered since shows as unallocated until the next run.",
    ),
    "registers": (
        "A record is a decision with a history: every change writes a new version with who, when "
        "and why. From the newest versions the cost of each month is derived; a month that is "
        "closed stands, and what a change makes of it is booked in an open one.",
    ),
    "register_months": (
        "The months are worked out from what is kept, those to come included. Each month's end "
        "is the exact amount rounded once, so that all months add up to the last cent. Only "
        "months up to the last one recorded are in the ledger.",
    ),
    "register_invoices": (
        "An invoice in the ledger and the record that it paid for are two sources of the same "
        "money. Once you confirm, the invoice's effective cost is taken back by what the record "
        "says is paid, in its own month; the record's months count instead, and what the invoice "
        "differs stays to be seen. Billed cost stays where it is.",
    ),
    "issued": (
        "A statement that was issued never changes. What is wrong in it is put right by a credit "
        "note, and by another statement where the whole is taken back. Numbers have no gap within "
        "a legal entity and a fiscal year, and each document carries a fingerprint (SHA-256) that "
        "verification computes again.",
        "A showback informs. A chargeback is paid: once accepted, it is settled. A dispute names "
        "what is wrong and is decided by somebody else, with a reason; its effect in money is a "
        "credit note.",
    ),
    "register_calendar": (
        "Days come from the records themselves: ends and renewals of contracts, the last day to "
        "give notice, price steps, payments, ends of warranty and of life, positions that begin "
        "or end, rate cards that run out.",
    ),
    "pivot": (
        "Every cell is the exact sum of the cost lines that have both values. Cells without any "
        "line are empty, which is not the same as zero.",
    ),
    "taxonomies": (
        "Both columns hold the same money under two lists of names, so their totals are equal. "
        "A crosswalk says where each name went; hover over a reason to see its row. Where a name "
        "was divided and nobody said how, its money waits under Not decided.",
    ),
    "converted": (
        "Amounts were converted one posting period, currency and legal entity at a time, each at "
        "the one rate that stands here, so parts add up to their total to the last digit. An "
        "average is the mean of the days published in the month; a way over another currency "
        "names both of its quotes.",
        "A missing rate is never guessed: the figure is then refused and says what it lacks.",
    ),
    "currency_effect": (
        "The operating effect is what the amounts themselves changed, at the earlier period's "
        "rates. The FX effect is what the later amounts gained or lost because rates moved. Both "
        "add up to the change exactly, in every row.",
    ),
    "rates": (
        "A closing rate belongs to a day and serves for at most five days after it; an average "
        "belongs to its month, a plan's rate to its year. Where a pair has no rate of its own, "
        "the way leads through the table's base currency.",
        "A changed rate replaces the old one, which stays on record with the moment at which it "
        "was known.",
    ),
    "entities": (
        "Every legal entity keeps its books in its functional currency. Consolidated figures are "
        "those of all entities in the reporting currency; what one of them charges another is "
        "still in them, and marked by its counterpart.",
    ),
    "cost_line": (
        "A cost line is one charge as it was received, and never changes. A restated file "
        "replaces the batch the line belongs to; the old batch stays readable.",
    ),
    "trace": (
        "The path of this money through the steps of the cost model, with the rule and driver "
        "that moved it. The amounts of the last step add up to the line, to the last digit.",
    ),
    "control_totals": (
        "The exact sums of the rows that were accepted, per currency and basis. They were counted "
        "while the file was read and once more from what was written; `bursar verify` compares "
        "them with the lines and with every table of sums again.",
        "A file of the same source and billing period replaces the batch as a whole; the replaced "
        "one stays readable.",
    ),
    "duplicates": (
        "Lines are compared by vendor, document number, amount, currency and basis, whatever the "
        "case and the signs between letters and digits. A line and its reversal cancel. Where a "
        "document number is missing, whole rows of one source are compared, and vendor, amount "
        "and date (within three days) of two sources.",
        "Two equal lines may both be right, so nothing is left out by itself: undo the import "
        "that is one too many, or have the source corrected and import it again.",
    ),
    "arrivals": (
        "Each cell counts the rows in force of a source and a month. A date says until when a "
        "watched source is due; Late means that day, with its days of grace, has passed. A marked "
        "count is less than half of what the three months before had in the middle.",
        "Only watched sources can be late: of the others nobody said when they come.",
    ),
    "unmapped": (
        "Cost that no classification rule gave a cost pool, and cost that has one but reached no "
        "consumer, largest amounts first. Nothing of it is lost: it stays in every total.",
        "The condition beside each is text for the cost model that would take exactly this cost.",
    ),
    "clusters": (
        "The cost of a node goes to the namespaces that ran on it, by the larger of what their "
        "pods used and what they requested, against what the node could give: cores and memory in "
        "the proportion that the cluster states. What nobody used is idle; those that keep the "
        "cluster running are platform; a cost that no usage matches is not attributed.",
        "The parts add up to the bill to its last digit. The bill's own lines stay as they are: a "
        "reversal and the parts stand beside them as lines of their own.",
    ),
    "ai_use": (
        "The log says who asked which model for how many tokens; the bill says what they cost. A "
        "line of the bill goes to those who used its model on its days, by tokens at list price "
        "where one is stated, else by tokens alone. The parts add up to the bill's lines.",
        "People and keys are pseudonyms in every fact; names stand in one table and can be erased.",
    ),
    "quality": (
        "Complete: rows accepted of those read, and no month missing between others. Timely: the "
        "first file against its due day. Reconciled: the comparison with the general ledger is "
        "signed as it stands. Classified and tagged: shares of absolute money. Free of duplicates: "
        "money less what seems to count twice. In line with its past: money less what lies beyond "
        "the usual month of each service, by a robust z score above 3.5 over four months or more.",
        "The score is the average of the measures that could be taken; the overall score weighs "
        "them by money. What was not measured says so, and never counts as good.",
    ),
    "periods": (
        "A period is open, soft-closed or closed, for each legal entity by itself. Soft-closed "
        "periods still take files of some roles, which are marked as late. The figures of a "
        "closed period stand: what a late or restated file changes is booked as correction lines "
        "in the earliest open period after it, and names the batch that caused it.",
        "Every line of the checklist has to be done, waived with a reason, or not in use before a "
        "period can be closed. Reopening needs a reason; it stays on this page and in the journal.",
    ),
    "intercompany": (
        "An entity's cost after charges is its own cost, less what it charged, plus what it was "
        "charged. Over the group charges cancel out, and markups with them.",
        "Lines that name one of the group's entities as counterpart are no cost of the group: both "
        "ledgers' sides of a pair are taken out, and what is left of them is its difference.",
    ),
    "commitments": (
        "As billed, whoever a commitment happened to cover has the saving. Where who bought it or "
        "a central place keeps the saving, covered usage pays its contracted price, and the "
        "difference stands at that home. Where it is shared, everybody whom it could cover pays "
        "the same part of the contracted price.",
        "The unused part is always lines of its own. What a policy adds stands beside the bill and "
        "adds up to zero in each legal entity, currency and period.",
    ),
    "journal": (
        "Every act that changes money or model is an entry. Each entry's hash covers its content "
        "and the hash of the entry before it, so that a change to any of them shows.",
        "Who may write the database could compute all hashes again. An anchor outside, in a file, "
        "a mail or a webhook, says which hash an entry had on its day: check-anchors compares.",
    ),
}

TITLES = {
    "trace": "Explain this path",
    "clusters": "How a cluster's cost is split",
    "ai_use": "How AI cost is split",
    "journal": "How the chain works",
    "commitments": "What does a policy do?",
    "intercompany": "How does it cancel out?",
    "quality": "How is this measured?",
    "periods": "What does closing do?",
    "control_totals": "What are control totals?",
    "arrivals": "What the cells say",
    "duplicates": "How lines are compared",
    "unmapped": "Why is this cost unmapped?",
    "cost_line": "What is a cost line?",
    "evidence": "What does a match do?",
    "double_counting": "What is double counting?",
    "reconciliation": "How is it compared?",
    "what_if": "How is this worked out?",
    "fairness": "What do these ways mean?",
    "covered": "How good are these rules?",
    "coverage": "What is summary, what is detail?",
    "converted": "How these amounts were converted",
    "currency_effect": "How the difference is split",
    "rates": "Which rate counts?",
    "entities": "What is consolidated?",
}

GLOSSARY: tuple[tuple[str, str], ...] = (
    ("Basis", "Which cost is meant: billed, effective, contracted, list or booked."),
    ("Batch", "The lines of one source and one billing period, replaced only as a whole."),
    ("Consumer", "Who uses technology and pays for it: a business unit or a part of one."),
    ("Cost pool", "What kind of cost it is: staff, cloud services, software and so on."),
    ("Driver", "The measured quantity by which a cost is split, such as seats or hours."),
    ("Retained", "Cost that IT keeps on purpose instead of passing it on."),
    ("Run", "One execution of the cost model; the newest published one is in force."),
    ("Solution", "What IT delivers: an application or a service with a name."),
    ("Statement", "The Bill of IT of one consumer for one period."),
    ("Tower", "The technical function the cost supports: compute, storage, network and so on."),
    ("Unallocated", "Cost that no rule took; always a visible line with its reason."),
    ("Unclassified", "Cost for which no rule named a cost pool."),
)


def explanation(key: str) -> tuple[str, tuple[str, ...]]:
    """Title and paragraphs of a figure's explanation."""
    return TITLES.get(key, "Explain this number"), EXPLANATIONS[key]
