"""The fixed words of reports: what page, charts and workbooks say whatever the command.

They stand together so that a report in another language changes one file.
"""

from __future__ import annotations

LANGUAGE = "en"
WARNINGS = "Before you use these figures"
CONTENTS = "Contents"
APPENDIX = "Appendix"
NOTE = "Note"
NOTHING = "Nothing to show."
NO_DATA = "no data"
EMPTY = "–"
"""What stands for a number that does not exist."""
MORE_ROWS = "… and {more} more rows than a worksheet can hold"
CUT_TEXT = " … (cut at Excel's limit)"
MEAN = "mean"
MEDIAN = "median"
QUANTILE = "{level} quantile"
QUANTILE_RANGE = "{low} to {high}"
FREQUENCY = "number"
SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))
"""Units of chart axes, largest first."""
