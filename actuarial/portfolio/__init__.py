"""Portfolios: reading files, checking them, making samples."""
