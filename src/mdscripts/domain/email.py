"""Email addresses, the list of a user's emails, and user names that may be addresses.

The grammar is a part of RFC 5321 that every mail system handles: no quoted local part, no
address literal, letters before the @ in ASCII. Whether mail arrives is not looked up, and
addresses such as ``dlee@corp.local`` are what Active Directory has, so they pass.
"""

import re
import unicodedata

import idna

from mdscripts.domain.booleans import parse_boolean
from mdscripts.domain.violations import RuleViolation
from mdscripts.domain.wording import echo, is_unset, parse_text

ADDRESS_LENGTH_LIMIT = 254
"""Longest email address or user name, in characters (RFC 5321 §4.5.3.1, erratum 1690)."""

EMAILS_LIMIT = 1000
"""Most emails of one user."""

DEFAULT_EMAIL_TYPE = "work"

_LOCAL_LENGTH_LIMIT = 64
_DOMAIN_LENGTH_LIMIT = 253
_TYPE_LENGTH_LIMIT = 256
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]+$){_LABEL}")
_EMAIL_TYPE = re.compile(r"[a-z][a-z0-9_.-]{0,31}")
_USER_NAME = re.compile(r"[A-Za-z0-9._'+-]+")


def parse_user_name(raw: object) -> str:
    """A user name as stored: an address with its domain in lower case, or a plain name.

    Raises UN-01, UN-02, UN-05, UN-14 and, for addresses, EM-03 and EM-05. It is ASCII, so that
    comparing it in lower case is safe.
    """
    text = parse_text(raw, "userName", "UN-02")
    if text is None:
        raise RuleViolation(
            "userName",
            "userName is required. In Okta set the application username format to Email.",
            "UN-01",
        )
    if "@" in text:
        return normalize_address(text, "userName")
    if len(text) > ADDRESS_LENGTH_LIMIT:
        raise RuleViolation(
            "userName",
            f"userName is {len(text)} characters long; the limit is {ADDRESS_LENGTH_LIMIT}.",
            "UN-14",
        )
    if not _USER_NAME.fullmatch(text):
        raise RuleViolation(
            "userName",
            f"userName '{echo(text)}' may contain only letters, digits and . _ ' + - (or be an email address).",
            "UN-05",
        )
    return text


def parse_email(raw: object) -> str | None:
    """A normalised address, None when not set. Raises EM-02, EM-03 and EM-05."""
    text = parse_text(raw, "email", "EM-02")
    return None if text is None else normalize_address(text, "email")


def normalize_address(text: str, attribute: str) -> str:
    """The address with its domain in lower-case ASCII, the local part as sent.

    Raises EM-03 and EM-05: a letter of another alphabet before the @ may only look right.
    """
    local, at, domain = text.rpartition("@")
    if len(text) > ADDRESS_LENGTH_LIMIT or not at:
        raise _not_an_address(text, attribute)
    if not local.isascii():
        raise _foreign_character(local, attribute)
    plain_domain = _ascii_domain(domain)
    if plain_domain is None or len(local) > _LOCAL_LENGTH_LIMIT or not _LOCAL.fullmatch(local):
        raise _not_an_address(text, attribute)
    address = f"{local}@{plain_domain}"
    if len(address) > ADDRESS_LENGTH_LIMIT:
        raise _not_an_address(text, attribute)
    return address


def parse_email_type(raw: object) -> str | None:
    """A short lower-case word, None when not set. Raises ET-03 and ET-04.

    RFC 7643 §4.1.2 names work, home and other, and does not close the list.
    """
    text = parse_text(raw, "emailType", "ET-04")
    if text is None:
        return None
    word = text.lower() if text.isascii() else ""
    if not _EMAIL_TYPE.fullmatch(word):
        raise _bad_type()
    return word


def arrange_emails(raw: object, default_type: str) -> tuple[list[dict[str, object]], list[RuleViolation]]:
    """The emails of a user, exactly one of them primary, and everything wrong with them.

    Entries without a value are left out (EM-12); the first becomes primary when none is (EM-09).
    The primary email has a type, ``default_type`` when it brings none; the others keep what
    they have. Faults are EM-02, EM-03, EM-05, EM-10, EM-15, BO-04, ET-03 and ET-04; with any of
    them the list is not fit to be stored.
    """
    listed = raw if isinstance(raw, (list, tuple)) else [raw]
    if len(listed) > EMAILS_LIMIT:
        message = f"email has {len(listed)} entries; the limit is {EMAILS_LIMIT}."
        return [], [RuleViolation("email", message, "EM-15")]
    emails: list[dict[str, object]] = []
    faults: list[RuleViolation] = []
    for entry in listed:
        fields = entry if isinstance(entry, dict) else {"value": entry}
        if not is_unset(fields.get("value")):
            emails.append(_parse_entry(fields, faults))
    if emails and not faults:
        _settle_primary(emails, default_type, faults)
    return emails, faults


def default_emails(user_name: object, email_type: str) -> list[dict[str, object]]:
    """The one email of a user who was sent without any: the user name, if it is an address (EM-08)."""
    if not isinstance(user_name, str) or "@" not in user_name:
        return []
    return [{"value": user_name, "type": email_type, "primary": True}]


def _parse_entry(fields: dict[str, object], faults: list[RuleViolation]) -> dict[str, object]:
    email = {name: value for name, value in fields.items() if not is_unset(value)}
    try:
        email["value"] = parse_email(fields["value"])
    except RuleViolation as fault:
        faults.append(fault)
    try:
        if "primary" in email:
            email["primary"] = parse_boolean(email["primary"], "emails.primary")
    except RuleViolation as fault:
        faults.append(RuleViolation("email", fault.message, fault.rule))
    try:
        _check_type(email.get("type"))
    except RuleViolation as fault:
        faults.append(fault)
    return email


def _check_type(raw: object) -> None:
    text = parse_text(raw, "emailType", "ET-04")
    if text is not None and (len(text) > _TYPE_LENGTH_LIMIT or not text.isprintable()):
        raise _bad_type()


def _settle_primary(emails: list[dict[str, object]], default_type: str, faults: list[RuleViolation]) -> None:
    primaries = [email for email in emails if email.get("primary") is True]
    if len(primaries) > 1:
        message = "Only one email can be primary. Check the Primary email mapping in Okta."
        faults.append(RuleViolation("email", message, "EM-10"))
        return
    primary = primaries[0] if primaries else emails[0]
    primary["primary"] = True
    try:
        primary["type"] = parse_email_type(primary.get("type")) or default_type
    except RuleViolation as fault:
        faults.append(fault)


def _ascii_domain(domain: str) -> str | None:
    try:
        if domain.isascii():
            plain = domain.lower()
            for label in plain.split("."):
                if label.startswith("xn--"):
                    idna.ulabel(label)
        else:
            plain = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except UnicodeError:
        return None
    return plain if len(plain) <= _DOMAIN_LENGTH_LIMIT and _DOMAIN.fullmatch(plain) else None


def _not_an_address(text: str, attribute: str) -> RuleViolation:
    return RuleViolation(attribute, f"{attribute} '{echo(text)}' is not a valid email address.", "EM-03")


def _foreign_character(local: str, attribute: str) -> RuleViolation:
    composed = unicodedata.normalize("NFC", local)
    character = next(character for character in composed if not character.isascii())
    name = unicodedata.name(character, "").title()
    described = f"U+{ord(character):04X} ({name})" if name else f"U+{ord(character):04X}"
    return RuleViolation(
        attribute,
        f"{attribute} contains the character {described}, which is not allowed before the @ sign. "
        "Retype it with plain letters.",
        "EM-05",
    )


def _bad_type() -> RuleViolation:
    return RuleViolation("emailType", "emailType must be a short word such as work, home or other.", "ET-03")
