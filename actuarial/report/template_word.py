"""The words of the template: what a column means, in three languages, with an example.

The columns themselves, their kinds and the values they may have are those of the readers; this file of words
(``template_column.csv``) only names and explains them.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from actuarial.language import LANGUAGES

REQUIRED = MappingProxyType(
    {
        "yes": ("yes", "да", "иә"),
        "no": ("no", "нет", "жоқ"),
        "compulsory": (
            "compulsory product, but pre_retirement",
            "обязательное страхование, кроме предпенсионного аннуитета",
            "міндетті сақтандыру, зейнеталды аннуитеттен басқа",
        ),
        "accident": (
            "all but pre_retirement",
            "все, кроме предпенсионного аннуитета",
            "зейнеталды аннуитеттен басқасының бәрі",
        ),
        "worker": ("worker", "работник", "қызметкер"),
        "compulsory_worker": (
            "worker in the compulsory product",
            "работник, обязательное страхование",
            "қызметкер, міндетті сақтандыру",
        ),
        "survivor": ("survivors", "иждивенцы", "асырауындағы адамдар"),
        "carer": (
            "carer; spouse, parent not of pension age",
            "ухаживающий; супруг, родитель до пенсионного возраста",
            "күтуші; зейнет жасына жетпеген жұбайы, ата-анасы",
        ),
        "class": (
            "one of oked_code, risk_class",
            "одно из oked_code, risk_class",
            "oked_code, risk_class бірі",
        ),
        "payroll": ("or rows in staff", "либо строки в staff", "немесе staff жолдары"),
        "disease": ("occupational disease", "профессиональное заболевание", "кәсіптік ауру"),
        "movement": (
            "where paid or changed",
            "если есть выплата или изменение",
            "төлем немесе өзгеріс болса",
        ),
        "changed": ("where the degree changed", "если степень изменилась", "дәреже өзгерсе"),
    }
)
"""When a column is required, by key, in the languages."""

VALUES = MappingProxyType(
    {
        "compulsory": ("обязательное", "міндетті"),
        "voluntary": ("добровольное", "ерікті"),
        "worker": ("работник", "қызметкер"),
        "child": ("ребенок", "бала"),
        "student": ("студент", "білім алушы"),
        "spouse": ("супруг", "жұбайы"),
        "parent": ("родитель", "ата-ана"),
        "disabled_dependant": ("иждивенец с инвалидностью", "мүгедектігі бар адам"),
        "carer": ("ухаживающий", "күтуші"),
        "pre_retirement": ("предпенсионный аннуитет", "зейнеталды аннуитет"),
        "male": ("мужской", "ер"),
        "female": ("женский", "әйел"),
        "no": ("нет", "жоқ"),
        "yes": ("да", "иә"),
        "injury": ("травма", "жарақат"),
        "occupational_disease": ("профессиональное заболевание", "кәсіптік ауру"),
        "death": ("смерть", "қаза"),
        "recovered": ("выздоровление", "жазылды"),
        "dead": ("смерть", "қайтыс болды"),
        "degree_changed": ("переосвидетельствование", "қайта куәландыру"),
        "pension": ("пенсия", "зейнет"),
        "censored": ("наблюдается", "бақылауда"),
    }
)
"""Values of lists in Russian and Kazakh, of the spellings that the readers take."""

HEADINGS = MappingProxyType(
    {
        "en": (
            "table", "column", "Russian header", "Kazakh header", "meaning", "unit", "required",
            "allowed values", "example 1", "example 2",
        ),
        "ru": (
            "таблица", "столбец", "заголовок по-русски", "заголовок по-казахски", "смысл", "единица",
            "обязателен", "допустимые значения", "пример 1", "пример 2",
        ),
        "kk": (
            "кесте", "баған", "орысша тақырып", "қазақша тақырып", "мағынасы", "бірлік", "міндетті",
            "рұқсат етілген мәндер", "1-мысал", "2-мысал",
        ),
    }
)  # fmt: skip

KINDS = MappingProxyType(
    {
        "text": ("text", "текст", "мәтін"),
        "date": ("date", "дата", "күн"),
        "amount": ("tenge, not negative", "тенге, не меньше 0", "теңге, 0-ден кем емес"),
        "signed": ("tenge, may be negative", "тенге, может быть отрицательным", "теңге, теріс болуы мүмкін"),
        "percent": ("whole percent", "целые проценты", "бүтін пайыз"),
        "share": ("above 0, at most 1", "больше 0, не больше 1", "0-ден артық, 1-ден аспайды"),
        "count": ("whole number", "целое число", "бүтін сан"),
        "rate": ("percent, 0-100", "проценты, 0-100", "пайыз, 0-100"),
        "number": ("number", "число", "сан"),
    }
)
"""What a kind of column may hold."""

EXAMPLE = MappingProxyType(
    {
        "en": "Example, no real person: replace it or delete the row.",
        "ru": "Пример, реального человека нет: замените или удалите строку.",
        "kk": "Мысал, нақты адам жоқ: ауыстырыңыз немесе жолды жойыңыз.",
    }
)
ALLOWED = MappingProxyType({"en": "Allowed", "ru": "Допустимо", "kk": "Рұқсат етілген"})
NEEDED = MappingProxyType({"en": "Required", "ru": "Обязателен", "kk": "Міндетті"})
WRONG = MappingProxyType(
    {
        "en": "Not a value of this column. See the sheet dictionary.",
        "ru": "Такого значения в этом столбце нет. См. лист dictionary.",
        "kk": "Бұл бағанда мұндай мән жоқ. dictionary парағын қараңыз.",
    }
)
README = (
    ("en", "One sheet a table, one row a record. The first row names the columns: do not change it."),
    ("en", "The two italic rows are examples, synthetic and valid on 2026-01-01: replace or delete them."),
    ("en", "Delete sheets you do not need. The sheets dictionary and readme are not read."),
    ("en", "Check the file: actuarial check FILE --valuation-date DATE"),
    (
        "ru",
        "Один лист — одна таблица, одна строка — одна запись. Первая строка называет столбцы: не меняйте ее.",
    ),
    ("ru", "Две строки курсивом — примеры, синтетические, верные на 2026-01-01: замените или удалите их."),
    ("ru", "Ненужные листы удалите. Листы dictionary и readme не читаются."),
    ("ru", "Проверка файла: actuarial check ФАЙЛ --valuation-date ДАТА"),
    ("kk", "Бір парақ — бір кесте, бір жол — бір жазба. Бірінші жол бағандарды атайды: оны өзгертпеңіз."),
    ("kk", "Көлбеу екі жол — мысалдар, синтетикалық, 2026-01-01 күніне дұрыс: ауыстырыңыз немесе жойыңыз."),
    ("kk", "Керек емес парақтарды жойыңыз. dictionary және readme парақтары оқылмайды."),
    ("kk", "Файлды тексеру: actuarial check ФАЙЛ --valuation-date КҮН"),
)
"""Lines of the sheet ``readme``: language and text."""


@dataclass(frozen=True)
class ColumnWords:
    """Words of one column.

    Attributes
    ----------
    table, column : str
    header : dict of str to str
        By language; English is the column's name.
    unit : str
    required : str
        Key of `REQUIRED`.
    meaning : dict of str to str
        By language.
    examples : (str, str)
        As in a CSV file of ours; empty where the example leaves the cell blank.
    """

    table: str
    column: str
    header: dict[str, str]
    unit: str
    required: str
    meaning: dict[str, str]
    examples: tuple[str, str]


@cache
def column_words() -> tuple[ColumnWords, ...]:
    """Words of every column of the template, in the order of the sheets."""
    text = (resources.files("actuarial.report") / "template_column.csv").read_text(encoding="utf-8")
    return tuple(
        ColumnWords(
            row["table"],
            row["column"],
            {"en": row["column"], "ru": row["ru"], "kk": row["kk"]},
            row["unit"],
            row["required"],
            {language: row[f"{language}_meaning"] for language in LANGUAGES},
            (row["example_1"], row["example_2"]),
        )
        for row in csv.DictReader(text.splitlines(), delimiter="|", quoting=csv.QUOTE_NONE)
    )


def shown_value(value: str, language: str) -> str:
    """A value of a list in a language."""
    if language == "en":
        return value
    return VALUES[value][LANGUAGES.index(language) - 1]
