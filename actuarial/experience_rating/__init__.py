"""Experience rating beside the law's step table: modification, comparison over a book, tests of a rating."""
