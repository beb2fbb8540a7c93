"""What a file is, seen from its first rows: header, kinds and styles of columns, proposal."""
