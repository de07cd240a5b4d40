"""Laws that hold for every input (domain rules, P4 to P8), on generated bodies and a real database."""

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdscripts.scim.errors import ScimError

from .conftest import EXT, Office, provider

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        ["True", "False", "", " ", "US/Eastern", "00101", "Manager", "1234567893", "\x00", "a@b.example"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
core_names = st.sampled_from(
    (
        *("userName", "name", "emails", "title", "displayName", "timezone", "roles", "addresses", "groups"),
        *("id", "meta", "externalId", "phoneNumbers", "entitlements", "schemas", "password", "x", "NICKNAME", "active"),
    )
)
ext_names = st.sampled_from(
    ["isProvider", "npi", "deaLicense", "role", "siteNumbers", "emailType", "isPhysicianAssistant", "timezone", "zz"]
)
bodies = st.builds(
    lambda core, ext: {**core, **({EXT: ext} if ext else {})},
    st.dictionaries(core_names, json_values, max_size=5),
    st.dictionaries(ext_names, json_values, max_size=4),
)
steps = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "replace", "remove", "Replace", "bogus"])},
        optional={
            "path": core_names | ext_names.map(lambda name: f"{EXT}:{name}") | st.text(max_size=20),
            "value": json_values,
        },
    ),
    max_size=3,
)
quick = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def state(office: Office) -> Any:
    store = office.storage.for_organization(office.sunrise)
    from mdscripts.app.ports import Query

    page = office.run(store.list_users(Query(count=1000)))
    return page.total, [(record.id, record.version, record.body, record.provenance) for record in page.records]


@quick
@given(body=bodies)
def test_a_refused_write_leaves_nothing_behind(sqlite_office: Office, body: dict[str, Any]) -> None:
    office = sqlite_office
    before, facts = state(office), len(office.facts())
    refusal = None
    try:
        office.create({**body, "active": True})
    except ScimError as raised:
        refusal = raised
    if refusal is not None:
        assert 400 <= refusal.status < 500
        assert len(refusal.detail) <= 1_100
        assert state(office) == before
        assert len(office.facts()) == facts


@quick
@given(body=bodies, spelling=st.sampled_from([False, "False", " FALSE "]))
def test_a_put_that_says_inactive_always_ends_inactive(
    sqlite_office: Office, body: dict[str, Any], spelling: object
) -> None:
    office = sqlite_office
    user = office.create(provider(office.scribe.ids.new()))
    assert office.put(user, {**body, "active": spelling}).active is False


@quick
@given(body=bodies, client=st.sampled_from(["okta", "generic", "strict"]))
def test_a_put_that_says_inactive_always_applies_a_valid_value(
    sqlite_office: Office, body: dict[str, Any], client: str
) -> None:
    office = sqlite_office
    user = office.create(provider(office.scribe.ids.new()))
    ended = office.put(user, {**body, "active": False, "userType": "Former"}, client)
    assert (ended.active, office.read(user)["userType"]) == (False, "Former")


@quick
@given(operations=steps, spelling=st.sampled_from([False, "False", "false"]), pathless=st.booleans())
def test_a_patch_that_says_inactive_always_ends_inactive(
    sqlite_office: Office, operations: list[dict[str, Any]], spelling: object, pathless: bool
) -> None:
    office = sqlite_office
    user = office.create(provider(office.scribe.ids.new()))
    last = {"op": "replace", "value": {"active": spelling}}
    if not pathless:
        last = {"op": "replace", "path": "active", "value": spelling}
    assert office.patch(user, *operations, last, client="generic").active is False


@quick
@given(body=bodies)
def test_a_put_of_what_was_read_changes_nothing(sqlite_office: Office, body: dict[str, Any]) -> None:
    office = sqlite_office
    try:
        user = office.create({**provider(office.scribe.ids.new()), **body})
    except ScimError:
        return
    shown = office.read(user)
    for client in ("okta", "generic"):
        office.put(user, shown, client)
        assert office.read(user) == shown


@quick
@given(data=st.data())
def test_neither_the_order_of_keys_nor_the_case_of_names_matters(sqlite_office: Office, data: st.DataObject) -> None:
    office = sqlite_office
    body = provider(office.scribe.ids.new(), timezone="US/Eastern")
    keys = data.draw(st.permutations(list(body)))
    shuffled = {data.draw(st.sampled_from([key, key.upper(), key.lower()])): body[key] for key in keys}
    first = office.create(body)
    shown = office.read(first)
    office.put(first, shuffled)
    assert office.read(first) == shown


@pytest.mark.parametrize("client", ["okta", "entra", "generic"])
def test_messages_never_hold_a_full_dea_number_or_foreign_data(sqlite_office: Office, client: str) -> None:
    office = sqlite_office
    office.run(
        office.directory.create(
            office.call(client, organization=office.other), provider("secret", ext={"siteNumbers": "55555"})
        )
    )
    with pytest.raises(ScimError) as refused:
        office.create(provider("secret", ext={"deaLicense": "AB1234567", "siteNumbers": "55555,99999"}), client)
    assert "AB1234567" not in refused.value.detail
    assert "55555, 99999" in refused.value.detail
    assert orjson.dumps(refused.value.to_body())
