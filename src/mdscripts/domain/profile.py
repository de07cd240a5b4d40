"""A user's profile judged as a whole: every violation at once, and the values to store.

The rules read each other's attributes: a provider needs an NPI and a name without numbers; for
everybody else the provider attributes do not apply. ``review`` is the only place that knows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mdscripts.domain.booleans import parse_boolean
from mdscripts.domain.email import (
    DEFAULT_EMAIL_TYPE,
    arrange_emails,
    default_emails,
    parse_email_type,
    parse_user_name,
)
from mdscripts.domain.identifiers import BUSINESS, DeaNumber, parse_dea_license, require_npi
from mdscripts.domain.names import check_provider_name, mixes_scripts, parse_name, word_initials
from mdscripts.domain.roles import ASSISTANT, parse_role
from mdscripts.domain.sites import Sites, find_closed, find_site_faults, parse_site_numbers
from mdscripts.domain.time_zones import is_fixed_offset, parse_time_zone
from mdscripts.domain.violations import RuleViolation, Violation, Warning, render_detail
from mdscripts.domain.wording import echo, echo_list, is_unset

__all__ = ["PROFILE_ATTRIBUTES", "Review", "Violation", "Warning", "render_detail", "review"]

PROFILE_ATTRIBUTES: dict[str, str] = {
    "user_name": "userName",
    "is_provider": "isProvider",
    "active": "active",
    "given_name": "givenName",
    "family_name": "familyName",
    "is_physician_assistant": "isPhysicianAssistant",
    "npi": "npi",
    "dea_license": "deaLicense",
    "role": "role",
    "time_zone": "timezone",
    "site_numbers": "siteNumbers",
    "email_type": "emailType",
    "emails": "email",
}
"""Profile key -> attribute name as the Okta administrator knows it, in the order of violations."""

_ORDER = {attribute: position for position, attribute in enumerate(PROFILE_ATTRIBUTES.values())}
_NAME_KEYS = ("given_name", "family_name")
_PROVIDER_KEYS = ("is_physician_assistant", "npi", "dea_license")
_DEFAULTS: dict[str, object] = {
    **dict.fromkeys(PROFILE_ATTRIBUTES),
    "is_provider": False,
    "active": True,
    "role": ASSISTANT,
    "site_numbers": (),
    "email_type": DEFAULT_EMAIL_TYPE,
}


@dataclass(frozen=True, slots=True)
class Review:
    """What the rules say about a profile.

    ``values`` has every key of ``PROFILE_ATTRIBUTES``, normalised: None for not set, True or
    False for ``active`` and ``is_provider``, a tuple of texts for ``site_numbers``, a list of
    dicts or None for ``emails``. ``email_type`` is the type of the primary email.
    ``is_physician_assistant`` is None unless the user is a provider. Where an attribute breaks a
    rule its value is the current one. ``ignored`` names the attributes that carried a value and
    do not apply because the user is no provider.
    """

    values: dict[str, object]
    violations: tuple[Violation, ...]
    warnings: tuple[Warning, ...]
    ignored: tuple[str, ...]


def review(
    raw: Mapping[str, object],
    *,
    changed: frozenset[str],
    current: Mapping[str, object],
    sites: Sites,
) -> Review:
    """Judge the profile that a request asks for; never raises, whatever JSON ``raw`` holds.

    ``raw`` is the whole candidate, ``changed`` the keys whose value the request changes: on
    creation all of them. ``current`` is what is stored, as an earlier review returned it; empty
    on creation. A rule is evaluated only if it reads a changed key, and every rule is when an
    inactive user becomes active (LC-04). ``sites`` are all sites of the organization.
    """
    examination = _Examination(raw, changed, current)
    _judge_active(examination)
    _judge_user_name(examination)
    provider = _judge_provider_flag(examination)
    for key in _NAME_KEYS:
        _judge_name(examination, key, provider)
    ignored = _judge_provider_attributes(examination, provider)
    _judge_role_and_zone(examination)
    _judge_sites(examination, sites)
    _judge_emails(examination)
    return Review(
        examination.values,
        tuple(dict.fromkeys(sorted(examination.violations, key=_position))),
        tuple(examination.warnings),
        ignored,
    )


def _position(violation: Violation) -> int:
    return _ORDER[violation.attribute]


class _Examination:
    """One review in progress: what was sent, what is stored, what was found so far."""

    def __init__(self, raw: Mapping[str, object], changed: frozenset[str], current: Mapping[str, object]) -> None:
        self.raw = raw
        self.changed = changed
        self.current = current
        self.everything = False
        self.values = _stored_values(current)
        self.violations: list[Violation] = []
        self.warnings: list[Warning] = []

    def concerns(self, *keys: str) -> bool:
        """Whether a rule that reads these keys is to be evaluated."""
        return self.everything or not self.changed.isdisjoint(keys)

    def candidate(self, key: str) -> object:
        """The value to judge: the one sent if the request changes it, else the stored one."""
        return self.raw.get(key) if key in self.changed else self.current.get(key)

    def settle(self, key: str, parse: Callable[[object], object]) -> bool:
        """Store the parsed candidate; on a violation record it, keep what is, and return False."""
        try:
            self.values[key] = parse(self.candidate(key))
        except RuleViolation as fault:
            self.refuse(fault)
            return False
        return True

    def refuse(self, *faults: RuleViolation) -> None:
        """Record violations."""
        self.violations.extend(map(Violation.of, faults))

    def warn(self, warning_id: str, key: str, message: str) -> None:
        """Record a warning."""
        self.warnings.append(Warning(warning_id, PROFILE_ATTRIBUTES[key], message))


def _stored_values(current: Mapping[str, object]) -> dict[str, object]:
    values = dict(_DEFAULTS)
    values.update((key, current[key]) for key in values if current.get(key) is not None)
    return values


def _judge_active(examination: _Examination) -> None:
    """Absent means unchanged, and active on creation (BO-03, LC-08)."""
    if not examination.concerns("active"):
        return
    was_active = examination.values["active"]

    def parse(raw: object) -> object:
        active = parse_boolean(raw, "active")
        return was_active if active is None else active

    if examination.settle("active", parse):
        examination.everything = examination.values["active"] is True and was_active is False


def _judge_user_name(examination: _Examination) -> None:
    if not examination.concerns("user_name") or not examination.settle("user_name", parse_user_name):
        return
    user_name = str(examination.values["user_name"])
    if "@" not in user_name:
        examination.warn("W-UN1", "user_name", f"userName '{echo(user_name)}' is not an email address.")


def _judge_provider_flag(examination: _Examination) -> bool | None:
    """Whether the user is to be a provider; None when the flag cannot be read (PF-06)."""
    if examination.concerns("is_provider") and not examination.settle(
        "is_provider", lambda raw: parse_boolean(raw, "isProvider") is True
    ):
        return None
    return examination.values["is_provider"] is True


def _judge_name(examination: _Examination, key: str, provider: bool | None) -> None:
    attribute = PROFILE_ATTRIBUTES[key]
    stored = examination.values[key]
    if examination.concerns(key):
        if not examination.settle(key, lambda raw: parse_name(raw, attribute)):
            return
        if mixes_scripts(str(examination.values[key] or "")):
            message = f"{attribute} has a word with both Latin and Cyrillic letters, which look alike."
            examination.warn("W-NM1", key, message)
    if provider and examination.concerns(key, "is_provider"):
        name = examination.values[key]
        try:
            check_provider_name(name if isinstance(name, str) else None, attribute)
        except RuleViolation as fault:
            examination.refuse(fault)
            examination.values[key] = stored


def _judge_provider_attributes(examination: _Examination, provider: bool | None) -> tuple[str, ...]:
    """Evaluate them for a provider, clear them for anybody else (PF-01 to PF-06)."""
    if provider is None:
        return ()
    if not provider:
        if not examination.concerns("is_provider", *_PROVIDER_KEYS):
            return ()
        examination.values.update(dict.fromkeys(_PROVIDER_KEYS))
        return tuple(PROFILE_ATTRIBUTES[key] for key in _PROVIDER_KEYS if _says_something(examination.raw.get(key)))
    if examination.concerns("is_physician_assistant", "is_provider"):
        examination.values["is_physician_assistant"] = examination.values["is_physician_assistant"] is True
        examination.settle("is_physician_assistant", lambda raw: parse_boolean(raw, "isPhysicianAssistant") is True)
    if examination.concerns("npi", "is_provider"):
        examination.settle("npi", require_npi)
    _judge_dea_license(examination)
    return ()


def _says_something(raw: object) -> bool:
    """Whether ignoring the value is worth telling: a readable false is what a non-provider is."""
    if is_unset(raw):
        return False
    try:
        return parse_boolean(raw, "") is not False
    except RuleViolation:
        return True


def _judge_dea_license(examination: _Examination) -> None:
    """The number itself, and whether it fits the person (W-DEA1, W-DEA2)."""
    read = ("dea_license", "is_provider")
    if not examination.concerns(*read, "family_name", "is_physician_assistant"):
        return
    try:
        number = parse_dea_license(examination.candidate("dea_license"))
    except RuleViolation as fault:
        if examination.concerns(*read):
            examination.refuse(fault)
        return
    examination.values["dea_license"] = None if number is None else number.text
    if number is not None and number.suffix is None:
        _compare_with_holder(examination, number)


def _compare_with_holder(examination: _Examination, number: DeaNumber) -> None:
    letter = number.registration[1]
    initials = word_initials(str(examination.values["family_name"] or ""))
    if letter != BUSINESS and initials and letter not in initials:
        message = (
            f"The second letter of deaLicense {number.masked} is not the first letter of familyName "
            f"'{echo(str(examination.values['family_name']))}'."
        )
        examination.warn("W-DEA1", "dea_license", message)
    if examination.values["is_physician_assistant"] is True and not number.is_mid_level:
        message = f"deaLicense {number.masked}: physician assistants normally hold numbers that start with M."
        examination.warn("W-DEA2", "dea_license", message)


def _judge_role_and_zone(examination: _Examination) -> None:
    if examination.concerns("role"):
        examination.settle("role", parse_role)
    if examination.concerns("time_zone") and examination.settle("time_zone", parse_time_zone):
        zone = examination.values["time_zone"]
        if isinstance(zone, str) and is_fixed_offset(zone):
            message = f"timezone '{zone}' is a fixed offset: there is no daylight saving time in it."
            examination.warn("W-TZ1", "time_zone", message)


def _judge_sites(examination: _Examination, sites: Sites) -> None:
    stored = examination.values["site_numbers"]
    numbers = tuple(stored) if isinstance(stored, (list, tuple)) else ()
    if examination.concerns("site_numbers"):
        try:
            wanted = parse_site_numbers(examination.candidate("site_numbers"))
            faults = find_site_faults(wanted, sites)
        except RuleViolation as fault:
            faults = [fault]
        if faults:
            examination.refuse(*faults)
        else:
            numbers = wanted
            if not numbers:
                examination.warn("W-SI1", "site_numbers", "The user has no site.")
    examination.values["site_numbers"] = numbers
    closed = find_closed(numbers, sites) if numbers else []
    if closed:
        message = f"The user's sites include closed ones: {echo_list(closed)}. They give no access."
        examination.warn("W-SI2", "site_numbers", message)


def _judge_emails(examination: _Examination) -> None:
    """Emails, their types, and the user name in place of an absent email (EM-08 to EM-12, ET-06)."""
    stored = examination.values["emails"]
    derived = examination.concerns("user_name") and not stored
    if not derived and not examination.concerns("emails", "email_type"):
        return
    email_type = _judge_email_type(examination)
    emails, faults = arrange_emails(examination.candidate("emails"), email_type)
    if faults:
        examination.refuse(*faults)
        return
    emails = emails or default_emails(examination.values["user_name"], email_type)
    primary = next((email for email in emails if email.get("primary") is True), None)
    examination.values["emails"] = emails or None
    examination.values["email_type"] = email_type if primary is None else primary["type"]


def _judge_email_type(examination: _Examination) -> str:
    """The type for a primary email that brings none."""
    try:
        return parse_email_type(examination.candidate("email_type")) or DEFAULT_EMAIL_TYPE
    except RuleViolation as fault:
        examination.refuse(fault)
        return str(examination.values["email_type"])
