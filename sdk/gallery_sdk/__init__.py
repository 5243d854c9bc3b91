"""The open gallery's SDK."""
