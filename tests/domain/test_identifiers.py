"""The worked examples of NPI and DEA numbers."""

import pytest

from mdscripts.domain.identifiers import DeaNumber, parse_dea_license, parse_npi
from mdscripts.domain.violations import RuleViolation

VALID_NPIS = [
    "1234567893", "1993999998", "1000000004", "1555555550", "1846293011", "1300000001", "1050000003",
    "1679500003", "2000000002", "2999999990", "2234567891",
]  # fmt: skip
INVALID_NPIS = {
    "1234567890": "NPI-05",
    "1234567983": "NPI-05",
    "1243567893": "NPI-05",
    "123456789": "NPI-03",
    "12345678933": "NPI-03",
    "3000000000": "NPI-04",
    "9000000007": "NPI-04",
    "0000000006": "NPI-04",
    "0000000000": "NPI-04",
    "808401234567893": "NPI-07",
    "１２３４５６７８９３": "NPI-03",
    "1234567٨93": "NPI-03",
    "123456789³": "NPI-03",
    "123 456 789": "NPI-03",
}
VALID_DEA_NUMBERS = [
    "AB1234563", "BS1234563", "BB1388568", "F91234563", "MJ2468139", "MO1122338", "MG1357905", "FW7001237",
    "GD9876547", "BN5500194", "FD3040502", "BS6011225",
]  # fmt: skip
INVALID_DEA_NUMBERS = {
    "AB1234567": "DEA-05",
    "BS12345637": "DEA-03",
    "A1234563": "DEA-03",
    "9B1234563": "DEA-03",
    "AB0000000": "DEA-08",
    "AP1234564": "DEA-05",
    "CB1234563": "DEA-06",
    "RB1234563": "DEA-06",
    "AB1234563-": "DEA-03",
    "AB1234563-12345678901": "DEA-03",
    "AB1234563-A 1": "DEA-03",
    "AB１２３４５６３": "DEA-03",
    "AB1234563\n-A1": "DEA-03",
}


@pytest.mark.parametrize("number", VALID_NPIS)
def test_it_accepts_a_well_formed_npi(number):
    assert parse_npi(number) == number
    assert parse_npi(int(number)) == number
    assert parse_npi(float(number)) == number


@pytest.mark.parametrize(("number", "rule"), INVALID_NPIS.items())
def test_it_refuses_an_npi_that_is_not_well_formed(number, rule):
    with pytest.raises(RuleViolation) as refused:
        parse_npi(number)
    assert refused.value.rule == rule


@pytest.mark.parametrize("raw", [True, {}, {"value": "1234567893"}, 1.5, 10**40, float("nan"), float("-inf")])
def test_it_refuses_an_npi_of_another_type(raw):
    with pytest.raises(RuleViolation) as refused:
        parse_npi(raw)
    assert refused.value.rule == "NPI-02"


def test_it_does_not_quote_what_may_be_a_social_security_number():
    with pytest.raises(RuleViolation) as refused:
        parse_npi("078-05-1120")
    assert "078" not in refused.value.message


@pytest.mark.parametrize("number", [*VALID_DEA_NUMBERS, "AP1234563"])
def test_it_accepts_a_well_formed_dea_number(number):
    assert parse_dea_license(number) == DeaNumber(number)
    assert parse_dea_license(f" {number.lower()} ") == DeaNumber(number)


@pytest.mark.parametrize(("number", "rule"), INVALID_DEA_NUMBERS.items())
def test_it_refuses_a_dea_number_that_is_not_well_formed(number, rule):
    with pytest.raises(RuleViolation) as refused:
        parse_dea_license(number)
    assert refused.value.rule == rule
    assert number[:9].upper() not in refused.value.message.replace("example AB1234563", "")


def test_it_keeps_the_hospital_suffix_apart():
    number = parse_dea_license("f91234563-001ab")
    assert number == DeaNumber("F91234563", "001AB")
    assert number.text == "F91234563-001AB"


def test_a_hospital_suffix_has_at_most_ten_characters():
    assert parse_dea_license("AB1234563-ABCDE12345") == DeaNumber("AB1234563", "ABCDE12345")


def test_a_dea_number_is_masked_wherever_it_is_printed():
    number = DeaNumber("AB1234563", "A12")
    assert number.masked == "AB*****63"
    assert "1234563" not in repr(number)


def test_only_m_numbers_are_mid_level():
    assert DeaNumber("MJ2468139").is_mid_level
    assert not DeaNumber("AB1234563").is_mid_level
