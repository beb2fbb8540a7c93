"""The general ledger as control: its balances beside what Bursar holds, explained and signed."""
