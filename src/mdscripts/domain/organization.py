"""Names and numbers of an organization, its sites and its tokens."""

import re
import unicodedata

from mdscripts.domain.names import normalize_name
from mdscripts.domain.sites import SITE_NUMBER_LENGTH
from mdscripts.domain.violations import RuleViolation
from mdscripts.domain.wording import echo

NAME_LENGTH_MAX = 100
SLUG_LENGTH_MAX = 63
EXPIRY_DAYS_MAX = 3650

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SITE_NUMBER = re.compile(rf"[0-9]{{{SITE_NUMBER_LENGTH}}}")


def parse_name(text: str, attribute: str = "name") -> str:
    """A name of an organization or site, or a token's label, with single blanks. Raises RuleViolation.

    At most 100 characters, nothing invisible: it appears in messages, pages and logs.
    """
    stripped = text.strip()
    if not stripped:
        raise RuleViolation(attribute, f"The {attribute} is empty.")
    if len(stripped) > NAME_LENGTH_MAX:
        raise RuleViolation(
            attribute,
            f"The {attribute} has {len(stripped)} characters; at most {NAME_LENGTH_MAX} are allowed.",
        )
    try:
        return normalize_name(stripped, attribute)
    except RuleViolation:
        raise RuleViolation(attribute, f"The {attribute} contains an invisible character.") from None


def parse_slug(text: str) -> str:
    """The short name of an organization in commands and links. Raises RuleViolation."""
    if len(text) > SLUG_LENGTH_MAX or not _SLUG.fullmatch(text):
        raise RuleViolation(
            "slug",
            f"The slug '{echo(text)}' is not allowed; use at most {SLUG_LENGTH_MAX} lower-case letters, "
            "digits and single hyphens, for example maple-street-clinic.",
        )
    return text


def slug_of(name: str) -> str:
    """The slug that a name suggests: "José's Clinic" becomes jose-s-clinic. Raises RuleViolation
    when the name has no letter or digit to make one of."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))[:SLUG_LENGTH_MAX].rstrip("-")
    if not slug:
        raise RuleViolation("slug", f"No slug can be made of the name '{echo(name)}'; choose one.")
    return slug


def parse_site_number(text: str) -> str:
    """The number of a new site: exactly five ASCII digits, leading zeros included.

    Raises RuleViolation. People sign in with it, and any other length would not be recognised.
    """
    number = text.strip()
    if not _SITE_NUMBER.fullmatch(number):
        raise RuleViolation(
            "site number",
            f"The site number '{echo(number)}' is not allowed; use exactly {SITE_NUMBER_LENGTH} digits, "
            "leading zeros included, for example 00101.",
        )
    return number


def parse_expiry_days(days: int | None) -> int | None:
    """Days until a token expires, 1 to 3650; None for never. Raises RuleViolation."""
    if days is not None and not 1 <= days <= EXPIRY_DAYS_MAX:
        raise RuleViolation("expiry", f"A token can expire in 1 to {EXPIRY_DAYS_MAX} days; {days} is not possible.")
    return days
