"""Every reason why a row is rejected and every note on a file, with what it means."""

from __future__ import annotations

from collections.abc import Mapping

REJECTIONS: Mapping[str, str] = {
    "import.amount_missing": "A required amount or quantity is empty.",
    "import.account_missing": "A row of a trial balance names no account.",
    "import.balance_differs": "The balance is not debit less credit.",
    "import.amount_separators": "Grouping signs or a decimal comma: 1,234.50 or 1.234,50.",
    "import.amount_brackets": "Brackets instead of a minus sign: (5.00).",
    "import.amount_not_a_number": "No number at all, NaN, infinity, or a currency sign.",
    "import.amount_too_precise": "More than 24 digits after the point.",
    "import.amount_too_large": "More than 14 digits before the point.",
    "import.date_missing": "A required date is empty.",
    "import.date_invalid": "No date, one that is not in the calendar, or far out of time.",
    "import.period_invalid": "No month and no fiscal period.",
    "import.period_reversed": "The end lies before the start; rejected in ledger files, noted in "
    "FOCUS files.",
    "import.currency_unknown": "Empty, or not an ISO 4217 code.",
    "import.charge_category_unknown": "Empty, or none of the standard's five words.",
    "import.basis_unknown": "None of billed, effective, booked.",
    "import.treatment_unknown": "Neither capex nor opex.",
    "import.intent_unknown": "None of run, grow, transform.",
    "import.driver_missing": "A usage row names no driver.",
    "import.target_missing": "A usage row does not say who used it.",
    "import.quantity_negative": "A usage row has a quantity below zero.",
    "import.text_missing": "A required text of a side table of FOCUS is empty.",
    "import.credits_unreadable": "The credits of a native bill are no list with an amount each.",
    "import.model_missing": "A row of AI use names no model.",
    "import.tokens_invalid": "A number of tokens or requests is none, or contradicts another.",
    "import.torn_line": "Another number of cells than the header, a quote that never closes, or, "
    "in JSON lines, a line that is no object.",
    "import.node_missing": "A cluster's usage row does not say on which node.",
    "import.namespace_missing": "A cluster's usage row does not say in which namespace.",
    "rate.currency_unknown": "A rate names a currency that is no code of ISO 4217.",
    "rate.same_currency": "A rate joins a currency with itself.",
    "rate.type_unknown": "None of closing, average, plan.",
    "rate.not_a_number": "A rate that is no exact number.",
    "rate.not_positive": "A rate of zero or below.",
    "rate.overlap": "Another rate is in force for the same pair, type and day.",
    "import.both_sides": "Debit and credit are both filled.",
    "import.vat_mismatch": "Net and VAT differ from the gross by more than 0.01.",
    "import.currency_conflict": "A cell has the sign of another currency than the column's.",
}

NOTES: Mapping[str, str] = {
    "import.columns_absent": "Columns that the standard demands are missing and stay empty.",
    "import.files_skipped": "Files in a folder that are no tables.",
    "import.float_money": "Numbers of a Parquet file are floats; the shortest decimal was taken.",
    "import.month_first_dates": "Dates with slashes were read as month/day/year.",
    "import.tags_unreadable": "Tags in an unknown spelling were kept as they came.",
    "import.cost_null": "A cost other than the billed cost is empty and stays so.",
    "import.period_reversed": "A charge period ends before it starts; it was kept.",
    "import.quantity_rounded": "Measured quantities with more than 20 digits after the point were "
    "rounded there.",
    "import.quantity_left_empty": "A price or quantity of a native bill is no amount that the "
    "ledger holds; it is empty, its text is kept.",
    "import.amortised_alone": "An amortised Azure file came without the actual file of its period: "
    "purchases of commitments are not billed in it.",
    "import.actual_alone": "An actual Azure file came without the amortised file of its period: "
    "purchases of commitments count when they are billed, in both views.",
    "import.product_rounded": "A product of price and quantity has more than 24 digits after the "
    "point; it was rounded at the 24th.",
    "import.blank_rows": "Rows without any filled cell were passed over.",
    "import.total_row": "Rows that are totals of others were left out, each with its amount.",
    "import.note_row": "Rows with words only, as headings and footers, were left out.",
    "import.header_row": "Rows that repeat the header were left out.",
    "import.empty_amount": "Empty cells of a matrix of amounts give no line.",
    "import.assumed": "The file was read without a profile; what was taken for granted.",
    "import.encoding_guessed": "Text that is not UTF-8 was read as this code page.",
    "import.macros_ignored": "The workbook has macros, which are never run.",
    "import.hidden_rows": "Rows that are hidden in the workbook were read like all others.",
    "import.other_sheets": "Other sheets of the workbook were not read.",
}
