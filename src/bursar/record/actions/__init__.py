"""What can be done to the record: one file per act."""
