"""What stands on the page. Values are added with `actuarial.language.text` where they are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from actuarial.language import said, text, texts

LANGUAGE_NAMES: Final[Mapping[str, str]] = {"en": "English", "ru": "Русский", "kk": "Қазақша"}

WORDS: Final[Mapping[str, str]] = texts(
    {
        "title": "Accident insurance: reserve and premium",
        "skip": "Skip to the content",
        "pages": "Pages",
        "portfolio_page": "Portfolio reserve",
        "premium_page": "Premium calculator",
        "language": "Language",
        "private": "Only on this computer. Everything is deleted when the page is closed.",
        # portfolio
        "portfolio_lead": (
            "Give a table of annuities, see what the checks say cell by cell, choose date and assumptions, "
            "and take the reserve as a report and a workbook."
        ),
        "file": "File",
        "drop": "Drop the file here",
        "choose_file": "Choose a file",
        "other_file": "Choose another file",
        "receiving": "Receiving the file",
        "template": "Template to fill in (Excel)",
        "sample": "Try the synthetic sample",
        "sample_note": "3 000 annuities of nobody, valued on 01.01.2026",
        "mapping": "My columns have other names",
        "mapping_note": (
            "A YAML file that maps your column names to ours; Russian and Kazakh headers of the template "
            "need none."
        ),
        "mapping_file": "Column mapping (YAML)",
        "remove": "Remove",
        "date": "Valuation date",
        "date_why": (
            "Payments, certificates and ages are checked and valued on this day. None is assumed: choose one."
        ),
        "this_quarter": "first day of this quarter",
        "this_year": "first day of this year",
        "chosen_date": "chosen:",
        "check": "Check",
        "check_waits": "Checked at once when there are a file and a date.",
        "all_findings": "All findings with their cells (Excel)",
        "cells": "Cells",
        "what_to_do": "What to do",
        "no_finding": "Nothing found: every row can be valued.",
        "warnings_only": "No errors: the portfolio can be valued. Look at the warnings first.",
        "has_errors": (
            "Nothing is computed until the errors are corrected in the file. Correct it and give it again."
        ),
        "basis": "Assumptions",
        "basis_label": "Basis",
        "choose_basis": "Choose a basis",
        "own_basis": "My own basis (YAML file)",
        "other_basis": "Give another YAML file",
        "illustrative": (
            "Illustrative: it shows what a basis holds. Bring your own before a number leaves your desk."
        ),
        "basis_waits": "Yields, indexation, mortality and certification of the valuation.",
        "company": "Company",
        "company_why": "If filled in, it stands in the header of the report",
        "run": "Compute the reserve",
        "run_again": "Compute again",
        "run_waits": "The reserve can be computed when the checks find no errors and a basis is chosen.",
        "stop": "Stop",
        "in_queue": "Waiting: the program is busy with another page. It begins by itself.",
        "working": "Working",
        "starting": text("starting"),
        "result": "Result",
        "report": "Report",
        "report_frame": "Report of the reserve run",
        "open_report": "Open the report in a new tab",
        "workbook": "Workbook",
        "workbook_note": "every table and a row a record, Excel",
        "report_note": "one file for reading, mailing and printing",
        "rows": "Results",
        "rows_note": "a row a record, CSV",
        "folder": "Whole run",
        "folder_note": "all files with run.json, ZIP",
        "warnings_title": "Know before using the figures",
        "by_group": "Reserves by group, tenge",
        "product": text("product"),
        "beneficiary": text("beneficiary"),
        "band": text("band"),
        "records": text("records"),
        "all": text("all"),
        "other_language": "The report is in another language. Compute again to have it in this one.",
        # premium
        "premium_lead": (
            "The premium of one compulsory contract (ОСНС) with every step, its article and the act behind "
            "each figure."
        ),
        "contract": "Contract",
        "contract_date": "Date of the contract",
        "contract_date_why": "Law, classes and minimum wage of this day apply.",
        "start": "First day of cover",
        "start_why": "If left empty: the date of the contract",
        "end": "Last day of cover",
        "end_why": "If left empty: 12 months",
        "activity": "Activity",
        "by_oked": "by ОКЭД code",
        "by_class": "by class of professional risk",
        "oked": "Activity by code or words",
        "oked_why": "Write 62011, or words: разработка программ. Several activities count as evenly spread.",
        "risk_class": "Class of professional risk, 1-22",
        "class": text("class"),
        "none_found": "No such activity.",
        "date_first": "Fill in the date of the contract first: the class depends on it.",
        "remove_activity": "Remove the activity",
        "people": "Payroll and staff",
        "payroll": "Annual payroll (ГФОТ), tenge",
        "payroll_why": "Incomes already capped as the law says",
        "insured_sum": "Insured sum, tenge",
        "insured_sum_why": "If left empty: the annual payroll",
        "workers": "Workers",
        "workers_why": "All workers on the date of the contract",
        "history": "Accidents of the years before",
        "history_unknown": "not known",
        "history_none": "no accidents",
        "history_some": "there were accidents",
        "year": text("year"),
        "injured": "injured, degree 30-100 %",
        "deaths": text("deaths"),
        "at_fault": "by the policyholder's fault",
        "years_wait": "The law looks at the years before the contract: fill in its date.",
        "discount": "Discount, %",
        "discount_why": (
            "Leave empty for none. A discount states that no event of any degree happened in these years."
        ),
        "more": "Instalments and open points of the law",
        "instalments": "Instalments",
        "one_payment": "in one sum, not split",
        "choices_why": "The law leaves these points open. The first value is the default; each says why.",
        "calculate": "Compute the premium",
        "clear": "Clear",
        "premium": "Premium",
        "steps": "Steps",
        "step": text("step"),
        "formula": text("formula"),
        "value": text("value"),
        "article": text("article"),
        "payments": "Payments",
        "due": text("due"),
        "amount": text("amount"),
        "notes": "Notes",
        "law": "Law used",
        "choices": "Open points and what was taken",
        "default": text("default"),
        "print": "Print",
        "quote_waits": "The premium and its steps appear here.",
        "minimum_applied": "The minimum premium of the law applies.",
        "fill_in": "fill this in",
        "correct_fields": "Correct the fields marked.",
        # state of the page
        "closed": "This page was closed, and what it was given is deleted.",
        "again": "Begin again",
        "lost": "The program does not answer. Was it ended in the terminal?",
        "not_here": "Open the address that `actuarial serve` has printed in the terminal.",
        "used_link": (
            "This link worked once. Open the address that `actuarial serve` has printed in the terminal."
        ),
        "crowded": "Too many pages are open. Close one and reload.",
        "too_large": "The file is larger than the limit of the page.",
        "no_file": "Drop one file, not a folder.",
    }
)

PRODUCTS: Final[Mapping[str, str]] = texts({"compulsory": text("compulsory"), "voluntary": text("voluntary")})
BENEFICIARIES: Final[Mapping[str, str]] = texts(
    {
        "worker": text("worker"),
        "child": text("child"),
        "student": text("student"),
        "spouse": text("spouse"),
        "parent": text("parent"),
        "disabled_dependant": "disabled dependant",
        "carer": text("carer"),
        "pre_retirement": text("pre-retirement"),
    }
)
TOTALS: Final[Mapping[str, tuple[str, str]]] = texts(
    {
        "total_expected": (
            "Total, expected",
            "With the extensions of certificates that the insurer must write.",
        ),
        "total_certified": (
            "Total, certified",
            "To the end of the certificates in force: not a sufficient reserve by itself.",
        ),
        "expected_reserve": ("Annuities, expected", ""),
        "certified_reserve": ("Annuities, certified", ""),
        "additional_expenses_reserve": ("Additional expenses", "Neither discounted nor indexed."),
    }
)


class Words:
    """The words in the language in force, by name: what templates see as ``word``."""

    def __getattr__(self, name: str) -> str:
        """The word."""
        try:
            return said(WORDS[name])
        except KeyError:
            raise AttributeError(name) from None
