"""The table `history` as data: spells of claimants for experience studies."""

from __future__ import annotations

from types import MappingProxyType

from actuarial.experience.record import EXITS
from actuarial.portfolio.column import COLUMN, Column, Schema
from actuarial.record import SEXES

HISTORY = "history"

_EXIT_ALIASES = MappingProxyType(
    {
        alias: value
        for value, aliases in {
            "recovered": (
                "выздоровел",
                "выздоровление",
                "восстановление трудоспособности",
                "утрата снята",
                "жазылды",
                "еңбекке қабілеттілігі қалпына келді",
            ),
            "dead": ("death", "умер", "умерла", "смерть", "қайтыс болды", "қайтыс болу", "өлім"),
            "degree_changed": (
                "recertified",
                "переосвидетельствование",
                "изменение степени",
                "степень изменена",
                "қайта куәландыру",
                "дәреже өзгерді",
            ),
            "pension": ("пенсия", "пенсионный возраст", "выход на пенсию", "зейнет", "зейнетке шықты"),
            "censored": ("in payment", "наблюдается", "выплачивается", "действует", "бақылауда", "төленуде"),
        }.items()
        for alias in aliases
    }
)

HISTORY_COLUMNS: tuple[Column, ...] = (
    Column("claim_id", "text", COLUMN["claim_id"].aliases, always=True),
    Column("sex", "choice", COLUMN["sex"].aliases, SEXES, COLUMN["sex"].value_aliases, True),
    Column("birth_date", "date", COLUMN["birth_date"].aliases, always=True),
    Column(
        "entry_date",
        "date",
        ("дата входа", "начало наблюдения", "начало справки", "кіру күні", "бақылаудың басталуы"),
        always=True,
    ),
    Column(
        "exit_date",
        "date",
        ("дата выхода", "окончание наблюдения", "дата выбытия", "шығу күні", "бақылаудың аяқталуы"),
        always=True,
    ),
    Column(
        "exit_reason",
        "choice",
        ("причина выхода", "причина выбытия", "исход", "шығу себебі", "нәтиже"),
        EXITS,
        _EXIT_ALIASES,
        True,
    ),
    Column(
        "degree_from",
        "percent",
        ("степень до", "степень в периоде", *COLUMN["degree_of_loss"].aliases, "бастапқы дәреже"),
        always=True,
    ),
    Column("degree_to", "percent", ("степень после", "новая степень", "жаңа дәреже", "кейінгі дәреже")),
    Column("first_certificate_date", "date", COLUMN["first_certificate_date"].aliases),
)
HISTORY_SCHEMA = Schema(HISTORY, HISTORY_COLUMNS)
