"""Bytes of text tables to exact integers: row splitting, dates, amounts, percents, shares, equal texts.

Data are ``uint8`` bytes of UTF-8 text (read-only arrays); a cell is ``data[starts[i]:ends[i]]``. Nothing
here passes through a float: amounts become whole tiyn, dates day numbers, degrees whole percent. A cell
that cannot be taken exactly gets a status instead of a guess; callers validate array shapes.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
Int16 = NDArray[np.int16]
Float = NDArray[np.float64]

OK = 0
EMPTY = 1
ERROR_VALUE = 2
NO_RESULT = 3

NOT_DATE = 10
NO_SUCH_DAY = 11
TWO_DIGIT_YEAR = 12
SLASH_DATE = 13
TIME_OF_DAY = 14
SERIAL_NUMBER = 15
YEAR_OUT_OF_RANGE = 16

NOT_AMOUNT = 20
FINER_THAN_TIYN = 21
GROUPED_BY_COMMA = 22
NEGATIVE = 23
NOT_FINITE = 24
EXPONENT = 25
TOO_LARGE = 26

NOT_PERCENT = 30
FRACTION = 31
NOT_WHOLE = 32
PERCENT_TOO_LARGE = 33

NOT_SHARE = 40
LONG_SHARE = 41

ROW_OK = 0
ROW_RAGGED = 1
ROW_BAD_QUOTE = 2

MAX_TENGE_DIGITS = 13
"""An amount has at most this many digits before the decimal mark: sums of a portfolio stay inside int64."""
FIRST_YEAR = 1900
LAST_YEAR = 2199


@njit(cache=True, nogil=True)
def split_rows(
    data: Bytes,
    begin: int,
    end: int,
    delimiter: int,
    newline: int,
    starts: Int64,
    ends: Int64,
    lines: Int64,
    state: Bytes,
    surplus: Int64,
) -> tuple[int, int, int, int]:
    """Split delimited rows into cells; stop when the bytes or the room for rows end.

    ``starts``, ``ends`` int64 (columns, rows); ``lines`` int64 (rows,) line of each row counted from 0 at
    ``begin``; ``state`` uint8 (rows,) ROW_*; ``surplus`` int64 (rows,) cells after the last column, ragged
    unless all of them are empty: whether those are right is for the caller, who sees the other rows. Rows
    with no text at all are skipped. Returns rows, position after them, lines passed, position of a quote
    that is never closed (-1: none). RFC 4180 quoting: a quote opens only at the start of a cell.
    """
    n_columns, capacity = starts.shape
    position = begin
    line = 0
    row = 0
    while position < end and row < capacity:
        row_line = line
        field = 0
        has_text = False
        bad_quote = False
        extra = False
        while True:
            opened = -1
            if position < end and data[position] == 34:
                opened = position
                position += 1
                first = position
                while position < end:
                    c = data[position]
                    if c == 34:
                        if position + 1 < end and data[position + 1] == 34:
                            position += 2
                            continue
                        break
                    if c == newline:
                        line += 1
                    position += 1
                if position >= end:
                    return row, end, line, opened
                last = position
                position += 1
                while position < end and data[position] != delimiter and data[position] != newline:
                    if data[position] != 13 and data[position] != 32:
                        bad_quote = True
                    position += 1
                has_text = True
            else:
                first = position
                while position < end and data[position] != delimiter and data[position] != newline:
                    position += 1
                last = position
                if last > first and data[last - 1] == 13 and (last == end or data[last] == newline):
                    last -= 1
                if last > first:
                    has_text = True
            if field < n_columns:
                starts[field, row] = first
                ends[field, row] = last
            elif last > first:
                extra = True
            field += 1
            if position >= end:
                break
            position += 1
            if data[position - 1] == newline:
                line += 1
                break
        if has_text:
            lines[row] = row_line
            state[row] = ROW_OK
            surplus[row] = max(0, field - n_columns)
            if bad_quote:
                state[row] = ROW_BAD_QUOTE
            elif extra or field < n_columns:
                state[row] = ROW_RAGGED
            for missing in range(field, n_columns):
                starts[missing, row] = position
                ends[missing, row] = position
            row += 1
    return row, position, line, -1


@njit(cache=True, nogil=True)
def cut_points(
    data: Bytes, begin: int, end: int, delimiter: int, newline: int, step: int, cuts: Int64
) -> int:
    """First row starts at least ``step`` bytes apart, quoted newlines respected.

    ``cuts`` int64 takes them; returns how many. One pass, for tables that contain quotes.
    """
    n = 0
    at_cell_start = True
    inside = False
    target = begin + step
    position = begin
    while position < end and n < cuts.shape[0]:
        c = data[position]
        position += 1
        if inside:
            if c == 34:
                if position < end and data[position] == 34:
                    position += 1
                else:
                    inside = False
            continue
        if c == 34 and at_cell_start:
            inside = True
            at_cell_start = False
        elif c == newline:
            at_cell_start = True
            if position >= target and position < end:
                cuts[n] = position
                n += 1
                target = position + step
        else:
            at_cell_start = c == delimiter
    return n


@njit(cache=True, nogil=True)
def _space(data: Bytes, at: int, end: int) -> int:
    """Width in bytes of a blank at ``at``: space, tab, CR, LF, U+00A0, U+2007, U+2009, U+202F; 0 if none."""
    c = data[at]
    if c == 32 or c == 9 or c == 13 or c == 10:
        return 1
    if c == 0xC2 and at + 1 < end and data[at + 1] == 0xA0:
        return 2
    if c == 0xE2 and at + 2 < end and data[at + 1] == 0x80:
        last = data[at + 2]
        if last == 0xAF or last == 0x87 or last == 0x89:
            return 3
    return 0


@njit(cache=True, nogil=True)
def _trim(data: Bytes, first: int, last: int) -> tuple[int, int]:
    """Bounds of a cell without blanks at its ends."""
    while first < last:
        width = _space(data, first, last)
        if width == 0:
            break
        first += width
    while first < last:
        if _space(data, last - 1, last) == 1:
            last -= 1
        elif last - first >= 2 and _space(data, last - 2, last) == 2:
            last -= 2
        elif last - first >= 3 and _space(data, last - 3, last) == 3:
            last -= 3
        else:
            break
    return first, last


@njit(cache=True, nogil=True)
def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 of a Gregorian date (Hinnant's days_from_civil)."""
    y = year - (1 if month <= 2 else 0)
    era = y // 400
    yoe = y - era * 400
    doy = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    doe = yoe * 365 + yoe // 4 - yoe // 100 + doy
    return era * 146097 + doe - 719468


@njit(cache=True, nogil=True)
def _date(data: Bytes, first: int, last: int) -> tuple[int, int]:
    """Day number and status of a trimmed, non-empty cell."""
    if data[first] == 35:
        return 0, ERROR_VALUE
    part = np.zeros(3, np.int64)
    width = np.zeros(3, np.int64)
    at = first
    mark = 0
    n = 0
    while n < 3:
        while at < last and 48 <= data[at] <= 57 and width[n] < 9:
            part[n] = part[n] * 10 + (data[at] - 48)
            width[n] += 1
            at += 1
        if width[n] == 0:
            return 0, NOT_DATE
        n += 1
        if at >= last or n == 3:
            break
        if n == 1:
            mark = data[at]
            if mark != 45 and mark != 46 and mark != 47:
                return 0, NOT_DATE
        elif data[at] != mark:
            return 0, NOT_DATE
        at += 1
    if n < 3:
        # 45292 or 45292.0: Excel's day count without its date format
        if at >= last and 4 <= width[0] <= 6 and (n == 1 or mark == 46):
            return 0, SERIAL_NUMBER
        return 0, NOT_DATE
    if mark == 47:
        return 0, SLASH_DATE
    if mark == 45:
        if width[0] != 4 or width[1] != 2 or width[2] != 2:
            return 0, NOT_DATE
        year, month, day = part[0], part[1], part[2]
    else:
        if width[0] > 2 or width[1] > 2:
            return 0, NOT_DATE
        if width[2] == 2:
            return 0, TWO_DIGIT_YEAR
        if width[2] != 4:
            return 0, NOT_DATE
        year, month, day = part[2], part[1], part[0]
    if at < last:
        if data[at] != 32 and data[at] != 84:
            return 0, NOT_DATE
        at += 1
        is_midnight = True
        colons = 0
        while at < last:
            c = data[at]
            if c == 58:
                colons += 1
            elif 49 <= c <= 57:
                is_midnight = False
            elif c != 48 and c != 46:
                return 0, NOT_DATE
            at += 1
        if colons == 0:
            return 0, NOT_DATE
        if not is_midnight:
            return 0, TIME_OF_DAY
    if month < 1 or month > 12 or day < 1 or day > 31:
        return 0, NO_SUCH_DAY
    if day > 28:
        longest = 31
        if month == 2:
            is_leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
            longest = 29 if is_leap else 28
        elif month == 4 or month == 6 or month == 9 or month == 11:
            longest = 30
        if day > longest:
            return 0, NO_SUCH_DAY
    if year < FIRST_YEAR or year > LAST_YEAR:
        return 0, YEAR_OUT_OF_RANGE
    return _days(year, month, day), OK


@njit(cache=True, nogil=True)
def parse_dates(data: Bytes, starts: Int64, ends: Int64, empty: int, out: Int32, status: Bytes) -> None:
    """Dates (ISO or dd.mm.yyyy, midnight allowed) to days since 1970-01-01, int32 (n,)."""
    for i in range(starts.shape[0]):
        first, last = _trim(data, starts[i], ends[i])
        out[i] = empty
        if first == last:
            status[i] = EMPTY
            continue
        value, code = _date(data, first, last)
        status[i] = code
        if code == OK:
            out[i] = value


@njit(cache=True, nogil=True)
def _is_word(data: Bytes, first: int, last: int, word: Bytes) -> bool:
    """Whether a cell is an ASCII word (given in lower case), whatever its case."""
    if last - first != word.shape[0]:
        return False
    for k in range(word.shape[0]):  # noqa: SIM110 a generator does not compile
        if (data[first + k] | 32) != word[k]:
            return False
    return True


_NAN = np.frombuffer(b"nan", dtype=np.uint8)
_INF = np.frombuffer(b"inf", dtype=np.uint8)
_INFINITY = np.frombuffer(b"infinity", dtype=np.uint8)


@njit(cache=True, nogil=True)
def _amount(data: Bytes, first: int, last: int) -> tuple[int, int]:
    """Whole tiyn and status of a trimmed, non-empty cell without a sign."""
    if data[first] == 35:
        return 0, ERROR_VALUE
    if (
        _is_word(data, first, last, _NAN)
        or _is_word(data, first, last, _INF)
        or _is_word(data, first, last, _INFINITY)
    ):
        return 0, NOT_FINITE
    whole = 0
    digits = 0
    group = 0
    groups = 0
    at = first
    while at < last:
        c = data[at]
        if 48 <= c <= 57:
            if digits < 18:
                whole = whole * 10 + (c - 48)
            digits += 1
            group += 1
            at += 1
            continue
        width = _space(data, at, last)
        if width == 0:
            break
        if (groups == 0 and (group == 0 or group > 3)) or (groups > 0 and group != 3):
            return 0, NOT_AMOUNT
        groups += 1
        group = 0
        at += width
    if digits == 0 or (groups > 0 and group != 3):
        return 0, NOT_AMOUNT
    cents = 0
    decimals = 0
    is_finer = False
    if at < last and (data[at] == 44 or data[at] == 46):
        at += 1
        while at < last and 48 <= data[at] <= 57:
            if decimals < 2:
                cents = cents * 10 + (data[at] - 48)
            elif data[at] != 48:
                is_finer = True
            decimals += 1
            at += 1
        if at < last and (data[at] == 44 or data[at] == 46):
            while at < last and (48 <= data[at] <= 57 or data[at] == 44 or data[at] == 46):
                at += 1
            return 0, (GROUPED_BY_COMMA if at == last else NOT_AMOUNT)
        if decimals == 0:
            return 0, NOT_AMOUNT
    if at < last:
        if (data[at] | 32) == 101:
            at += 1
            if at < last and (data[at] == 43 or data[at] == 45):
                at += 1
            mark = at
            while at < last and 48 <= data[at] <= 57:
                at += 1
            if at == last and at > mark:
                return 0, EXPONENT
        return 0, NOT_AMOUNT
    if decimals == 3 and groups == 0 and digits <= 3 and whole > 0:
        # 250,000 may be a quarter of a million or 250: only the user knows
        return 0, GROUPED_BY_COMMA
    if is_finer:
        return 0, FINER_THAN_TIYN
    if digits > MAX_TENGE_DIGITS:
        return 0, TOO_LARGE
    if decimals == 1:
        cents *= 10
    return whole * 100 + cents, OK


@njit(cache=True, nogil=True)
def parse_amounts(data: Bytes, starts: Int64, ends: Int64, empty: int, out: Int64, status: Bytes) -> None:
    """Amounts in tenge (decimal comma or point, thousands by blanks) to whole tiyn, int64 (n,)."""
    for i in range(starts.shape[0]):
        first, last = _trim(data, starts[i], ends[i])
        out[i] = empty
        if first == last:
            status[i] = EMPTY
            continue
        sign = 0
        if data[first] == 45:
            sign = 1
        elif last - first > 3 and data[first] == 0xE2 and data[first + 1] == 0x88 and data[first + 2] == 0x92:
            sign = 3
        if sign > 0 and first + sign < last:
            _, code = _amount(data, first + sign, last)
            status[i] = NEGATIVE if code == OK else code
            continue
        value, code = _amount(data, first, last)
        status[i] = code
        if code == OK:
            out[i] = value


@njit(cache=True, nogil=True)
def parse_percents(data: Bytes, starts: Int64, ends: Int64, empty: int, out: Int16, status: Bytes) -> None:
    """Whole percent (45, 45%, 45.0, 45,0) to int16 (n,)."""
    for i in range(starts.shape[0]):
        first, last = _trim(data, starts[i], ends[i])
        out[i] = empty
        if first == last:
            status[i] = EMPTY
            continue
        if data[first] == 35:
            status[i] = ERROR_VALUE
            continue
        if data[last - 1] == 37:
            first, last = _trim(data, first, last - 1)
        whole = 0
        digits = 0
        at = first
        while at < last and 48 <= data[at] <= 57:
            if digits < 9:
                whole = whole * 10 + (data[at] - 48)
            digits += 1
            at += 1
        code = OK
        if digits == 0:
            code = NOT_PERCENT
        elif at < last:
            if data[at] != 44 and data[at] != 46:
                code = NOT_PERCENT
            else:
                at += 1
                decimals = 0
                is_whole = True
                while at < last and 48 <= data[at] <= 57:
                    if data[at] != 48:
                        is_whole = False
                    decimals += 1
                    at += 1
                if at < last or decimals == 0:
                    code = NOT_PERCENT
                elif not is_whole:
                    code = FRACTION if whole == 0 else NOT_WHOLE
        if code == OK and (whole > 999 or digits > 9):
            code = PERCENT_TOO_LARGE
        status[i] = code
        if code == OK:
            out[i] = whole


@njit(cache=True, nogil=True)
def parse_shares(data: Bytes, starts: Int64, ends: Int64, out: Float, status: Bytes) -> None:
    """Decimal fractions (0.5, 0,5, 50%) to float64 (n,), correctly rounded; LONG_SHARE beyond 15 digits.

    Up to 15 digits the mantissa and the power of ten are exact in float64, so one division rounds once.
    """
    for i in range(starts.shape[0]):
        first, last = _trim(data, starts[i], ends[i])
        out[i] = np.nan
        if first == last:
            status[i] = EMPTY
            continue
        if data[first] == 35:
            status[i] = ERROR_VALUE
            continue
        decimals = 0
        if data[last - 1] == 37:
            first, last = _trim(data, first, last - 1)
            decimals = 2
        mantissa = 0
        digits = 0
        seen = 0
        is_decimal = False
        at = first
        while at < last:
            c = data[at]
            if 48 <= c <= 57:
                seen += 1
                if digits > 0 or c != 48:
                    digits += 1
                if digits <= 15:
                    mantissa = mantissa * 10 + (c - 48)
                if is_decimal:
                    decimals += 1
            elif (c == 44 or c == 46) and not is_decimal and seen > 0:
                is_decimal = True
            else:
                break
            at += 1
        if at < last or seen == 0 or not 48 <= data[last - 1] <= 57:
            status[i] = NOT_SHARE
        elif digits > 15 or decimals > 22:
            status[i] = LONG_SHARE
        else:
            status[i] = OK
            out[i] = mantissa / 10.0**decimals


@njit(cache=True, nogil=True)
def first_equal(data: Bytes, starts: Int64, ends: Int64, table: Int64, first: Int64) -> None:
    """For each cell the index of the first cell with the same bytes, int64 (n,).

    ``table`` int64, a power of two longer than n, filled with -1: open addressing on 64-bit FNV-1a, texts
    compared byte by byte, so the answer is exact whatever the hashes.
    """
    mask = table.shape[0] - 1
    for i in range(starts.shape[0]):
        begin, end = starts[i], ends[i]
        code = np.uint64(14695981039346656037)
        for at in range(begin, end):
            code = (code ^ np.uint64(data[at])) * np.uint64(1099511628211)
        slot = np.int64((code ^ (code >> np.uint64(32))) & np.uint64(mask))
        while True:
            other = table[slot]
            if other < 0:
                table[slot] = i
                first[i] = i
                break
            same = ends[other] - starts[other] == end - begin
            if same:
                for k in range(end - begin):
                    if data[starts[other] + k] != data[begin + k]:
                        same = False
                        break
            if same:
                first[i] = other
                break
            slot = (slot + 1) & mask


@njit(cache=True, nogil=True)
def copy_text(data: Bytes, starts: Int64, ends: Int64, unquote: bool, offsets: Int32, out: Bytes) -> int:
    """Trimmed texts one after another into ``out`` uint8; ``offsets`` int32 (n + 1,). Returns their length.

    With ``unquote`` a doubled quote becomes one in cells that were quoted.
    """
    position = 0
    offsets[0] = 0
    for i in range(starts.shape[0]):
        first, last = _trim(data, starts[i], ends[i])
        was_quoted = unquote and starts[i] > 0 and data[starts[i] - 1] == 34
        at = first
        while at < last:
            c = data[at]
            out[position] = c
            position += 1
            at += 1
            if was_quoted and c == 34 and at < last and data[at] == 34:
                at += 1
        offsets[i + 1] = position
    return position


SHEET_ROW = 0
SHEET_COLUMN = 1
SHEET_LAST_ROW = 2
SHEET_LAST_COLUMN = 3
SHEET_IN_ERROR = 4
SHEET_N_ERRORS = 5
SHEET_FAULT = 6
SHEET_FORMULA = 7
SHEET_TEXT = 8
SHEET_VALUE = 9
SHEET_STATE = 10

FAULT_REFERENCE = 1
FAULT_DTD = 2
MAX_SHEET_ROWS = 1_048_576
MAX_SHEET_COLUMNS = 16_384


@njit(cache=True, nogil=True)
def _find(data: Bytes, at: int, end: int, a: int, b: int, c: int) -> int:
    """Position after the first bytes a b c from ``at``; -1 where they do not occur."""
    while at + 2 < end:
        if data[at] == a and data[at + 1] == b and data[at + 2] == c:
            return at + 3
        at += 1
    return -1


@njit(cache=True, nogil=True)
def scan_sheet(data: Bytes, end: int, state: Int64, errors: Int32) -> int:
    """Walk the tags of worksheet XML: the used area, error cells, formulas without a result, faults.

    ``state`` int64 (SHEET_STATE,) carries over from piece to piece; ``errors`` int32 (m, 5) takes row,
    column (from 0) and three bytes of the text of cells of type error, zeros for a formula whose value is
    missing or empty (an empty value of type str is a result: the empty text). Returns how many bytes were
    used: the rest begins with a tag that is not complete.
    """
    at = 0
    while at < end and state[SHEET_FAULT] == 0 and state[SHEET_N_ERRORS] < errors.shape[0]:
        if data[at] != 60:
            at += 1
            continue
        tag = at
        if at + 9 >= end:
            # too near the end to tell a comment from a tag; the last tag of a file is a closing one
            return tag
        if data[at + 1] == 33:
            if data[at + 2] == 45 and data[at + 3] == 45:
                at = _find(data, at + 4, end, 45, 45, 62)
            elif data[at + 2] == 91:
                at = _find(data, at + 9, end, 93, 93, 62)
            else:
                state[SHEET_FAULT] = FAULT_DTD
                return tag
            if at < 0:
                return tag
            continue
        if data[at + 1] == 63:
            at += 2
            while at < end and not (data[at] == 62 and data[at - 1] == 63):
                at += 1
            if at >= end:
                return tag
            at += 1
            continue
        is_closing = data[at + 1] == 47
        at += 2 if is_closing else 1
        name = at
        while at < end and data[at] != 62 and data[at] != 47 and data[at] > 32:
            if data[at] == 58:
                name = at + 1
            at += 1
        length = at - name
        is_cell = length == 1 and data[name] == 99
        is_value = length == 1 and data[name] == 118
        is_formula = length == 1 and data[name] == 102
        is_inline = length == 2 and data[name] == 105 and data[name + 1] == 115
        is_row = length == 3 and data[name] == 114 and data[name + 1] == 111 and data[name + 2] == 119
        row = np.int64(0)
        column = np.int64(0)
        has_reference = False
        is_error = False
        is_text = False
        while at < end and data[at] != 62:
            if data[at] <= 32 or data[at] == 47:
                at += 1
                continue
            attribute = at
            while at < end and data[at] != 61 and data[at] != 62:
                at += 1
            width = at - attribute
            while width > 0 and data[attribute + width - 1] <= 32:
                width -= 1
            if at >= end or data[at] == 62:
                break
            at += 1
            while at < end and data[at] <= 32:
                at += 1
            if at >= end:
                break
            quote = data[at]
            if quote != 34 and quote != 39:
                state[SHEET_FAULT] = FAULT_REFERENCE
                return tag
            at += 1
            value = at
            while at < end and data[at] != quote:
                at += 1
            if at >= end:
                break
            if width == 1 and data[attribute] == 114 and (is_cell or is_row):
                has_reference = True
                for k in range(value, at):
                    c = data[k]
                    if 48 <= c <= 57 and row <= MAX_SHEET_ROWS:
                        row = row * 10 + (c - 48)
                    elif 65 <= (c & 0xDF) <= 90 and row == 0 and is_cell and column <= MAX_SHEET_COLUMNS:
                        column = column * 26 + ((c & 0xDF) - 64)
                    else:
                        row = np.int64(0)
                        break
                if row < 1 or row > MAX_SHEET_ROWS or column > MAX_SHEET_COLUMNS or (is_cell and column < 1):
                    state[SHEET_FAULT] = FAULT_REFERENCE
                    return tag
            elif width == 1 and data[attribute] == 116 and is_cell:
                is_error = at - value == 1 and data[value] == 101
                is_text = at - value == 3 and data[value] == 115 and data[value + 1] == 116
            at += 1
        if at >= end:
            return tag
        is_empty = data[at - 1] == 47
        at += 1
        if is_closing:
            if is_cell:
                if state[SHEET_FORMULA] == 1 and state[SHEET_VALUE] == 0:
                    k = state[SHEET_N_ERRORS]
                    errors[k, 0] = state[SHEET_ROW]
                    errors[k, 1] = state[SHEET_COLUMN]
                    errors[k, 2:] = 0
                    state[SHEET_N_ERRORS] += 1
                state[SHEET_IN_ERROR] = 0
                state[SHEET_FORMULA] = 0
        elif is_row:
            state[SHEET_ROW] = row - 1 if has_reference else state[SHEET_ROW] + 1
            state[SHEET_COLUMN] = -1
            if state[SHEET_ROW] >= MAX_SHEET_ROWS:
                state[SHEET_FAULT] = FAULT_REFERENCE
        elif is_cell:
            if has_reference:
                state[SHEET_ROW] = row - 1
                state[SHEET_COLUMN] = column - 1
            else:
                state[SHEET_COLUMN] += 1
            if not is_empty:
                state[SHEET_LAST_ROW] = max(state[SHEET_LAST_ROW], state[SHEET_ROW])
                state[SHEET_LAST_COLUMN] = max(state[SHEET_LAST_COLUMN], state[SHEET_COLUMN])
                state[SHEET_IN_ERROR] = 1 if is_error else 0
                state[SHEET_FORMULA] = 0
                state[SHEET_TEXT] = 1 if is_text else 0
                state[SHEET_VALUE] = 0
        elif is_formula:
            state[SHEET_FORMULA] = 1
        elif is_inline:
            state[SHEET_VALUE] = 1
        elif is_value and state[SHEET_IN_ERROR] == 1:
            if at + 4 >= end:
                return tag
            k = state[SHEET_N_ERRORS]
            errors[k, 0] = state[SHEET_ROW]
            errors[k, 1] = state[SHEET_COLUMN]
            for b in range(3):
                errors[k, 2 + b] = data[at + 1 + b]
            state[SHEET_N_ERRORS] += 1
            state[SHEET_IN_ERROR] = 0
            state[SHEET_VALUE] = 1
        elif is_value:
            if at >= end and not is_empty:
                return tag
            if state[SHEET_TEXT] == 1 or (not is_empty and data[at] != 60):
                state[SHEET_VALUE] = 1
    return at
