"""How entries of the audit are shown: what must not be read in them is hidden."""

import json

import pytest

from mdscripts.app.audit.words import LABELS, masked_changes
from mdscripts.app.call import Happening
from mdscripts.app.mapping import PATHS
from mdscripts.app.okta_profile import ATTRIBUTES
from mdscripts.app.schemas import MDSCRIPTS_USER
from tests.app.conftest import Office


def test_a_token_that_somebody_pasted_into_a_value_is_not_shown(office: Office) -> None:
    token = "mds_scim_BPtfsIjhDMQw_uB4M2PYkdkBmrowWA4j5bBVI1kbGiw5SqFgdhbBc8RD3PyLHk"
    changes = ({"attribute": "title", "old": f"was {token}", "new": [token]},)
    happened = Happening("user.updated", "User", "1", "ann", 200, changes)
    shown = json.dumps(masked_changes(office.scribe.fact(office.call(), happened, "2026-11-24T09:00:00.000Z")))
    assert "was mds_scim_" in shown
    assert token[9:] not in shown


@pytest.mark.parametrize("path", PATHS.values())
def test_everything_the_rules_speak_of_has_words_for_people(path: str) -> None:
    assert path in LABELS


def test_every_attribute_of_ours_is_in_the_profile_for_okta() -> None:
    assert {attribute.name for attribute in MDSCRIPTS_USER.attributes} <= {each.variable for each in ATTRIBUTES}
