"""Stress tests: scenarios on a basis, the law and a portfolio, aggregated and reversed."""
