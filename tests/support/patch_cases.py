"""Reading and judging the tables of PATCH cases in ``tests/scim/data/patch_*.json``.

A case has ``title``, ``rfc``, ``client``, ``resource``, ``operations`` (or a whole ``body``) and
what comes of it: ``expect`` or ``error``. ``resource`` and ``expect`` leave out what every user of
the tables has: ``schemas``, ``id`` and ``userName`` (null in ``expect`` where it is gone).
Optional: ``on``/``off`` (tolerances), ``touched``, ``fired``, ``ignored``, ``repeat`` (a long value).
``{{core}}``, ``{{ent}}``, ``{{clinic}}``, ``{{alias}}`` and ``{{group}}`` stand for URNs.
"""

import copy
import json
from pathlib import Path

import pytest

from mdscripts.scim.core_schemas import ENTERPRISE_USER_URN, GROUP_URN, USER_URN
from mdscripts.scim.errors import ScimError
from mdscripts.scim.patch import PATCH_SCHEMA, apply, parse_operations
from mdscripts.scim.tolerances import Tolerated, defaults
from tests.support.scim_schemas import ALIAS_URN, CLINIC_URN, USER_TYPE

DATA = Path(__file__).parents[1] / "scim" / "data"

_URNS = {
    "core": USER_URN,
    "ent": ENTERPRISE_USER_URN,
    "clinic": CLINIC_URN,
    "alias": ALIAS_URN,
    "group": GROUP_URN,
}

Case = dict[str, object]


def load_cases(name: str) -> list[object]:
    """The cases of one table as pytest parameters, named by their titles."""
    text = (DATA / name).read_text(encoding="utf-8")
    for short, urn in _URNS.items():
        text = text.replace("{{" + short + "}}", urn)
    return [pytest.param(_repeated(case), id=case["title"]) for case in json.loads(text)]


def _repeated(case: dict[str, object]) -> dict[str, object]:
    """The case with its long value written out."""
    repeat = case.pop("repeat", None)
    if isinstance(repeat, dict):
        (pattern,) = repeat["value"]
        values = [
            {name: text.replace("#", str(number)) for name, text in pattern.items()}
            for number in range(repeat["times"])
        ]
        operations = json.loads(json.dumps(case["operations"]).replace('"REPEAT"', json.dumps(values)))
        case["operations"] = operations
    return case


def tolerated_by(case: Case) -> Tolerated:
    """The tolerances of the case's connection, with the alias URN of the tables declared."""
    switches = dict.fromkeys(case.get("on", []), True) | dict.fromkeys(case.get("off", []), False)
    return Tolerated(defaults(str(case["client"]), switches), {ALIAS_URN.lower(): CLINIC_URN})


def user(attributes: object) -> dict[str, object]:
    """A canonical user with the attributes of a case."""
    assert isinstance(attributes, dict)
    everybody = {"id": "2819c223", "userName": "bjensen"}
    present = {name: value for name, value in (everybody | attributes).items() if value is not None}
    extensions = [urn for urn in (ENTERPRISE_USER_URN, CLINIC_URN) if urn in present]
    return {"schemas": [USER_URN, *extensions], **present}


def body_of(case: Case) -> object:
    """The request body of a case."""
    return case["body"] if "body" in case else {"schemas": [PATCH_SCHEMA], "Operations": case["operations"]}


def check(case: Case) -> None:
    """Apply the operations of the case and compare everything it says about the outcome."""
    tolerated = tolerated_by(case)
    before = user(case["resource"])
    untouched = copy.deepcopy(before)
    if "error" in case:
        with pytest.raises(ScimError) as refusal:
            apply(before, parse_operations(body_of(case), tolerated), USER_TYPE, tolerated)
        check_refusal(refusal.value, case["error"])
    else:
        patched = apply(before, parse_operations(body_of(case), tolerated), USER_TYPE, tolerated)
        expected = user(case["expect"])
        # Text distinguishes 1 from true, and shows the order of sub-attributes.
        assert _text(patched.resource) == _text(expected)
        if "touched" in case:
            assert patched.touched == {key.lower() for key in case["touched"]}
    assert before == untouched
    if "fired" in case:
        assert sorted(tolerated.fired) == case["fired"]
    if "ignored" in case:
        assert tolerated.ignored == case["ignored"]


def check_refusal(refusal: ScimError, expected: object) -> None:
    """Compare a refusal with ``{"scimType", "detail", "status"}``; ``detail`` may be a part."""
    assert isinstance(expected, dict)
    assert refusal.status == expected.get("status", 400)
    if "scimType" in expected:
        assert refusal.scim_type == expected["scimType"]
    assert expected.get("detail", "") in refusal.detail


def _text(resource: dict[str, object]) -> str:
    ordered = {name: resource[name] for name in sorted(resource)}
    return json.dumps({name: _sorted_extension(name, value) for name, value in ordered.items()}, indent=1)


def _sorted_extension(name: str, value: object) -> object:
    return dict(sorted(value.items())) if name.startswith("urn:") and isinstance(value, dict) else value
