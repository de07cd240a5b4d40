"""Counters of tolerances: they add up per token, and nobody sees another organization's."""

from mdscripts.app.ports import CredentialRecord, CredentialUse, InsertCredential, ToleranceUse
from tests.storage.conftest import EVENING, MORNING, NOON, Installation, Organization, new_id


def add_token(organization: Organization, key_id: str) -> None:
    token = CredentialRecord(
        key_id, organization.id, b"x" * 32, "Okta", "okta", "abcd", "{}", MORNING, "cli", None, None, None
    )
    organization.commit(InsertCredential(token))


def uses_of(organization: Organization, key_id: str) -> list[ToleranceUse]:
    return list(organization.run(organization.store.list_tolerance_uses(key_id)))


def test_counters_add_up_and_keep_the_last_time(installation: Installation) -> None:
    maple, key_id = installation.maple, new_id()
    add_token(maple, key_id)
    assert uses_of(maple, key_id) == []
    first = CredentialUse(maple.id, key_id, NOON, (("missing-schemas", 2), ("text-booleans", 1)))
    installation.run(installation.storage.record_use([first]))
    installation.run(
        installation.storage.record_use([CredentialUse(maple.id, key_id, EVENING, (("text-booleans", 5),))])
    )
    assert uses_of(maple, key_id) == [
        ToleranceUse("missing-schemas", 2, NOON),
        ToleranceUse("text-booleans", 6, EVENING),
    ]


def test_counters_belong_to_one_token_of_one_organization(installation: Installation) -> None:
    maple, oak = installation.maple, installation.oak
    key_id, other = new_id(), new_id()
    add_token(maple, key_id)
    add_token(maple, other)
    installation.run(installation.storage.record_use([CredentialUse(maple.id, key_id, NOON, (("bare-token", 1),))]))
    assert uses_of(maple, other) == []
    assert uses_of(oak, key_id) == []
    assert uses_of(maple, "no such token") == []
    assert uses_of(maple, "\ud800") == []
