"""Findings about files, cells and annuities, a part of the catalogue in `actuarial.portfolio.finding`."""

from __future__ import annotations

from actuarial.language import text, texts

_DATES_FIX = text("write dates as 2026-01-31 or 31.01.2026")
_ORDER_FIX = text("correct the wrong one of the two dates")

ANNUITY_RULES: tuple[tuple[str, str, str], ...] = texts(
    (
        # --- the file -----------------------------------------------------------------------------------
        (
            "E1003",
            "not a table this program reads: {detail}",
            "save it as .xlsx, .csv or .parquet",
        ),
        ("E1004", "the file is empty", "export the table again"),
        (
            "E1005",
            "text in UTF-16",
            "save the file as «CSV UTF-8» (in Excel: Save As → CSV UTF-8)",
        ),
        (
            "E1006",
            "text is neither UTF-8 nor cp1251: {detail}",
            "save the file as «CSV UTF-8»; a byte at which reading stopped is named",
        ),
        (
            "E1007",
            "a workbook of Excel 97-2003 (.xls), or another old binary file",
            "open it in Excel and save it as .xlsx",
        ),
        (
            "E1008",
            "the workbook is protected by a password",
            "remove the password (File → Info → Protect) and save",
        ),
        (
            "E1009",
            "the workbook is damaged: {detail}",
            "open it in Excel, let it repair the file, and save as .xlsx",
        ),
        ("E1010", "the Parquet file cannot be read: {detail}", "write the file again"),
        (
            "E1011",
            "no table `annuities`: found {detail}",
            "name the sheet or file `annuities`; its columns are in docs/portfolio-file.md",
        ),
        ("E1012", "more than one table `annuities`: {detail}", "leave one, or rename the others"),
        (
            "E1013",
            "required column {column} is missing{detail}",
            "add the column, or name the header it has in a column-mapping file{hint}",
        ),
        ("E1014", "two columns for {column}: {detail}", "remove or rename one of them"),
        (
            "E1015",
            "the mapping names the header {detail} for {column}, the table has no such header",
            "correct the mapping",
        ),
        (
            "E1016",
            "the row has another number of cells than the header ({detail})",
            "look for a missing or extra separator, or a text or a decimal comma that needs quotes",
        ),
        (
            "E1017",
            "a quote is opened here and never closed",
            'close the quote, or write a quote inside a quoted text twice ("")',
        ),
        ("E1018", "text follows a closing quote", 'write a quote inside a quoted text twice ("")'),
        ("E1019", "the table has a header and no rows", "export the table with its rows"),
        ("E1020", "the header has {detail} columns", "export only the columns of the table"),
        (
            "E1021",
            "the workbook refers to other workbooks: {detail}",
            "break the links (Data → Edit Links → Break Link), so that values stand in the cells, and save",
        ),
        # --- a cell -------------------------------------------------------------------------------------
        ("E2001", "{column} is empty and required {need}", "fill the cell"),
        (
            "E2002",
            "{column} holds an error value of Excel",
            "correct the formula, or put the value in its place",
        ),
        ("E2003", "{column} holds a value of the wrong type", "write {need}"),
        (
            "E2004",
            "{column} holds a formula without a computed value",
            "open the file in Excel, let it calculate, and save",
        ),
        ("E2101", "{column} is not a date", _DATES_FIX),
        (
            "E2102",
            "{column} is a day the calendar does not have",
            "correct the day; write dates as 2026-01-31 or 31.01.2026",
        ),
        (
            "E2103",
            "{column} has a year of two digits",
            "write the year with four digits; write dates as 2026-01-31 or 31.01.2026",
        ),
        (
            "E2104",
            "{column} is written with slashes: day and month cannot be told apart",
            _DATES_FIX,
        ),
        ("E2105", "{column} has a time of day", "leave only the date"),
        (
            "E2106",
            "{column} is a number, perhaps the day count of Excel without its date format",
            "format the cells as dates in Excel, or write dates as 2026-01-31 or 31.01.2026",
        ),
        ("E2107", "{column} has a year before 1900 or after 2199", "correct the year"),
        (
            "E2201",
            "{column} is not an amount",
            "write the amount in tenge, as 250000, 250 000,50 or 250000.50",
        ),
        ("E2202", "{column} is finer than a tiyn", "round the amount to two decimals"),
        (
            "E2203",
            "{column} has thousands apart by commas or points, or may have",
            "leave the thousands together or part them by blanks; write the amount in tenge, as 250000, "
            "250 000,50 or 250000.50",
        ),
        (
            "E2204",
            "{column} is negative",
            "an amount here is never negative: correct it, or leave the cell empty",
        ),
        (
            "E2205",
            "{column} is not a finite number",
            "put the amount in its place, or leave the cell empty",
        ),
        ("E2206", "{column} is written with an exponent", "write all its digits"),
        ("E2207", "{column} is ten trillion tenge or more", "check the amount and its unit, tenge"),
        ("E2301", "{column} is not a whole percent", "write the degree as 45"),
        ("E2302", "{column} is a fraction, percent is expected", "write 45 for 0.45"),
        ("E2303", "{column} has a part of a percent", "write the whole percent of the certificate"),
        ("E2304", "{column} must be {low}-{high} percent", "write the percent of the certificate"),
        ("E2401", "{column} is not a share", "write the share as 0.5 or 50%"),
        ("E2402", "{column} must be above 0 and at most 1", "write the share as 0.5 or 50%"),
        ("E2501", "{column} is none of the values it can have", "write one of: {choices}"),
        # --- cells together -----------------------------------------------------------------------------
        ("E3001", "{column} is not unique", "give each record its own claim_id"),
        (
            "E3101",
            "the degree must be {low}-{high} percent in the voluntary product",
            "correct degree_of_loss or product",
        ),
        (
            "E3102",
            "the degree must be {low}-{high} percent in the compulsory product",
            "correct degree_of_loss, product or accident_date",
        ),
        (
            "E3103",
            "the degree must be {low}-{high} percent in the compulsory product for accidents before {date}",
            "correct degree_of_loss, product or accident_date",
        ),
        (
            "E3201",
            "the law of payouts before {date} is not on record",
            "take accidents before {date} out of the portfolio and value them apart, or correct "
            "accident_date",
        ),
        (
            "E3202",
            "the earnings cap has no minimum wage: {reason}",
            "correct contract_date, or put the value on record",
        ),
        (
            "E3203",
            "pre-retirement annuities exist since {date}",
            "correct annuity_start_date, next_payment_date or beneficiary",
        ),
        ("E3301", "a worker must be born before the accident", _ORDER_FIX),
        (
            "E3302",
            "a beneficiary must be born on or before the valuation date {valuation_date}",
            "correct birth_date",
        ),
        ("E3303", "the first certificate must not be before the accident", _ORDER_FIX),
        ("E3304", "the contract must be concluded on or before the day of the accident", _ORDER_FIX),
        (
            "E3305",
            "the first certificate must be on or before the valuation date {valuation_date}",
            "correct first_certificate_date or the valuation date",
        ),
        (
            "E3306",
            "the accident must be on or before the valuation date {valuation_date}",
            "correct accident_date or the valuation date",
        ),
        (
            "E3307",
            "the next payment must be on or after the valuation date {valuation_date}",
            "write the first payment on or after the valuation date",
        ),
        (
            "E3308",
            "the next payment must be at most {years} years after the valuation date {valuation_date}",
            "correct the year of next_payment_date",
        ),
        ("E3309", "the annuity must start on or before its next payment", _ORDER_FIX),
        ("E3310", "the annuity must not start before the accident", _ORDER_FIX),
        ("E3311", "the certificate must end after the first certificate", _ORDER_FIX),
        ("E3312", "the entitlement must end after the accident", _ORDER_FIX),
        ("E3313", "{column} must be after the birth", _ORDER_FIX),
        (
            "E3401",
            "survivors are paid by the compulsory product only",
            "correct product or beneficiary",
        ),
        (
            "E3402",
            "pre-retirement annuities are paid by the compulsory product only",
            "correct product or beneficiary",
        ),
        (
            "E3403",
            "pension_stop = no holds only for accidents before {date}",
            "leave pension_stop empty: the law of the accident date decides",
        ),
        (
            "E3404",
            "entitlement_end is required for a carer",
            "write the child's 14th birthday, the first day not paid",
        ),
        (
            "E3405",
            "entitlement_end is required for a spouse or parent who is not of pension age on "
            "{valuation_date}",
            "write the first day not paid; who is of pension age may leave it empty (for life)",
        ),
        (
            "E3406",
            "the shares of the survivors of one death add up to more than 1",
            "correct share; if the rows belong to several deaths, tell them apart by the column deceased_id",
        ),
        (
            "E3407",
            "current_monthly_payment is above 0, the payment by the law is 0",
            "correct current_monthly_payment, degree_of_loss, average_monthly_earnings or social_payment",
        ),
        (
            "E3501",
            "the age on the valuation date is beyond the mortality table {detail}",
            "correct birth_date, or take a table with higher ages",
        ),
        # --- warnings -----------------------------------------------------------------------------------
        (
            "W1501",
            "unknown column {detail}",
            "nothing, if it is not needed{hint}",
        ),
        ("W1502", "unknown table {detail}", "nothing, if it is not needed; known tables: {choices}"),
        ("W1503", "a column without a header holds values", "name the column, or remove it"),
        ("W3501", "{column} is not used for this beneficiary", "nothing, or empty the cell"),
        (
            "W3502",
            "the voluntary product deducts no social_payment: it is taken as 0",
            "nothing, or write 0",
        ),
        (
            "W3503",
            "before {date} no social_payment is deducted: it is taken as 0",
            "nothing, or write 0",
        ),
        (
            "W3504",
            "age on the accident date is outside {low}-{high} years",
            "check birth_date and accident_date",
        ),
        (
            "W3505",
            "the payment ends on or before next_payment_date: the certified value is 0",
            "check {column}, or take the record out",
        ),
        ("W3506", "average_monthly_earnings is 0: the payment is 0", "check the earnings"),
        (
            "W3507",
            "current_monthly_payment is 0: the record is valued at 0",
            "leave the cell empty if it is not known",
        ),
        (
            "W3508",
            "current_monthly_payment is more than {high} times the payment by the law",
            "check current_monthly_payment, social_payment or the degree: every other degree is scaled by "
            "the same factor",
        ),
    )
)
