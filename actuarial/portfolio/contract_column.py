"""The tables of contracts as data: `contracts`, `contract_parts`, `staff`, `accidents`.

A file with one table is read as `contracts` with the columns of the part in the same row: a contract with
several parts then has a row for each, its own columns repeated.
"""

from __future__ import annotations

from actuarial.portfolio.column import ANSWERS, COLUMN, Column, Schema
from actuarial.record import PRODUCTS

CONTRACTS, PARTS, STAFF, ACCIDENTS = "contracts", "contract_parts", "staff", "accidents"

_CONTRACT_ID = Column("contract_id", "text", COLUMN["contract_id"].aliases, always=True)
_REGION = Column("region", "text", ("регион", "область", "өңір", "облыс"))
_N_WORKERS = Column(
    "n_workers",
    "count",
    (
        "workers",
        "количество работников",
        "общее количество работников",
        "численность работников",
        "численность",
        "жұмыскерлер саны",
        "жұмыскерлердің жалпы саны",
        "қызметкерлер саны",
    ),
)
_PART = Column("part", "text", ("часть", "филиал", "подразделение", "бөлік", "филиал атауы"))

CONTRACT_COLUMNS: tuple[Column, ...] = (
    _CONTRACT_ID,
    Column("series", "text", ("серия", "серия договора", "серия полиса", "сериясы", "шарт сериясы")),
    Column(
        "insurer_name",
        "text",
        ("страховщик", "наименование страховщика", "сақтандырушы", "сақтандырушының атауы"),
    ),
    Column(
        "policyholder_name",
        "text",
        ("страхователь", "наименование страхователя", "сақтанушы", "сақтанушының атауы"),
    ),
    Column("bin", "text", ("бин", "бин/иин", "бин страхователя", "бсн", "сақтанушының бсн")),
    Column("product", "choice", COLUMN["product"].aliases, PRODUCTS, COLUMN["product"].value_aliases),
    Column("contract_date", "date", COLUMN["contract_date"].aliases, always=True),
    Column(
        "start_date",
        "date",
        ("начало действия", "дата начала", "начало действия договора", "басталу күні", "шарттың басталуы"),
    ),
    Column(
        "end_date",
        "date",
        (
            "окончание действия",
            "дата окончания",
            "окончание действия договора",
            "аяқталу күні",
            "шарттың аяқталуы",
        ),
    ),
    Column(
        "termination_date",
        "date",
        (
            "дата прекращения",
            "дата расторжения",
            "дата прекращения/расторжения",
            "тоқтатылған күні",
            "бұзылған күні",
            "тоқтатылған/бұзылған күні",
        ),
    ),
    Column(
        "termination_reason",
        "text",
        (
            "причина прекращения",
            "причина расторжения",
            "причина прекращения/расторжения",
            "тоқтату себебі",
            "тоқтату/бұзу себебі",
        ),
    ),
    Column(
        "premium",
        "amount",
        ("страховая премия", "премия", "начисленная премия", "сақтандыру сыйлықақысы", "сыйлықақы"),
    ),
    Column(
        "premium_paid",
        "amount",
        ("оплаченная премия", "премия оплачено", "уплаченная премия", "төленген сыйлықақы"),
    ),
    Column("insured_sum", "amount", ("страховая сумма", "сақтандыру сомасы")),
    _N_WORKERS,
    Column(
        "ceded_share", "share", ("доля перестрахования", "доля перестраховщика", "қайта сақтандыру үлесі")
    ),
    Column("discount", "rate", ("скидка", "скидка, %", "жеңілдік")),
    _REGION,
)
PART_COLUMNS: tuple[Column, ...] = (
    _PART,
    Column("oked_code", "text", ("окэд", "код окэд", "окед", "эқжж", "эқжж коды", "oked")),
    Column(
        "risk_class",
        "count",
        (
            "класс риска",
            "класс",
            "класс профессионального риска",
            "кәсіптік тәуекел сыныбы",
            "тәуекел сыныбы",
            "сынып",
        ),
    ),
    Column("receiving_class", "count", ("класс принимающей стороны", "қабылдаушы тараптың сыныбы")),
    Column(
        "annual_payroll",
        "amount",
        (
            "ГФОТ",
            "годовой фонд оплаты труда",
            "общий годовой фонд оплаты труда",
            "фонд оплаты труда",
            "жылдық еңбекақы қоры",
            "еңбекке ақы төлеудің жылдық қоры",
            "еңбекке ақы төлеудің жылдық қоры",
            "еңбекке ақы төлеудің жалпы жылдық қоры",
        ),
    ),
)
PART_LEVEL = ("n_workers", "insured_sum", "region")
"""Columns of a contract that its parts have too."""
_OF_PART = tuple(column for column in CONTRACT_COLUMNS if column.name in PART_LEVEL)

CONTRACT_SCHEMA = Schema(CONTRACTS, CONTRACT_COLUMNS)
FLAT_SCHEMA = Schema(CONTRACTS, (*CONTRACT_COLUMNS, *PART_COLUMNS))
"""One row a part, with the columns of its contract; `PART_LEVEL` columns are then the part's."""
PART_SCHEMA = Schema(PARTS, (_CONTRACT_ID, *PART_COLUMNS, *_OF_PART))
STAFF_SCHEMA = Schema(
    STAFF,
    (
        _CONTRACT_ID,
        _PART,
        Column("position", "text", ("должность", "лауазым", "лауазымы")),
        Column("n_workers", "count", _N_WORKERS.aliases, always=True),
        Column(
            "monthly_income",
            "amount",
            ("месячный доход", "ежемесячный доход", "оклад", "айлық табыс", "айлық табысы"),
            always=True,
        ),
    ),
)
ACCIDENT_SCHEMA = Schema(
    ACCIDENTS,
    (
        _CONTRACT_ID,
        Column("year", "count", ("год", "жыл", "жылы"), always=True),
        Column(
            "n_injured",
            "count",
            (
                "injured",
                "пострадавшие",
                "количество пострадавших",
                "зардап шеккендер",
                "зардап шеккендер саны",
            ),
            always=True,
        ),
        Column("n_deaths", "count", ("deaths", "погибшие", "количество погибших", "қаза тапқандар")),
        Column(
            "at_fault",
            "choice",
            ("по вине страхователя", "вина страхователя", "сақтанушының кінәсінен"),
            ANSWERS,
            COLUMN["pension_stop"].value_aliases,
            True,
        ),
        Column("n_accidents", "count", ("количество несчастных случаев", "жазатайым оқиғалар саны")),
    ),
)
SCHEMAS = (FLAT_SCHEMA, PART_SCHEMA, STAFF_SCHEMA, ACCIDENT_SCHEMA)
