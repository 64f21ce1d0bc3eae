"""pandas in, pandas out: the public functions of the library and the frames of their results.

Amounts in frames are tenge in float64, each the double nearest to a whole number of tiyn; totals are exact
`decimal.Decimal`. docs/api.md lists the names.
"""
