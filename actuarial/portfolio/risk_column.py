"""The tables of an occupational risk assessment as data: jobs, departments, enterprises, indicators."""

from __future__ import annotations

from types import MappingProxyType

from actuarial.occupational_risk import CRITERIA
from actuarial.portfolio.column import Column, Schema

POSITIONS, DEPARTMENTS, ENTERPRISES, INDICATORS = "positions", "departments", "enterprises", "indicators"
RISK_TABLES = MappingProxyType(
    {
        POSITIONS: ("jobs", "должности", "рабочие места", "профессии", "лауазымдар", "жұмыс орындары"),
        DEPARTMENTS: ("подразделения", "структурные подразделения", "бөлімшелер", "құрылымдық бөлімшелер"),
        ENTERPRISES: ("предприятия", "предприятие", "кәсіпорындар", "кәсіпорын"),
        INDICATORS: ("показатели", "индикаторы", "көрсеткіштер"),
    }
)
"""Other names of sheets and files by table."""

_ENTERPRISE = Column(
    "enterprise",
    "text",
    ("contract_id", "предприятие", "наименование предприятия", "номер договора", "кәсіпорын", "шарт нөмірі"),
)
_DEPARTMENT = Column(
    "department",
    "text",
    ("подразделение", "структурное подразделение", "цех", "бөлімше", "құрылымдық бөлімше"),
    always=True,
)
_N_WORKERS = Column(
    "n_workers",
    "count",
    ("workers", "количество работников", "численность", "численность работников", "жұмыскерлер саны"),
    always=True,
)

POSITION_SCHEMA = Schema(
    POSITIONS,
    (
        _ENTERPRISE,
        _DEPARTMENT,
        Column("position", "text", ("должность", "профессия", "рабочее место", "лауазым"), always=True),
        _N_WORKERS,
        Column(
            "harmfulness", "number", ("В", "вредность", "вредность условий труда", "зияндылық"), always=True
        ),
        Column(
            "injury_hazard",
            "number",
            ("Т", "T", "травмоопасность", "травмоопасность условий труда", "жарақат алу қаупі"),
            always=True,
        ),
        Column(
            "equipment",
            "number",
            ("Об", "оборудование", "безопасность оборудования", "жабдықтың қауіпсіздігі"),
            always=True,
        ),
        Column(
            "protective_equipment",
            "number",
            ("СИЗ", "обеспеченность СИЗ", "ЖҚҚ", "ЖҚҚ қамтамасыз етілуі"),
            always=True,
        ),
        Column("morbidity", "number", ("З", "заболеваемость", "сырқаттану"), always=True),
    ),
)
DEPARTMENT_SCHEMA = Schema(DEPARTMENTS, (_ENTERPRISE, _DEPARTMENT, _N_WORKERS))
ENTERPRISE_SCHEMA = Schema(
    ENTERPRISES,
    (
        _ENTERPRISE,
        Column("injury_score", "number", ("П2", "показатель травматизма", "жарақаттану көрсеткіші")),
        Column(
            "compliance_score",
            "number",
            ("П3", "показатель выполнения требований", "чек-лист", "талаптарды орындау көрсеткіші"),
        ),
    ),
)
INDICATOR_SCHEMA = Schema(
    INDICATORS,
    (
        _ENTERPRISE,
        Column("indicator", "text", ("показатель", "индикатор", "көрсеткіш"), always=True),
        Column(
            "criterion",
            "choice",
            ("критерий", "группа показателей", "өлшемшарт"),
            CRITERIA,
            MappingProxyType(
                {
                    "экономический": "economic",
                    "экономические": "economic",
                    "экономикалық": "economic",
                    "социальный": "social",
                    "социальные": "social",
                    "әлеуметтік": "social",
                }
            ),
            always=True,
        ),
        Column(
            "better",
            "choice",
            ("лучше", "направление", "жақсы бағыты"),
            ("higher", "lower"),
            MappingProxyType(
                {
                    "больше": "higher",
                    "выше": "higher",
                    "жоғары": "higher",
                    "меньше": "lower",
                    "ниже": "lower",
                    "төмен": "lower",
                }
            ),
            always=True,
        ),
        Column("weight", "number", ("вес", "весовой коэффициент", "салмақ"), always=True),
        Column("lowest", "number", ("минимум", "наименьшее значение", "ең төменгі мән"), always=True),
        Column("highest", "number", ("максимум", "наибольшее значение", "ең жоғары мән"), always=True),
        Column("before", "number", ("до", "до мероприятий", "шараларға дейін"), always=True),
        Column("after", "number", ("после", "после мероприятий", "шаралардан кейін"), always=True),
    ),
)
RISK_SCHEMAS = (POSITION_SCHEMA, DEPARTMENT_SCHEMA, ENTERPRISE_SCHEMA, INDICATOR_SCHEMA)
