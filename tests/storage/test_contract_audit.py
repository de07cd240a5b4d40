"""What every storage promises about reading the audit newest first, and about rosters."""

from mdscripts.app.ports import AuditFact, Facts, IndexedValue, Query
from mdscripts.app.ports.audit import AuditQuery
from mdscripts.app.roster_filter import RosterQuestion, filter_of

from .conftest import Installation, Organization, fact, user_row


def record(organization: Organization, *facts: AuditFact) -> list[str]:
    organization.commit(facts=Facts(facts))
    return [each.id for each in facts]


def read(installation: Installation, **query: object) -> tuple[list[str], bool]:
    asked = AuditQuery(**query)  # type: ignore[arg-type]
    page = installation.run(installation.storage.audit.list(installation.maple.id, asked))
    return [each.id for each in page.facts], page.has_more


def test_entries_are_read_newest_first_and_in_pages(installation: Installation) -> None:
    ids = record(installation.maple, *(fact() for _ in range(5)))[::-1]
    record(installation.oak, fact())
    assert read(installation, count=2) == (ids[:2], True)
    assert read(installation, count=2, older_than=ids[1]) == (ids[2:4], True)
    assert read(installation, count=2, older_than=ids[3]) == (ids[4:], False)
    assert read(installation, count=2, newer_than=ids[4]) == (ids[2:4], True)
    assert read(installation, count=9, newer_than=ids[1]) == (ids[:1], False)


def test_each_condition_leaves_what_it_says(installation: Installation) -> None:
    facts = {
        "person": fact(actor="user:1", client="local", target_id="t1", target_name="Ada", action="user.updated"),
        "console": fact(actor="cli", client="local", action="site.created", changes="[]"),
        "scim": fact(actor="token:k", client="okta", target_id="t1", outcome="refused"),
    }
    record(installation.maple, *facts.values())

    def found(**query: object) -> set[str]:
        ids, _ = read(installation, **query)
        return {name for name, each in facts.items() if each.id in ids}

    assert found(target_id="t1") == {"person", "scim"}
    assert found(target="Ada") == {"person"}
    assert found(target="t1", outcome="refused") == {"scim"}
    assert found(actor="user:1") == {"person"}
    assert found(actor="token:k") == {"scim"}
    assert found(through="admin") == {"person"}
    assert found(through="console") == {"console"}
    assert found(through="scim") == {"scim"}
    assert found(action="site.created") == {"console"}
    assert found(changes_only=True) == {"person", "scim"}
    assert found(target_id="\0") == set()


def test_a_period_is_a_range_of_ids(installation: Installation) -> None:
    morning = fact(id="01ab0000-0000-7000-8000-000000000000")
    record(installation.maple, morning)
    assert read(installation, since="2020-01-01T00:00:00.000Z")[0] == [morning.id]
    assert read(installation, until="2020-01-01T00:00:00.000Z")[0] == []


def test_an_entry_is_found_in_its_organization_only(installation: Installation) -> None:
    (entry_id,) = record(installation.maple, fact())
    audit = installation.storage.audit
    found = installation.run(audit.find(installation.maple.id, entry_id))
    assert found is not None
    assert found.rules == ("UN-01",)
    assert installation.run(audit.find(installation.oak.id, entry_id)) is None
    assert installation.run(audit.find(installation.maple.id, "\0")) is None


def test_people_are_called_as_lists_show_them(installation: Installation) -> None:
    ada = installation.maple.add_user("ada", display="Ada L.")
    audit = installation.storage.audit
    assert installation.run(audit.displayed(installation.maple.id, [ada.id, "x"])) == {ada.id: "Ada L."}
    assert installation.run(audit.displayed(installation.oak.id, [ada.id])) == {}


def test_sites_and_management_narrow_lists(installation: Installation) -> None:
    maple = installation.maple
    local = maple.add_user("local", IndexedValue("site", "", "00101"), provenance="[]")
    okta = maple.add_user("okta", IndexedValue("site", "", "00102"), provenance='["username"]')

    def listed(**question: object) -> list[str]:
        tree = filter_of(RosterQuestion(**question), "sw", ())  # type: ignore[arg-type]
        return [each.id for each in maple.list_users(Query(10, filter=tree)).records]

    assert listed(site="00101") == [local.id]
    assert listed(site="0010") == []
    assert listed(managed=True) == [okta.id]
    assert listed(managed=False) == [local.id]
    assert listed(managed=False, site="00102") == []
    assert installation.run(installation.storage.roster.people_by_site(maple.id)) == {"00101": 1, "00102": 1}


def test_members_come_in_pages(installation: Installation) -> None:
    maple, roster = installation.maple, installation.storage.roster
    ids = maple.add_users(*(user_row(f"member {number}") for number in range(5)))
    group = maple.add_group("Readers", *ids)

    def page(organization: Organization = maple, **place: str) -> tuple[list[str], bool]:
        found = installation.run(roster.list_members(organization.id, group.id, count=2, **place))
        return [each.id for each in found.records], found.has_more

    assert page() == (ids[:2], True)
    assert page(after=ids[1]) == (ids[2:4], True)
    assert page(after=ids[3]) == (ids[4:], False)
    assert page(before=ids[2]) == (ids[:2], False)
    assert page(installation.oak) == ([], False)
    assert installation.run(roster.member_counts(maple.id, [group.id])) == {group.id: 5}
