"""The fixed words of reports: what page, charts and workbooks say whatever the command.

They stand together; `actuarial.language.said` gives them in the language of the report.
"""

from __future__ import annotations

from actuarial.language import text, texts

WARNINGS = text("Before you use these figures")
CONTENTS = text("Contents")
APPENDIX = text("Appendix")
NOTE = text("Note")
NOTHING = text("Nothing to show.")
NO_DATA = text("no data")
EMPTY = "–"
"""What stands for a number that does not exist."""
MORE_ROWS = texts("… and {more} more rows than a worksheet can hold")
CUT_TEXT = text(" … (cut at Excel's limit)")
MEAN = text("mean")
MEDIAN = text("median")
QUANTILE = texts("{level} quantile")
QUANTILE_RANGE = texts("{low} to {high}")
FREQUENCY = text("number")
SCALES = texts(
    ((1e12, text("trillion")), (1e9, text("billion")), (1e6, text("million")), (1e3, text("thousand")))
)
"""Units of chart axes, largest first."""
