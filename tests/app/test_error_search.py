"""Finding what a message of ours means: by its id, by words, by the whole text that Okta shows."""

import time

import pytest

from mdscripts.app.error_messages import catalogue as error_catalogue
from mdscripts.app.error_messages.areas import AREAS
from mdscripts.app.error_messages.catalogue import ENTRIES, PROTOCOL
from mdscripts.app.error_messages.entries import STATUS_WORDS, Entry
from mdscripts.app.error_messages.search import NEAREST_MAX, mentioned, search

IN_OKTA = (
    "Automatic provisioning of user Dana Lee to app MDScripts failed: Error while creating user dana.lee: "
    "Bad Request. Errors reported by remote server: "
)


def ids(text: str) -> list[str]:
    return [entry.id for entry in search(text)]


def test_every_entry_is_in_one_area() -> None:
    listed = [entry.id for area in AREAS for entry in area.entries]
    assert sorted(listed) == sorted(entry.id for entry in ENTRIES)
    assert all(area.entries for area in AREAS)
    anchors = [*listed, *(area.id for area in AREAS)]
    assert len(anchors) == len(set(anchors))


def test_every_status_has_the_words_okta_shows() -> None:
    assert {entry.status for entry in ENTRIES} - {None} == {*STATUS_WORDS}


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry not in PROTOCOL], ids=lambda entry: entry.id)
def test_an_id_finds_its_entry_however_it_is_written(entry: Entry) -> None:
    for text in (entry.id, entry.id.lower(), f" [{entry.id}] ", f"{IN_OKTA}something. [{entry.id}]"):
        assert ids(text) == [entry.id]


def test_several_ids_find_them_all_and_no_others() -> None:
    text = f"{IN_OKTA}(1) givenName 'D4' … [NM-10] (2) npi '1' … [NPI-05] and 3 more"
    assert ids(text) == ["NM-10", "NPI-05"]
    assert [entry.id for entry in mentioned("nothing here: XX-01, NPI-0512, XNPI-05")] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_pasted_message_without_its_id_finds_its_entry(entry: Entry) -> None:
    for template in entry.messages:
        if len(template.replace("…", "")) < 25 or "[" in template:
            continue  # too general to be known, or decided by the id in it
        # Several entries may word a refusal alike (the data type of an attribute); one of them is found.
        twins = {each.id for each in ENTRIES if template in each.messages}
        message = template.replace("…", "x1")
        assert {*ids(message)} & twins, template
        assert {*ids(f"Conflict. Errors reported by remote server: {message}")} & twins, template


def test_messages_that_are_worded_alike_are_told_apart_by_their_attribute() -> None:
    for attribute, rule in (("npi", "NPI-02"), ("role", "RO-05"), ("userName", "UN-02"), ("familyName", "NM-04")):
        text = f"{attribute} must be text, but Okta sent a list. Set the attribute's data type to string in the Okta "
        assert ids(f"{IN_OKTA}{text}Profile Editor.") == [rule]


def test_a_message_that_okta_cut_off_finds_what_is_like_it() -> None:
    for text in (
        f"{IN_OKTA}npi '1234567890' is not valid: its check digit does",
        "npi '1' is not valid: its check digit",
    ):
        assert ids(text)[0] == "NPI-05"
        assert len(ids(text)) <= NEAREST_MAX


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("check digit", {"NPI-05", "DEA-05"}),
        ("CHECK DIGIT npi", {"NPI-05"}),
        ("conflict", {"UN-10", "UN-13", "uniqueness", "409"}),
        ("401", {"401"}),
        ("Unauthorized", {"401"}),
        ("invalidFilter", {"invalidFilter"}),
        ("emailType", {"ET-03", "ET-04"}),
        ("placehold", {"DEA-08"}),
    ],
)
def test_words_find_the_entries_that_hold_all_of_them(words: str, found: set[str]) -> None:
    assert {*ids(words)} == found


@pytest.mark.parametrize("text", ["", "   ", "zzzz", "<script>alert(1)</script>", "%", "'; DROP TABLE", "💊" * 50, "…"])
def test_what_is_about_nothing_finds_nothing(text: str) -> None:
    assert ids(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "(1) " * 2_000,
        " cannot be used with , which is ; use ." * 100,
        "… … … is …; write …." * 300,
        "[NPI-05" * 3_000,
        "a " * 5_000,
        " is not valid: " * 500,
    ],
)
def test_a_hostile_text_costs_little(text: str) -> None:
    search("warm")
    start = time.process_time()
    search(text)
    assert time.process_time() - start < 0.25


def test_the_catalogue_knows_how_much_of_a_message_an_entry_prescribes() -> None:
    entry = error_catalogue.find("LC-10")
    assert entry is not None
    assert error_catalogue.literal_length(entry, "User not found. [LC-10]") == len("User not found.")
    assert error_catalogue.literal_length(entry, "Group not found.") == -1
