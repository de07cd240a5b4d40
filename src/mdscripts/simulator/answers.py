"""What an identity provider must find in an answer to go on (RFC 7644 §3.4.2, §3.12)."""

from collections.abc import Iterable

from mdscripts.simulator.http import Answer

LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def resources_in(answer: Answer) -> list[dict[str, object]]:
    """The resources of a ListResponse; empty when there is no usable list."""
    found = answer.resource.get("Resources")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def total_in(answer: Answer) -> int:
    """``totalResults``, or -1 when it is missing or not a whole number."""
    total = answer.resource.get("totalResults")
    return total if type(total) is int else -1


def list_problems(answer: Answer) -> list[str]:
    """What is wrong with a ListResponse; empty when nothing is (RFC 7644 §3.4.2)."""
    body = answer.resource
    problems = _schema_problems(body, LIST_RESPONSE)
    problems += [
        f"{name} is not a whole number"
        for name in ("totalResults", "startIndex", "itemsPerPage")
        if type(body.get(name)) is not int
    ]
    if not isinstance(body.get("Resources"), list):
        problems.append("Resources is not a list")
    elif body.get("itemsPerPage") != len(resources_in(answer)):
        problems.append(f"itemsPerPage is {body.get('itemsPerPage')}, returned {len(resources_in(answer))}")
    return problems + _media_type_problems(answer)


def error_problems(answer: Answer) -> list[str]:
    """What keeps Okta from showing the refusal; empty when nothing does (RFC 7644 §3.12)."""
    body = answer.resource
    problems = _schema_problems(body, ERROR) + _media_type_problems(answer)
    if body.get("status") != str(answer.status):
        problems.append(f"status is {body.get('status')!r} instead of the text '{answer.status}'")
    if not isinstance(body.get("detail"), str) or not body["detail"]:
        problems.append("detail does not say what is wrong")
    return problems


def resource_problems(answer: Answer, resource_type: str) -> list[str]:
    """What is wrong with a returned User or Group; empty when nothing is (RFC 7643 §3.1)."""
    body = answer.resource
    problems = _media_type_problems(answer)
    if not isinstance(body.get("id"), str) or not body["id"]:
        problems.append("the answer has no id")
    meta = body.get("meta")
    if not isinstance(meta, dict) or meta.get("resourceType") != resource_type:
        problems.append(f"meta.resourceType is not {resource_type}")
    elif not meta.get("location"):
        problems.append("meta.location is missing")
    if "password" in body:
        problems.append("the answer contains a password")
    return problems


def counted(number: int, thing: str) -> str:
    """ "1 user", "2,000 users"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def sentence(parts: Iterable[str]) -> str:
    """Problems joined to one sentence."""
    return "; ".join(parts) + "."


def _schema_problems(body: dict[str, object], urn: str) -> list[str]:
    schemas = body.get("schemas")
    return [] if isinstance(schemas, list) and urn in schemas else [f"schemas does not name {urn}"]


def _media_type_problems(answer: Answer) -> list[str]:
    media_type = answer.headers.get("content-type", "")
    if media_type.split(";")[0].strip() == "application/scim+json":
        return []
    return [f"the content type is {media_type or 'missing'} instead of application/scim+json"]
