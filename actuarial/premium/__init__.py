"""Premiums: compulsory contracts by the law of their date, the voluntary product, changes and refunds."""
