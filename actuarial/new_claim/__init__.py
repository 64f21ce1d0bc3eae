"""New claims of contracts in force: how often, how heavy, what they cost, what reinsurance takes.

The model file (`model`) and the book (`exposure`) meet the law (`law`) and the engine's own annuity values
(`factor`) in `simulation`; docs/new-claims.md has the formulas.
"""
