"""The table `claims` as data: movements of claims, one row a payment or a change of a case estimate."""

from __future__ import annotations

from types import MappingProxyType

from actuarial.claim_record import KINDS
from actuarial.portfolio.column import COLUMN, Column, Schema
from actuarial.portfolio.contract_column import CONTRACT_SCHEMA, PART_SCHEMA

CLAIMS = "claims"

_KIND_ALIASES = {
    "injury": ("accident", "травма", "несчастный случай", "трудовое увечье", "жарақат", "жазатайым оқиға"),
    "occupational_disease": ("disease", "профзаболевание", "профессиональное заболевание", "кәсіптік ауру"),
    "death": ("fatal", "смерть", "гибель", "смертельный", "қаза", "қайтыс болу"),
}

CLAIM_COLUMNS: tuple[Column, ...] = (
    COLUMN["claim_id"],
    Column("contract_id", "text", CONTRACT_SCHEMA.column["contract_id"].aliases, always=True),
    PART_SCHEMA.column["risk_class"],
    Column(
        "kind",
        "choice",
        ("вид случая", "вид убытка", "вид страхового случая", "оқиға түрі", "жағдай түрі"),
        KINDS,
        MappingProxyType({alias: kind for kind, aliases in _KIND_ALIASES.items() for alias in aliases}),
        True,
    ),
    Column("accident_date", "date", COLUMN["accident_date"].aliases, always=True),
    Column(
        "diagnosis_date",
        "date",
        ("дата диагноза", "дата заключения профпатологии", "диагноз күні", "диагноз қойылған күн"),
    ),
    Column(
        "report_date",
        "date",
        ("дата заявления", "дата уведомления", "дата сообщения", "хабарланған күн", "өтініш күні"),
        always=True,
    ),
    Column(
        "payment_date",
        "date",
        ("дата выплаты", "дата движения", "дата операции", "төлем күні", "операция күні"),
    ),
    Column("paid", "signed", ("выплачено", "выплата", "сумма выплаты", "төленді", "төлем сомасы")),
    Column(
        "case_estimate_change",
        "signed",
        (
            "изменение рзу",
            "изменение резерва",
            "изменение резерва заявленных убытков",
            "резервтің өзгеруі",
        ),
    ),
)
CLAIM_SCHEMA = Schema(CLAIMS, CLAIM_COLUMNS)
OF_CLAIM = ("contract_id", "risk_class", "kind", "accident_date", "diagnosis_date", "report_date")
"""Columns that are the same in every row of a claim."""
