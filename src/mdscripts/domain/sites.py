"""Site numbers, five digits of text with leading zeros, and which of them a user may list."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mdscripts.domain.violations import RuleViolation
from mdscripts.domain.wording import echo, echo_list, is_unset, number_text

SITE_NUMBER_LENGTH = 5
SITES_LIMIT = 500
"""Most sites of one user."""

_EXAMINED_ENTRIES = 10 * SITES_LIMIT
_DIGITS_AND_SEPARATORS = re.compile(r"[\s;|/\\]*[0-9][0-9\s;|/\\]*")
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Site:
    """A place of the organization. A closed one gives no access and cannot be listed any more."""

    number: str
    name: str
    closed: bool = False


class Sites:
    """The sites of an organization, by number. ``closed`` are the numbers of those that are."""

    def __init__(self, sites: Iterable[Site] = ()) -> None:
        self.by_number: Mapping[str, Site] = {site.number: site for site in sites}
        self.closed = frozenset(number for number, site in self.by_number.items() if site.closed)


def parse_site_numbers(raw: object) -> tuple[str, ...]:
    """Distinct site numbers in the order sent, () when not set. Raises SI-09, SI-10 and SI-13.

    Takes text separated by commas, a list of such texts, or a whole number. Whether the sites
    exist is another question: ``find_site_faults``.
    """
    if is_unset(raw):
        return ()
    items = raw if isinstance(raw, (list, tuple)) else [raw]
    if len(items) > _EXAMINED_ENTRIES:
        raise _too_many(len(items))
    texts = [_entry_text(item) for item in items]
    entries = sum(text.count(",") + 1 for text in texts)
    if entries > _EXAMINED_ENTRIES:
        raise _too_many(entries)
    numbers: dict[str, None] = {}
    for text in texts:
        for number in map(str.strip, text.split(",")):
            if _has_other_separator(number):
                message = f"siteNumbers must be separated by commas; '{echo(text)}' uses another separator."
                raise RuleViolation("siteNumbers", message, "SI-09")
            if number:
                numbers[number] = None
    if len(numbers) > SITES_LIMIT:
        raise _too_many(len(numbers))
    return tuple(numbers)


def find_site_faults(numbers: Iterable[str], sites: Sites) -> list[RuleViolation]:
    """What is wrong with a list of site numbers: unknown ones (SI-06), closed ones (SI-08).

    A site of another organization is as unknown as one that does not exist.
    """
    unknown = [number for number in numbers if number not in sites.by_number]
    closed = find_closed(numbers, sites)
    faults = []
    if unknown:
        faults.append(RuleViolation("siteNumbers", _unknown_message(unknown, sites), "SI-06"))
    if closed:
        message = f"siteNumbers refers to closed sites: {echo_list(closed)}. Remove them in Okta."
        faults.append(RuleViolation("siteNumbers", message, "SI-08"))
    return faults


def find_closed(numbers: Iterable[str], sites: Sites) -> list[str]:
    """Those of the numbers whose site is closed."""
    return [number for number in numbers if number in sites.closed]


def _entry_text(item: object) -> str:
    if isinstance(item, str):
        return item.strip()
    text = "" if item is None else number_text(item)
    if text is None:
        raise RuleViolation(
            "siteNumbers",
            "siteNumbers must be a comma-delimited list of site numbers, for example '00101,00102'.",
            "SI-10",
        )
    return text


def _has_other_separator(number: str) -> bool:
    return bool(_DIGITS_AND_SEPARATORS.fullmatch(number)) and not _DIGITS.fullmatch(number)


def _unknown_message(unknown: Sequence[str], sites: Sites) -> str:
    message = f"siteNumbers not found in your organization: {echo_list(unknown)}. "
    meant = dict.fromkeys(padded for number in unknown if (padded := _padded(number)) in sites.by_number)
    open_sites = [number for number in meant if number not in sites.closed]
    if open_sites:
        message += f"Did you mean {echo_list(open_sites)}? Leading zeros are part of the number. "
    return message + "See Admin Home, Sites for the valid numbers."


def _padded(number: str) -> str:
    """The number with as many leading zeros as a site number has; as it is when it is none."""
    return number.lstrip("0").zfill(SITE_NUMBER_LENGTH) if _DIGITS.fullmatch(number) else number


def _too_many(count: int) -> RuleViolation:
    return RuleViolation("siteNumbers", f"siteNumbers lists {count} sites; the limit is {SITES_LIMIT}.", "SI-13")
