"""The technical premium: frequency, severity, loadings, and how the tariffs of the law compare with it."""
