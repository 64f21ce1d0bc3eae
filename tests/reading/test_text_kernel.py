"""Amounts, dates, percents and shares against Decimal and datetime, on anything hypothesis can think of."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial.kernels import text as kernel
from actuarial.portfolio.cell import CellParser, Cells, text_cells
from actuarial.portfolio.mapping import Mapping

EPOCH = date(1970, 1, 1)
SPACES = [" ", "\u00a0", "\u202f"]


def parse(kind, texts):
    cells = text_cells(texts)
    status = np.zeros(len(texts), dtype=np.uint8)
    if kind == "date":
        out = np.zeros(len(texts), dtype=np.int32)
        kernel.parse_dates(cells.data, cells.starts, cells.ends, 0, out, status)
    elif kind == "amount":
        out = np.zeros(len(texts), dtype=np.int64)
        kernel.parse_amounts(cells.data, cells.starts, cells.ends, -1, out, status)
    else:
        out = np.zeros(len(texts), dtype=np.int16)
        kernel.parse_percents(cells.data, cells.starts, cells.ends, -1, out, status)
    return out.tolist(), status.tolist()


def grouped(digits, space):
    head = len(digits) % 3 or 3
    return space.join([digits[:head], *(digits[i : i + 3] for i in range(head, len(digits), 3))])


@settings(max_examples=300, deadline=None)
@given(
    tiyn=st.integers(0, 10**15 - 1),
    mark=st.sampled_from([".", ","]),
    space=st.sampled_from(["", *SPACES]),
    blanks=st.sampled_from(["", " ", "\u00a0", "\t"]),
)
def test_amount_equals_decimal(tiyn, mark, space, blanks):
    whole, part = divmod(tiyn, 100)
    text = grouped(str(whole), space) if space else str(whole)
    (value,), (status,) = parse("amount", [f"{blanks}{text}{mark}{part:02d}{blanks}"])
    assert (value, status) == (int(Decimal(tiyn)), kernel.OK)


@settings(max_examples=300, deadline=None)
@given(
    st.decimals(min_value=0, max_value=10**12, places=None, allow_nan=False).filter(
        lambda d: d.as_tuple().exponent > -12
    )
)
def test_plain_decimals_are_exact_or_refused(number):
    text = format(number, "f")
    (value,), (status,) = parse("amount", [text])
    exact = number * 100
    if exact == exact.to_integral_value():
        # three decimals after up to three digits may be thousands: asked, not guessed
        whole, _, part = text.partition(".")
        if len(part) == 3 and len(whole) <= 3 and int(whole):
            assert status == kernel.GROUPED_BY_COMMA
        else:
            assert (value, status) == (int(exact), kernel.OK)
    else:
        assert status in (kernel.FINER_THAN_TIYN, kernel.GROUPED_BY_COMMA)


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet="0123456789 ,.-+eE\u00a0\u202f\u2212naif#%", max_size=12))
def test_amount_never_guesses(text):
    (value,), (status,) = parse("amount", [text])
    if status == kernel.OK:
        plain = "".join(text.split()).replace(",", ".")
        assert Decimal(plain) * 100 == value
    else:
        assert value == -1


@settings(max_examples=500, deadline=None)
@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from(["", " 00:00:00", "T00:00:00.000"]))
def test_date_equals_datetime(day, midnight):
    texts = [
        day.isoformat() + midnight,
        f"{day:%d.%m.%Y}{midnight.replace('T', ' ')}",
        f"{day.day}.{day.month}.{day.year}",
    ]
    days, status = parse("date", texts)
    assert days == [(day - EPOCH).days] * 3
    assert status == [kernel.OK] * 3


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet="0123456789.-/ :T", max_size=12))
def test_date_never_guesses(text):
    (days,), (status,) = parse("date", [text])
    if status == kernel.OK:
        text = text.strip()
        head = text.replace("T", " ").split(" ")[0]
        form = head.split("-") if "-" in head else head.split(".")[::-1]
        assert date(*map(int, form)) == EPOCH + timedelta(days=days)


@pytest.mark.parametrize("year", [1900, 2000, 2023, 2024, 2100])
@pytest.mark.parametrize("month", range(1, 13))
def test_every_day_of_the_month(year, month):
    texts = [f"{year:04d}-{month:02d}-{day:02d}" for day in range(1, 33)]
    _, status = parse("date", texts)
    for day, code in enumerate(status, start=1):
        try:
            date(year, month, day)
        except ValueError:
            assert code == kernel.NO_SUCH_DAY
        else:
            assert code == kernel.OK


@pytest.mark.parametrize(
    ("text", "value", "status"),
    [
        ("45", 45, kernel.OK),
        (" 45 % ", 45, kernel.OK),
        ("45,0", 45, kernel.OK),
        ("45.00%", 45, kernel.OK),
        ("0.45", -1, kernel.FRACTION),
        ("45.", -1, kernel.NOT_PERCENT),
        ("%", -1, kernel.NOT_PERCENT),
        ("1e2", -1, kernel.NOT_PERCENT),
        ("9999999999999999999", -1, kernel.PERCENT_TOO_LARGE),
        ("", -1, kernel.EMPTY),
    ],
)
def test_percent(text, value, status):
    assert parse("percent", [text]) == ([value], [status])


@settings(max_examples=300, deadline=None)
@given(st.floats(min_value=1e-12, max_value=1.0), st.sampled_from([".", ","]))
def test_share_is_the_nearest_float(number, mark):
    text = format(Decimal(repr(number)), "f").replace(".", mark)
    out = np.zeros(1)
    problems = CellParser(Mapping()).parse("share", Cells(1, text_cells([text])), out)
    assert problems == []
    assert out[0] == number


def test_percent_share():
    out = np.zeros(2)
    assert CellParser(Mapping()).parse("share", Cells(2, text_cells(["50%", "33,5 %"])), out) == []
    assert out.tolist() == [0.5, 0.335]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(alphabet="abж", max_size=3), min_size=1, max_size=60))
def test_first_equal(texts):
    cells = text_cells(texts)
    first = np.zeros(len(texts), dtype=np.int64)
    kernel.first_equal(cells.data, cells.starts, cells.ends, np.full(256, -1, dtype=np.int64), first)
    assert first.tolist() == [texts.index(t) for t in texts]


def test_kernel_equals_its_python(build):
    texts = ["1 234,50", "-5", "1,234", "#N/A", "", "1e5", "nan", "12.345"]
    cells = text_cells(texts)
    out, status = np.zeros(8, dtype=np.int64), np.zeros(8, dtype=np.uint8)
    kernel.parse_amounts.py_func(cells.data, cells.starts, cells.ends, -1, out, status)
    assert (out.tolist(), status.tolist()) == parse("amount", texts)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.text(alphabet='ab,;"\n\r ', max_size=5), min_size=3, max_size=3), min_size=1, max_size=20
    ),
    st.sampled_from([",", ";", "\t"]),
)
def test_split_rows_equals_the_csv_module(rows, delimiter):
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    data = np.frombuffer(out.getvalue().encode() + b"\n", dtype=np.uint8)
    starts, ends = np.zeros((3, 32), np.int64), np.zeros((3, 32), np.int64)
    lines, state, surplus = np.zeros(32, np.int64), np.zeros(32, np.uint8), np.ones(32, np.int64)
    n, position, _, quote = kernel.split_rows(
        data, 0, len(data), ord(delimiter), 10, starts, ends, lines, state, surplus
    )
    assert not surplus[:n].any()
    assert (n, position, quote) == (len(rows), len(data), -1)
    found = [
        [data[starts[c, r] : ends[c, r]].tobytes().decode().replace('""', '"') for c in range(3)]
        for r in range(n)
    ]
    assert found == rows
    before = [sum(cell.count("\n") for row in rows[:r] for cell in row) + r for r in range(n)]
    assert lines[:n].tolist() == before
