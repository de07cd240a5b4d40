"""NPI and DEA registration numbers: well-formed or refused, never "verified".

A check digit finds typing errors. It does not prove that the number belongs to the person.
"""

import re
from dataclasses import dataclass

from mdscripts.domain.violations import RuleViolation
from mdscripts.domain.wording import describe, is_unset, mask_dea_license, number_text, parse_text

_TEN_DIGITS = re.compile("[0-9]{10}")
_CARD_FORM = re.compile("80840[0-9]{10}")
_CARD_PREFIX_SUM = 24
_DEA_SHAPE = re.compile("([A-Z][A-Z9][0-9]{7})(?:-([A-Z0-9]{1,10}))?")
_PRACTITIONER_LETTERS = "ABFGM"
BUSINESS = "9"
"""Second character of a DEA number that was registered to a business instead of a person."""


def parse_npi(raw: object) -> str | None:
    """Ten ASCII digits as text, None when not set. Raises NPI-02 to NPI-05 and NPI-07.

    The first digit is 1 or 2, the last one the Luhn digit of 80840 and the rest
    (45 CFR 162.406). Whole numbers are accepted as Okta's number attributes send them.
    """
    if is_unset(raw):
        return None
    text = _npi_text(raw)
    if _CARD_FORM.fullmatch(text):
        raise RuleViolation(
            "npi",
            f"npi '{text}' has 15 digits because it starts with the card prefix 80840. Send only the last 10 digits.",
            "NPI-07",
        )
    if not _TEN_DIGITS.fullmatch(text):
        # The value is not quoted: a wrong mapping may have put a social security number here.
        raise RuleViolation(
            "npi",
            "npi must be exactly 10 digits with no spaces, dashes or letters; "
            f"the value sent has {len(text)} characters.",
            "NPI-03",
        )
    if text[0] not in "12":
        raise RuleViolation("npi", f"npi '{text}' is not valid: an NPI starts with 1 or 2.", "NPI-04")
    if not _has_npi_check_digit(text):
        raise RuleViolation(
            "npi",
            f"npi '{text}' is not valid: its check digit does not match. "
            "Check for a mistyped digit against the NPPES NPI Registry.",
            "NPI-05",
        )
    return text


def require_npi(raw: object) -> str:
    """The NPI of a provider, who must have one. Raises NPI-01 and whatever ``parse_npi`` does."""
    npi = parse_npi(raw)
    if npi is None:
        raise RuleViolation(
            "npi",
            "npi is required because isProvider is true. "
            "Add the provider's 10-digit NPI in Okta, or set isProvider to false.",
            "NPI-01",
        )
    return npi


def _npi_text(raw: object) -> str:
    text = raw.strip() if isinstance(raw, str) else number_text(raw)
    if text is None:
        raise RuleViolation("npi", f"npi must be text, but Okta sent {describe(raw)}.", "NPI-02")
    return text


def _has_npi_check_digit(text: str) -> bool:
    digits = [int(digit) for digit in text]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[0:9:2])
    return (_CARD_PREFIX_SUM + doubled + sum(digits[1::2])) % 10 == 0


@dataclass(frozen=True, slots=True)
class DeaNumber:
    """A DEA registration: nine characters and, when the holder acts under a hospital's
    registration, the hospital's internal code (21 CFR 1301.22(c))."""

    registration: str
    suffix: str | None = None

    @property
    def text(self) -> str:
        """The number as stored: ``AB1234563`` or ``AB1234563-A12``."""
        return self.registration if self.suffix is None else f"{self.registration}-{self.suffix}"

    @property
    def masked(self) -> str:
        """What messages, logs and lists may show: ``AB*****63``."""
        return mask_dea_license(self.registration)

    @property
    def is_mid_level(self) -> bool:
        """Whether it is the kind that physician assistants and nurse practitioners hold."""
        return self.registration[0] == "M"

    def __repr__(self) -> str:
        return f"DeaNumber({self.masked})"


def parse_dea_license(raw: object) -> DeaNumber | None:
    """A practitioner's DEA number, None when not set. Raises DEA-02, DEA-03, DEA-05 to DEA-08.

    The check digit covers the seven digits only, so a suffix does not change it.
    """
    text = parse_text(raw, "deaLicense", "DEA-02")
    if text is None:
        return None
    # Upper case only after the ASCII check: "ı".upper() is "I".
    plain = text.upper() if text.isascii() else ""
    match = _DEA_SHAPE.fullmatch(plain)
    if match is None:
        raise RuleViolation(
            "deaLicense",
            "deaLicense must be two letters and seven digits, for example AB1234563 "
            "(the second character may be 9). A hospital suffix may follow after a dash.",
            "DEA-03",
        )
    number = DeaNumber(match[1], match[2])
    _check_registration(number)
    return number


def _check_registration(number: DeaNumber) -> None:
    letter, digits = number.registration[0], number.registration[2:]
    if digits == "0000000":
        raise RuleViolation(
            "deaLicense",
            "deaLicense has all zeros for its digits, which is a placeholder and not a registration.",
            "DEA-08",
        )
    if letter == "X":
        raise RuleViolation(
            "deaLicense",
            f"deaLicense {number.masked} starts with X. X numbers (buprenorphine waivers) are no longer "
            "issued; send the provider's regular DEA number.",
            "DEA-07",
        )
    if letter not in _PRACTITIONER_LETTERS:
        raise RuleViolation(
            "deaLicense",
            f"deaLicense {number.masked} starts with {letter}, which is not a practitioner registration. "
            "Provider registrations start with A, B, F, G or M.",
            "DEA-06",
        )
    d1, d2, d3, d4, d5, d6, check = map(int, digits)
    if (d1 + d3 + d5 + 2 * (d2 + d4 + d6)) % 10 != check:
        raise RuleViolation(
            "deaLicense",
            f"deaLicense {number.masked} is not valid: its check digit does not match. Check for a mistyped digit.",
            "DEA-05",
        )
