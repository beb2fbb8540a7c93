"""Depreciation: from what is known of an asset to each month's charge, exact to the cent.

`terms.py` says what is known: cost, residual value, life, method, convention, and what happened
since. `clock.py` counts how much of the life has passed at a month's end (the convention).
`methods.py` says how much has been charged once so much of the life has passed. `schedule.py`
puts both together month by month, with additions, impairments and disposals. `macrs.py` has the
percentages of United States tax law. Rules: `docs/spec/depreciation.md`.
"""
