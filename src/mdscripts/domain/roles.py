"""The two roles of a user: Assistant, which is the default, and Manager."""

from mdscripts.domain.violations import RuleViolation
from mdscripts.domain.wording import echo, parse_text

ASSISTANT = "Assistant"
MANAGER = "Manager"
_ROLES = {role.lower(): role for role in (ASSISTANT, MANAGER)}


def parse_role(raw: object) -> str:
    """``Assistant`` or ``Manager``, Assistant when not set. Raises RO-04 and RO-05.

    A list of one is accepted: Okta attributes with group priority arrive as arrays.
    """
    if isinstance(raw, list) and len(raw) == 1:
        raw = raw[0]
    text = parse_text(raw, "role", "RO-05")
    if text is None:
        return ASSISTANT
    folded = text.lower() if text.isascii() else text
    role = _ROLES.get(folded)
    if role is not None:
        return role
    message = f"role '{echo(text)}' is not known. Use {ASSISTANT} or {MANAGER}."
    if folded == "provider":
        message += " To mark a dispensing provider use isProvider."
    raise RuleViolation("role", message, "RO-04")
