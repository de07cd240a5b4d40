"""A refusal by the rules, taken apart so that each sentence stands beside its field.

The rules speak to administrators of Okta: they name attributes as Okta does and say what to do
there. Here somebody types into a form, so names become those of the form, and advice about Okta
is left out.
"""

import re

from mdscripts.scim.errors import ScimError

_FIELDS = {
    "userName": ("user_name", "User name"),
    "givenName": ("given_name", "First name"),
    "familyName": ("family_name", "Last name"),
    "email": ("email", "Email"),
    "emailType": ("email_type", "Email type"),
    "timezone": ("time_zone", "Time zone"),
    "role": ("role", "Role"),
    "siteNumbers": ("sites", "Sites"),
    "isProvider": ("is_provider", "Dispensing provider"),
    "isPhysicianAssistant": ("is_physician_assistant", "Physician assistant"),
    "npi": ("npi", "NPI"),
    "deaLicense": ("dea_license", "DEA license"),
    "active": ("active", "Active"),
}
"""Attribute as the rules name it -> field of the form and its label."""

_BY_RULE = {
    "UN": "userName",
    "EM": "email",
    "ET": "emailType",
    "TZ": "timezone",
    "RO": "role",
    "SI": "siteNumbers",
    "PF": "isProvider",
    "PA": "isPhysicianAssistant",
    "NPI": "npi",
    "DEA": "deaLicense",
    "BO": "active",
    "NM": "familyName",
}
_RULE = re.compile(r"\[([A-Z]{2,4})-[A-Z]?\d{1,2}\]$")
_NAME = re.compile(rf"\b({'|'.join(sorted(_FIELDS, key=len, reverse=True))})\b")
_SENTENCE = re.compile(r"(?<=[.?!]) +(?=[A-Z\[])")
WHOLE_FORM = ""
"""Where a sentence goes that belongs to no field."""


def faults_of(refusal: ScimError) -> dict[str, str]:
    """Field -> what is wrong with it."""
    faults: dict[str, str] = {}
    for message in _messages(refusal.detail):
        field, text = _placed(message)
        faults[field] = f"{faults[field]} {text}" if field in faults else text
    return faults


def _messages(detail: str) -> list[str]:
    """The parts of ``(1) … (2) …``; a number only counts where it is the next one."""
    if not detail.startswith("(1) "):
        return [detail]
    parts, rest, number = [], detail.removeprefix("(1) "), 2
    while True:
        part, found, behind = rest.partition(f" ({number}) ")
        parts.append(part)
        if not found:
            return parts
        rest, number = behind, number + 1


def _placed(message: str) -> tuple[str, str]:
    first = message.partition(" ")[0]
    rule = _RULE.search(message)
    attribute = first if first in _FIELDS else _BY_RULE.get(rule[1] if rule else "", "")
    field = _FIELDS[attribute][0] if attribute else WHOLE_FORM
    return field, _NAME.sub(_label, _for_this_form(message))


def _label(found: re.Match[str]) -> str:
    label = _FIELDS[found[1]][1]
    at_start = found.start() == 0
    return label if at_start or label.isupper() or label.startswith(("NPI", "DEA")) else label.lower()


def _for_this_form(message: str) -> str:
    """Without the sentences about Okta, unless nothing would be left."""
    sentences = _SENTENCE.split(message)
    kept = [each for each in sentences if "Okta" not in each]
    said = [each for each in kept if not each.startswith("[")]
    return " ".join(kept) if said else message
