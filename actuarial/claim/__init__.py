"""One claim: what an injured worker or a family is owed, step by step, with the article of each step."""
