"""The columns of a portfolio as data: names, kinds, aliases in three languages, what is required when.

The contract is docs/portfolio-file.md; everything that reads, checks or explains a column takes it from
here. Texts are compared after `normalised`: case, blanks, underscores, punctuation and units do not count.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from types import MappingProxyType

from actuarial.record import BENEFICIARIES, PRODUCTS, SEXES

UNITS = ("тенге", "теңге", "тг", "kzt", "kzt/month", "kzt/мес")
ANSWERS = ("no", "yes")
ANNUITIES = "annuities"


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        The name used everywhere inside and in messages.
    kind : str
        text, date, amount, percent, share, choice, count (a whole number), rate (percent with decimals),
        number (two decimals), signed (an amount that may be negative).
    aliases : tuple of str
        Other headers taken for this column (Russian, Kazakh, English).
    choices : tuple of str
        Values of a choice; the stored number is the position.
    value_aliases : mapping of str to str
        Other spellings of the values.
    always : bool
        Whether every row must fill it; what depends on the row is in `actuarial.portfolio.check`.
    """

    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    value_aliases: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))
    always: bool = False


def normalised(text: str) -> str:
    """Return a header or value without what people spell differently.

    Examples
    --------
    >>> normalised(" Claim-ID ") == normalised("claim_id")
    True
    >>> normalised("Среднемесячный заработок, тенге")
    'среднемесячныйзаработок'
    """
    text = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е").strip()
    text = re.sub(rf"[,(\s]*({'|'.join(map(re.escape, UNITS))}|₸|%)[\s).]*$", "", text) or text
    return "".join(c for c in text if c.isalnum())


def _choice(values: dict[str, tuple[str, ...]]) -> MappingProxyType[str, str]:
    return MappingProxyType({alias: value for value, aliases in values.items() for alias in aliases})


_YES_NO = _choice(
    {
        "yes": ("y", "true", "1", "да", "иә", "ия"),
        "no": ("n", "false", "0", "нет", "жоқ"),
    }
)
_PRODUCT = _choice(
    {
        "compulsory": (
            "mandatory",
            "обязательное",
            "обязательный",
            "обязательное страхование",
            "ОСНС",
            "ОСРНС",
            "міндетті",
            "міндетті сақтандыру",
            "ЖОМС",
        ),
        "voluntary": (
            "добровольное",
            "добровольный",
            "добровольное страхование",
            "ДСНС",
            "ерікті",
            "ерікті сақтандыру",
        ),
    }
)
_BENEFICIARY = _choice(
    {
        "worker": (
            "employee",
            "работник",
            "пострадавший",
            "пострадавший работник",
            "қызметкер",
            "жұмыскер",
            "зардап шегуші",
        ),
        "child": ("ребенок", "сын", "дочь", "бала", "ұлы", "қызы"),
        "student": ("студент", "учащийся", "білім алушы"),
        "spouse": ("супруг", "супруга", "муж", "жена", "вдова", "вдовец", "жұбайы", "зайыбы"),
        "parent": ("родитель", "мать", "отец", "ата-ана", "анасы", "әкесі"),
        "disabled_dependant": (
            "disabled dependent",
            "иждивенец-инвалид",
            "инвалид",
            "иждивенец с инвалидностью",
            "лицо с инвалидностью",
            "мүгедек",
            "мүгедектігі бар асырауындағы адам",
            "мүгедектігі бар адам",
        ),
        "carer": ("ухаживающий", "лицо, осуществляющее уход", "опекун", "күтуші", "қамқоршы"),
        "pre_retirement": (
            "предпенсионный",
            "предпенсионный аннуитет",
            "зейнеталды",
            "зейнеталды аннуитет",
        ),
    }
)
_SEX = _choice(
    {
        "male": ("m", "м", "муж", "мужской", "мужчина", "ер", "еркек", "ер адам"),
        "female": ("f", "ж", "жен", "женский", "женщина", "әйел", "әйел адам"),
    }
)

COLUMNS: tuple[Column, ...] = (
    Column(
        "claim_id",
        "text",
        (
            "id",
            "номер убытка",
            "номер требования",
            "номер дела",
            "№ убытка",
            "id убытка",
            "талап нөмірі",
            "іс нөмірі",
        ),
        always=True,
    ),
    Column(
        "contract_id",
        "text",
        ("номер договора", "№ договора", "договор", "шарт нөмірі", "шарт №", "келісімшарт нөмірі"),
    ),
    Column(
        "product",
        "choice",
        ("продукт", "вид страхования", "вид продукта", "өнім", "сақтандыру түрі"),
        PRODUCTS,
        _PRODUCT,
        True,
    ),
    Column(
        "beneficiary",
        "choice",
        (
            "получатель",
            "вид получателя",
            "тип получателя",
            "категория получателя",
            "выгодоприобретатель",
            "алушы",
            "алушы түрі",
            "пайда алушы",
        ),
        BENEFICIARIES,
        _BENEFICIARY,
        True,
    ),
    Column("sex", "choice", ("gender", "пол", "жынысы", "жыныс"), SEXES, _SEX, True),
    Column(
        "birth_date",
        "date",
        ("date of birth", "birthdate", "дата рождения", "туған күні", "туған жылы, айы, күні"),
        always=True,
    ),
    Column(
        "contract_date",
        "date",
        ("дата договора", "дата заключения договора", "дата заключения", "шарт күні", "шарт жасалған күн"),
    ),
    Column(
        "accident_date",
        "date",
        (
            "дата несчастного случая",
            "дата НС",
            "дата страхового случая",
            "дата травмы",
            "жазатайым оқиға күні",
            "оқиға күні",
        ),
    ),
    Column(
        "first_certificate_date",
        "date",
        (
            "дата первого освидетельствования",
            "дата первого установления степени",
            "дата первичного установления УПТ",
            "алғашқы куәландыру күні",
            "алғашқы сараптама күні",
        ),
    ),
    Column(
        "certificate_end",
        "date",
        # only aliases that name the first day *not* covered: a "valid through" column is one day less
        (
            "дата переосвидетельствования",
            "первый день после справки",
            "первый день без справки",
            "қайта куәландыру күні",
            "анықтамадан кейінгі бірінші күн",
        ),
    ),
    Column(
        "degree_of_loss",
        "percent",
        (
            "степень утраты",
            "степень УПТ",
            "УПТ",
            "степень утраты трудоспособности",
            "степень утраты профессиональной трудоспособности",
            "процент утраты",
            "еңбекке қабілеттілігінен айырылу дәрежесі",
            "кәсіби еңбекке қабілеттілігінен айырылу дәрежесі",
            "айырылу дәрежесі",
        ),
    ),
    Column(
        "first_degree_of_loss",
        "percent",
        (
            "первая степень утраты",
            "первичная степень утраты",
            "первоначальная степень утраты",
            "первая УПТ",
            "алғашқы айырылу дәрежесі",
            "алғашқы дәреже",
        ),
    ),
    Column(
        "average_monthly_earnings",
        "amount",
        (
            "среднемесячный заработок",
            "средний заработок",
            "средний месячный заработок",
            "среднемесячная заработная плата",
            "орташа айлық табыс",
            "орташа айлық жалақы",
        ),
    ),
    Column(
        "social_payment",
        "amount",
        (
            "выплата ГФСС",
            "социальная выплата ГФСС",
            "социальная выплата",
            "ГФСС",
            "МӘСҚ төлемі",
            "әлеуметтік төлем",
        ),
    ),
    Column(
        "current_monthly_payment",
        "amount",
        (
            "текущая выплата",
            "текущая ежемесячная выплата",
            "ежемесячная выплата",
            "ағымдағы төлем",
            "ағымдағы айлық төлем",
        ),
    ),
    Column("share", "share", ("доля", "доля заработка", "доля иждивенца", "үлес", "үлесі")),
    Column(
        "entitlement_end",
        "date",
        ("окончание права", "дата окончания права", "первый день без права", "құқықтың аяқталу күні"),
    ),
    Column(
        "annuity_start_date",
        "date",
        (
            "начало аннуитета",
            "дата начала аннуитета",
            "дата первой выплаты",
            "аннуитеттің басталу күні",
            "алғашқы төлем күні",
        ),
    ),
    Column(
        "next_payment_date",
        "date",
        (
            "дата следующей выплаты",
            "следующая выплата",
            "дата ближайшей выплаты",
            "ближайшая выплата",
            "келесі төлем күні",
            "келесі төлем",
        ),
        always=True,
    ),
    Column(
        "remaining_insured_sum",
        "amount",
        ("остаток страховой суммы", "остаток СС", "сақтандыру сомасының қалдығы"),
    ),
    Column(
        "pension_contribution_exempt",
        "choice",
        ("освобожден от ОПВ", "освобождение от ОПВ", "без ОПВ", "МЗЖ-дан босатылған"),
        ANSWERS,
        _YES_NO,
    ),
    Column(
        "pension_date",
        "date",
        ("дата выхода на пенсию", "дата пенсии", "пенсионная дата", "зейнетке шығу күні", "зейнет күні"),
    ),
    Column(
        "expenses_paid",
        "amount",
        (
            "оплаченные дополнительные расходы",
            "выплачено дополнительных расходов",
            "дополнительные расходы",
            "төленген қосымша шығыстар",
            "қосымша шығыстар",
        ),
    ),
    Column(
        "pension_stop",
        "choice",
        (
            "прекращение в пенсионном возрасте",
            "прекращение по пенсионному возрасту",
            "зейнет жасында тоқтату",
        ),
        ANSWERS,
        _YES_NO,
    ),
    Column(
        "deceased_id",
        "text",
        ("погибший", "номер погибшего", "id погибшего", "қаза тапқан адам", "қаза тапқан адамның нөмірі"),
    ),
)

COLUMN: MappingProxyType[str, Column] = MappingProxyType({column.name: column for column in COLUMNS})

TABLES: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        ANNUITIES: ("annuity", "аннуитеты", "аннуитет", "портфель", "аннуитеттер", "рента"),
        "contracts": ("договоры", "шарттар", "келісімшарттар"),
        "contract_parts": ("части договоров", "части договора", "филиалы", "шарт бөліктері"),
        "staff": ("персонал", "штат", "штатное расписание", "қызметкерлер", "штат кестесі"),
        "accidents": ("несчастные случаи", "жазатайым оқиғалар"),
        "claims": ("убытки", "страховые случаи", "талаптар", "сақтандыру жағдайлары"),
        "census": ("перепись", "списочный состав", "санақ"),
        "history": ("история", "тарих"),
    }
)

REMARK_SHEETS = frozenset(
    normalised(name)
    for name in ("readme", "notes", "remarks", "dictionary", "примечания", "пояснения", "ескертпелер")
)
"""Sheets that carry remarks and no table."""


def _index(names: dict[str, tuple[str, ...]]) -> MappingProxyType[str, str]:
    index: dict[str, str] = {}
    for name, aliases in names.items():
        for alias in (name, *aliases):
            key = normalised(alias)
            if index.setdefault(key, name) != name:
                raise ValueError(f"alias {alias!r} stands for {index[key]!r} and {name!r}")
    return MappingProxyType(index)


@dataclass(frozen=True)
class Schema:
    """The columns of one table.

    Attributes
    ----------
    table : str
        Name of the table, a key of `TABLES`.
    columns : tuple of Column
    """

    table: str
    columns: tuple[Column, ...]

    @cached_property
    def column(self) -> MappingProxyType[str, Column]:
        """Columns by name."""
        return MappingProxyType({column.name: column for column in self.columns})

    @cached_property
    def header_index(self) -> MappingProxyType[str, str]:
        """Column name by normalised header."""
        return _index({column.name: column.aliases for column in self.columns})

    def nearest(self, header: str) -> str | None:
        """Return the column whose name or alias looks most like a header, or None."""
        found = get_close_matches(normalised(header), list(self.header_index), n=1, cutoff=0.75)
        return self.header_index[found[0]] if found else None


ANNUITY_SCHEMA = Schema(ANNUITIES, COLUMNS)
HEADER_INDEX = ANNUITY_SCHEMA.header_index
"""Column name of the table of annuities by normalised header."""
TABLE_INDEX = _index(dict(TABLES))
"""Table name by normalised sheet or file name."""


def value_index(column: Column) -> dict[str, int]:
    """Return the position of a choice by normalised spelling."""
    index = {normalised(value): position for position, value in enumerate(column.choices)}
    for alias, value in column.value_aliases.items():
        if index.setdefault(normalised(alias), column.choices.index(value)) != column.choices.index(value):
            raise ValueError(f"alias {alias!r} of column {column.name} stands for two values")
    return index
