"""Order of exhaustion of an insured sum, three tiers, deadlines and the penalty."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tariffs
from actuarial.claim.answer import Answer
from actuarial.claim.case import CaseError, LawNotes
from actuarial.claim.choice import Choices
from actuarial.claim.insured_sum import Payout, exhaustion

Ask = Callable[..., Answer]
PAYOUTS = [
    {"date": "2025-03-01", "claim_id": "second", "amount": "600000", "accident_date": "2024-12-01"},
    {"date": "2025-02-01", "claim_id": "first", "amount": "300000", "accident_date": "2024-11-01"},
    {"date": "2025-04-01", "claim_id": "first", "amount": "300000", "accident_date": "2024-11-01"},
]


def used(answer: Ask, **changes: object) -> dict[str, tuple[int, int]]:
    found = answer(insured_sum={"sum": "800000", "payouts": PAYOUTS}, **changes).exhaustion
    assert found is not None
    assert found.left == 0
    assert found.owed == 40_000_000
    return found.by_claim()


def test_three_orders(answer: Ask) -> None:
    assert used(answer) == {"first": (30_000_000, 30_000_000), "second": (50_000_000, 10_000_000)}
    by_claim = used(answer, choices={"exhaustion_order": "claim_order"})
    assert by_claim == {"first": (60_000_000, 0), "second": (20_000_000, 40_000_000)}
    # 800 000 / 1 200 000 of each
    shares = used(answer, choices={"exhaustion_order": "pro_rata"})
    assert shares == {"first": (40_000_000, 20_000_000), "second": (40_000_000, 20_000_000)}


def test_who_pays_what_exceeds(answer: Ask) -> None:
    found = answer(insured_sum={"sum": "800000", "payouts": PAYOUTS}).as_json()["insured_sum"]
    assert (found["policyholder_owes"], found["who_pays_excess"]) == ("400000.00", "insurer_recovers")
    voluntary = answer(
        product="voluntary", degree_of_loss="20", insured_sum={"sum": "800000", "payouts": PAYOUTS}
    ).as_json()["insured_sum"]
    assert voluntary["who_pays_excess"] == "policyholder"


def test_excess_before_the_rule_is_refused() -> None:
    payouts = [Payout(1, date(2010, 8, 8), "a", Decimal(100))]
    with pytest.raises(tariffs.NotOnRecord, match="excess_recovered_from_policyholder"):
        exhaustion(Decimal(50), payouts, "compulsory", Choices(), LawNotes())


def test_order_of_claims_needs_their_dates() -> None:
    payouts = [Payout(1, date(2025, 8, 8), "a", Decimal(100))]
    with pytest.raises(CaseError, match="payouts 1: accident_date is empty"):
        exhaustion(
            Decimal(50), payouts, "compulsory", Choices({"exhaustion_order": "claim_order"}), LawNotes()
        )


@given(
    total=st.integers(0, 10**9),
    amounts=st.lists(st.integers(0, 10**8), min_size=1, max_size=8),
    order=st.sampled_from(["payment_order", "claim_order", "pro_rata"]),
)
def test_parts_add_up(total: int, amounts: list[int], order: str) -> None:
    payouts = [
        Payout(i, date(2025, 1, 1 + i), str(i % 3), Decimal(a) / 100, date(2024, 1, 9 - i))
        for i, a in enumerate(amounts)
    ]
    found = exhaustion(
        Decimal(total) / 100, payouts, "compulsory", Choices({"exhaustion_order": order}), LawNotes()
    )
    assert found.left == max(total - sum(amounts), 0)
    assert found.owed == max(sum(amounts) - total, 0)
    for use in found.uses:
        assert use.from_sum >= 0
        assert use.excess >= 0
        assert use.from_sum + use.excess == amounts[use.payout.number]


def test_three_tiers_today(answer: Ask) -> None:
    # group II: 1.76 x 50 851 = 89 497.76; the Fund's payment gross; over the earnings before the cap
    found = answer(disability_group="II", average_monthly_earnings="1000000").tiers
    assert len(found) == 1
    assert (found[0].state, found[0].fund, found[0].insurer) == (8_949_776, 9_826_200, 41_173_800)
    assert found[0].former_earnings == 100_000_000
    assert float(found[0].replacement_rate) == pytest.approx(0.5994977600)


def test_the_computed_payment_of_the_fund_is_raised(answer: Ask) -> None:
    found = answer(
        disability_group="III", social_payment=None, social_average_income="300000", social_months="96"
    )
    # awarded on 2025-03-01, raised by 10 % on 2026-01-01; the insurer deducts what was awarded
    assert found.tiers[0].fund == 10_808_820
    assert found.tiers[0].insurer == 14_173_800


def test_three_tiers_projected(answer: Ask) -> None:
    found = answer(
        disability_group="I",
        certificate_end="2028-03-01",
        indexation={"choice": "contract_rate", "rate": "0.08"},
        growth={"mci": "0.07", "minimum_wage": "0.07", "subsistence_minimum": "0.08"},
        projection={"years": "2", "social_payment_growth": "0.06", "earnings_growth": "0.1"},
    ).tiers
    assert [row.day for row in found] == [date(2026, 4, 1), date(2027, 4, 1), date(2028, 4, 1)]
    assert found[1].state == round(2.2 * 50851 * 1.08 * 100)
    assert found[1].fund == round(98262 * 1.06 * 100)
    assert found[1].insurer == round(141738 * 1.08 * 100)
    assert found[1].former_earnings == 44_000_000
    # the certificate has ended: the insurer pays nothing
    assert found[2].insurer == 0
    with pytest.raises(
        CaseError, match=r"social_payment_growth, projection\.earnings_growth, growth, indexation: empty"
    ):
        answer(disability_group="I", projection={"years": "2"})


def test_deadlines_of_the_compulsory_product(answer: Ask) -> None:
    found = {d.name: d.last_day for d in answer(documents_date="2026-03-19").deadlines}
    # 20 March is worked, 21-25 March are off; 5 and 7 working days
    assert found["annuity_contract"] == date(2026, 3, 31)
    assert found["first_payout"] == date(2026, 4, 2)
    assert found["additional_expenses"] == date(2026, 4, 2)


def test_deadlines_of_the_voluntary_product(answer: Ask) -> None:
    found = answer(
        product="voluntary",
        degree_of_loss="20",
        documents_date="2025-12-26",
        contract_signed_date="2026-01-06",
    )
    last = {d.name: d.last_day for d in found.deadlines}
    # off: 27-28 December, 1-4, 7, 10-11 January, weekends
    assert last["annuity_contract"] == last["decision"] == date(2026, 1, 9)
    assert last["first_annuity_payment"] == date(2026, 1, 28)


def test_a_deadline_beyond_the_calendar_says_so(answer: Ask) -> None:
    found = answer(documents_date="2027-04-29").deadlines[0]
    assert found.last_day is None
    assert "outside the calendar" in found.why


def test_penalty(answer: Ask) -> None:
    late = [{"due_date": "2025-03-01", "paid_date": "2025-03-11", "amount": "141738"}]
    # 1.5 % x 10 days x 141 738 = 21 260.70
    assert answer(late_payments=late).penalties[0].amount == 2_126_070
    early = [{**late[0], "paid_date": "2025-02-11"}]
    assert answer(late_payments=early).penalties[0].amount == 0
    with pytest.raises(CaseError, match="is for the compulsory payouts of article 19"):
        answer(product="voluntary", degree_of_loss="20", late_payments=late)
