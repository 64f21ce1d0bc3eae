"""Writing results: run folders and, in them, tables."""
