"""The engine against the naive decimal calculation of `oracle`, over thousands of random contracts."""

from __future__ import annotations

import random

import pytest
from oracle import Case, answer, random_case

from actuarial.money import tenge_text
from actuarial.premium.choice import PremiumError
from actuarial.premium.compulsory import AccidentYear, Contract, Part, compulsory_premium

CHOICES = {
    "minimum_test": ("before_coefficient", "after_coefficient"),
    "minimum_wage_date": ("contract_date", "start_date"),
    "short_term": ("full_tariff", "pro_rata"),
    "mean_rounding": ("half_up", "down"),
    "fault": ("only_by_fault", "all"),
    "discount_floor": ("minimum", "drop", "none"),
}


def contract_of(case: Case) -> Contract:
    return Contract(
        contract_date=case.contract_date,
        parts=tuple(
            Part(name=f"part {k}", risk_class=number, annual_payroll=payroll, insured_sum=s)
            for k, (number, payroll, s) in enumerate(
                zip(case.classes, case.payrolls, case.sums, strict=True), start=1
            )
        ),
        n_workers=case.n_workers,
        start_date=case.start,
        end_date=case.end,
        accidents=None if case.accidents is None else tuple(AccidentYear(*row) for row in case.accidents),
        discount=None if case.discount is None else case.discount / 100,
    )


@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_random_contracts(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(750):
        case = random_case(rng)
        choices = {name: rng.choice(values) for name, values in CHOICES.items()} if seed else {}
        expected = answer(case, **choices)
        if expected.coefficient is None:
            with pytest.raises(PremiumError, match="the law has no correction coefficient"):
                compulsory_premium(contract_of(case), choices)
            continue
        found = compulsory_premium(contract_of(case), choices)
        assert found.minimum_applied == expected.is_minimum, case
        assert tenge_text(found.base_premium) == str(expected.base), case
        assert tenge_text(found.insured_sum) == str(expected.insured_sum), case
        assert tenge_text(found.premium) == str(expected.premium), case
        assert sum(part.premium for part in found.parts) == found.premium
        assert sum(part.insured_sum for part in found.parts) == found.insured_sum
        if case.accidents is None:
            assert found.correction_coefficient is None
        else:
            assert found.correction_coefficient == expected.coefficient
