"""Depreciation: from what is known of an asset to each month's charge, exact to the cent.

`terms.py` says what is known of an asset in one book, and refuses what contradicts itself:

    laptop = Terms(
        cost=Decimal("1299.00"), residual_value=Decimal("99.00"),
        in_service_date=date(2026, 3, 16), useful_life_months=36,
        changes=(Change(date(2028, 1, 10), Happened.DISPOSAL, proceeds=Decimal("250")),),
    )

`schedule.py` gives its months, from opening to closing, in amounts of the currency's digits:

    schedule(laptop)                            every Month to the end
    schedule(laptop, through=date(2026, 12, 1)) to a month, with months of zero after the end
    as_of(laptop, date(2027, 6, 30)).book_value the last month that had ended by a day
    list(contradictions(laptop))                all that is wrong with it, term by term

A `Month` is a row of a roll-forward: opening cost, added, disposed; opening accumulated,
depreciation, impairment, what of it left; proceeds and gain or loss; cost, accumulated and
book value at its end. A year is the sum of its months.

`many.py` charges many assets at once in whole numbers, as columns for Arrow:

    for charges in charge_many(assets, first=month_of(day), last=month_of(day)): ...

Beneath: `clock.py` counts how much of the life has passed at a month's end (the convention),
`methods.py` how much is charged by then, `stretches.py` what holds between two changes,
`macrs.py` the percentages of United States tax law, `form.py` lets assets of many residual values
share a declining balance. Rules: `docs/spec/depreciation.md`. Speed: `bench/depreciation.py`.
"""
