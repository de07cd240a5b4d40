"""Every command: what it prints for people and machines, and how it fails."""

import json
import re
from pathlib import Path

import apsw
import pytest
from cyclopts import App

from mdscripts.cli.application import app
from tests.cli.conftest import CommandLine

EXTENSION = "urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User"


def commands(tree: App = app, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """All commands that do something, by their words."""
    found: list[tuple[str, ...]] = []
    for name in tree:
        if name.startswith("-"):
            continue
        below = commands(tree[name], (*path, name))
        found += below or [(*path, name)]
    return found


ALL = [" ".join(words) for words in commands()]


def test_all_commands_of_the_specification_are_there() -> None:
    assert set(ALL) == {
        *("migrate", "serve", "settings", "doctor", "demo", "simulate okta", "simulate entra"),
        *("organization create", "organization list"),
        *(
            "organization enable-okta-scim",
            "organization disable-okta-scim",
            "organization alias-urns",
            "organization time-zone",
        ),
        *("site create", "site list", "site rename", "site close"),
        *("grant set", "grant list", "grant move", "grant remove"),
        *("user create", "user list", "user show", "user deactivate", "user reactivate", "user password-link"),
        *("token create", "token list", "token revoke", "token tolerance"),
        *("conformance", "openapi"),
    }


@pytest.mark.parametrize("command", ALL)
def test_every_command_has_help_with_an_example_and_json(command: str, unconfigured: CommandLine) -> None:
    shown = unconfigured.ok(*command.split(), "--help").out
    assert f"For example:\n    mdscripts {command}" in shown
    assert "--json" in shown
    assert "--config" in shown


def test_help_lists_the_commands(unconfigured: CommandLine) -> None:
    for words in ((), ("--help",)):
        shown = unconfigured.ok(*words).out
        for name in ("migrate", "serve", "organization", "site", "user", "token", "simulate", "doctor", "demo"):
            assert re.search(rf"│ {name} +[A-Z]\w+ ", shown)


def test_version_is_printed(unconfigured: CommandLine) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", unconfigured.ok("--version").out)


def test_migrate_creates_a_database_and_does_nothing_the_second_time(
    unconfigured: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MDSCRIPTS_DATABASE", f"sqlite:///{tmp_path / 'new.db'}")
    first = unconfigured.ok("migrate", "--json").json
    assert isinstance(first, dict)
    assert first["applied"][0] == "0001_directory"
    assert "is up to date" in unconfigured.ok("migrate").out


def test_migrate_examines_everybody_when_asked(mdscripts: CommandLine, sqlite_url: str) -> None:
    mdscripts.ok("organization", "create", "Maple")
    mdscripts.ok(
        *("user", "create", "--organization", "maple", "--username", "ann@maple.example"),
        *("--given-name", "Ann", "--family-name", "Lee"),
    )
    connection = apsw.Connection(sqlite_url.removeprefix("sqlite:///"))
    connection.execute("UPDATE user SET remarks = ''")  # as a migration leaves it
    connection.close()
    changed = [_migrated(mdscripts, *options)["remarks_changed"] for options in ((), ("--examine",), ("--examine",))]
    assert changed == [None, 1, 0]


def _migrated(mdscripts: CommandLine, *options: str) -> dict[str, object]:
    printed = mdscripts.ok("migrate", *options, "--json").json
    assert isinstance(printed, dict)
    return printed


def test_a_setting_can_come_from_a_file(unconfigured: CommandLine, tmp_path: Path, sqlite_url: str) -> None:
    file = tmp_path / "clinic.toml"
    file.write_text(f'database = "{sqlite_url}"\npublic_url = "https://scim.clinic.example"\n')
    unconfigured.ok("organization", "create", "Maple", "--config", str(file))
    made = unconfigured.ok(
        "token", "create", "--organization", "maple", "--label", "x", "--config", str(file), "--json"
    )
    assert isinstance(made.json, dict)
    assert made.json["base_url"] == "https://scim.clinic.example/scim/v2"


def test_settings_are_shown_with_their_allowed_form(mdscripts: CommandLine) -> None:
    rows = mdscripts.ok("settings", "--json").json
    assert isinstance(rows, list)
    assert {"variable": "MDSCRIPTS_PORT", "value": "8000"}.items() <= next(
        row for row in rows if row["name"] == "port"
    ).items()
    assert "MDSCRIPTS_PUBLIC_URL" in mdscripts.ok("settings").out


def test_an_organization_is_created_listed_and_switched(mdscripts: CommandLine) -> None:
    made = mdscripts.ok("organization", "create", "José's Clinic", "--json").json
    assert isinstance(made, dict)
    assert (made["slug"], made["name"], made["okta_scim"]) == ("jose-s-clinic", "José's Clinic", False)
    assert (
        "Created organization oak (Oak); Okta SCIM is enabled."
        in mdscripts.ok("organization", "create", "Oak", "--okta-scim").out
    )
    assert mdscripts.ok("organization", "enable-okta-scim", "jose-s-clinic").out == (
        "Okta SCIM is enabled for jose-s-clinic.\n"
    )
    mdscripts.ok("organization", "disable-okta-scim", "oak")
    rows = mdscripts.ok("organization", "list", "--json").json
    assert isinstance(rows, list)
    assert [(row["slug"], row["okta_scim"]) for row in rows] == [("jose-s-clinic", True), ("oak", False)]
    assert re.search(r"SLUG +NAME +OKTA SCIM +CREATED", mdscripts.ok("organization", "list").out)


def test_a_site_is_created_renamed_closed_and_listed(clinic: CommandLine) -> None:
    site = ("--organization", "maple")
    made = clinic.ok("site", "create", *site, "20017", "--name", "Airport", "--time-zone", "US/Central", "--json").json
    assert isinstance(made, dict)
    assert {"number": "20017", "name": "Airport", "time_zone": "US/Central", "closed_at": None}.items() <= made.items()
    assert "now called Airport Care" in clinic.ok("site", "rename", *site, "20017", "--name", "Airport Care").out
    assert "Site 20017 (Airport Care) is closed." in clinic.ok("site", "close", *site, "20017").out
    rows = clinic.ok("site", "list", *site, "--json").json
    assert isinstance(rows, list)
    assert [(row["number"], row["closed_at"] is None) for row in rows] == [
        ("00101", True),
        ("00102", True),
        ("20017", False),
    ]


def test_a_user_is_printed_as_the_scim_service_shows_it(clinic: CommandLine) -> None:
    shown = clinic.ok("user", "show", "--organization", "maple", "MARIA@maple.example", "--json").json
    assert isinstance(shown, dict)
    assert shown["userName"] == "maria@maple.example"
    assert shown["name"] == {"givenName": "Maria", "familyName": "Reyes"}
    assert shown["emails"] == [{"value": "maria@maple.example", "type": "work", "primary": True}]
    assert (shown[EXTENSION]["role"], shown[EXTENSION]["siteNumbers"]) == ("Manager", "00101,00102")
    assert shown["meta"]["location"] == f"http://127.0.0.1:8000/scim/v2/Users/{shown['id']}"
    people = clinic.ok("user", "show", "--organization", "maple", str(shown["id"])).out
    assert re.search(r"^role +Manager$", people, re.MULTILINE)
    assert re.search(r"^sites +00101, 00102$", people, re.MULTILINE)


def test_a_user_is_deactivated_and_reactivated(clinic: CommandLine) -> None:
    user = ("--organization", "maple", "maria@maple.example")
    assert clinic.ok("user", "deactivate", *user).out == "maria@maple.example is inactive.\n"
    rows = clinic.ok("user", "list", "--organization", "maple", "--json").json
    assert isinstance(rows, list)
    assert [row["active"] for row in rows] == [False]
    again = clinic.ok("user", "reactivate", *user, "--json").json
    assert isinstance(again, dict)
    assert again["active"] is True
    assert re.search(
        r"maria@maple.example +Maria Reyes +Manager +00101, 00102 +yes",
        clinic.ok("user", "list", "--organization", "maple").out,
    )


def test_a_password_comes_by_standard_input_only(clinic: CommandLine) -> None:
    create = ("user", "create", "--organization", "maple", "--given-name", "Ann", "--family-name", "Boyle")
    made = clinic.ok(
        *create, "--username", "ann@maple.example", "--password-stdin", "--json", stdin="nine lanterns hover low\n"
    )
    assert "lantern" not in made.out
    weak = clinic.failure(*create, "--username", "b@maple.example", "--password-stdin", stdin="short\n")
    assert weak == "The password has 5 characters; at least 15 are needed. A short sentence is fine."
    empty = clinic.failure(*create, "--username", "b@maple.example", "--password-stdin")
    assert empty == "--password-stdin was given, but standard input is empty."


def test_a_provider_is_made_with_an_npi(clinic: CommandLine) -> None:
    made = clinic.ok(
        *("user", "create", "--organization", "maple", "--username", "lee@maple.example", "--given-name", "Dana"),
        *("--family-name", "Lee", "--npi", "1234567893", "--time-zone", "US/Pacific", "--email", "d.lee@maple.example"),
        *("--site", "00101,00102", "--json"),
    ).json
    assert isinstance(made, dict)
    assert (made[EXTENSION]["isProvider"], made[EXTENSION]["npi"]) == (True, "1234567893")
    assert (made["timezone"], made["emails"][0]["value"]) == ("US/Pacific", "d.lee@maple.example")
    assert made[EXTENSION]["siteNumbers"] == "00101,00102"


def test_a_token_is_shown_once_with_where_it_goes(clinic: CommandLine) -> None:
    made = clinic.ok("token", "create", "--organization", "maple", "--label", "Okta", "--json").json
    assert isinstance(made, dict)
    assert set(made) == {"base_url", "token", "id"}
    assert made["base_url"] == "http://127.0.0.1:8000/scim/v2"
    assert str(made["token"]).startswith(f"mds_scim_{made['id']}_")
    people = clinic.ok("token", "create", "--organization", "maple", "--label", "New", "--expires-in-days", "90").out
    for words in ("Configure API Integration", "Base URL", "API Token", "http://127.0.0.1:8000/scim/v2", "expires at"):
        assert words in people
    assert (
        "Tenant URL" in clinic.ok("token", "create", "--organization", "maple", "--label", "E", "--client", "entra").out
    )
    listed = clinic.ok("token", "list", "--organization", "maple").out
    assert str(made["token"])[-4:] in listed
    assert "mds_scim_" not in listed


@pytest.mark.parametrize(
    ("client", "who"), [("okta", "Okta"), ("entra", "Entra ID"), ("generic", "A client on another machine")]
)
def test_a_base_url_that_only_this_machine_reaches_is_said_to_be_so(
    clinic: CommandLine, monkeypatch: pytest.MonkeyPatch, client: str, who: str
) -> None:
    create = ("token", "create", "--organization", "maple", "--label", "x", "--client", client)
    sentence = f"{who} cannot reach http://127.0.0.1:8000/scim/v2: MDSCRIPTS_PUBLIC_URL is not set."
    assert sentence in clinic.ok(*create).out
    monkeypatch.setenv("MDSCRIPTS_PUBLIC_URL", "https://scim.clinic.example")
    reachable = clinic.ok(*create).out
    assert "https://scim.clinic.example/scim/v2" in reachable
    assert "cannot reach" not in reachable


@pytest.mark.parametrize("command", ["migrate", "serve"])
def test_a_missing_folder_of_the_database_is_said_as_doctor_says_it(
    unconfigured: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    folder = tmp_path / "missing"
    monkeypatch.setenv("MDSCRIPTS_DATABASE", f"sqlite:///{folder / 'x.db'}")
    assert unconfigured.failure(command) == f"{folder} is no directory. Create it: mkdir -p {folder}"
    assert not folder.exists()


def test_a_token_is_revoked(clinic: CommandLine) -> None:
    made = clinic.ok("token", "create", "--organization", "maple", "--label", "Okta", "--json").json
    assert isinstance(made, dict)
    revoked = clinic.ok("token", "revoke", "--organization", "maple", str(made["id"]), "--json").json
    assert isinstance(revoked, dict)
    assert revoked["revoked_at"] is not None
    (row,) = json.loads(clinic.ok("token", "list", "--organization", "maple", "--json").out)
    assert (row["id"], row["revoked_at"]) == (made["id"], revoked["revoked_at"])


FAILURES = {
    "an unknown command": ("organisation list", 'Unknown command "organisation". Did you mean "organization"?'),
    "an unknown option": ("organization list --jsn", "Unknown option: --jsn. Did you mean --json?"),
    "a missing argument": ("site create --organization maple 00103", "--name"),
    "a wrong choice": ("token create --organization maple --label x --client gsuite", "okta"),
    "an unknown organization": ("site list --organization elm", "There is no organization with the slug 'elm'."),
    "a taken slug": ("organization create Other --slug maple", "An organization with the slug maple exists already."),
    "a bad slug": ("organization create Other --slug Maple", "The slug 'Maple' is not allowed; use at most 63"),
    "a taken site": ("site create --organization maple 00101 --name x", "maple has a site 00101 already."),
    "a bad site number": ("site create --organization maple 101 --name x", "use exactly 5 digits"),
    "an unknown site": ("site close --organization maple 99999", "maple has no site '99999'."),
    "an unknown user": ("user show --organization maple nobody", "maple has no user 'nobody'."),
    "an unknown token": ("token revoke --organization maple abc", "maple has no token with the id 'abc'."),
    "a taken user name": (
        "user create --organization maple --username MARIA@maple.example --given-name A --family-name B",
        "A user with userName MARIA@maple.example already exists in your organization.",
    ),
    "a rule of the practice": (
        "user create --organization maple --username a@b.example --given-name A --family-name B --site 99999",
        "siteNumbers not found in your organization: 99999.",
    ),
    "a missing settings file": ("organization list --config nowhere.toml", "nowhere.toml cannot be read"),
    "an impossible port": ("serve --port 70000", "--port is 70000; use a whole number from 0 to 65535."),
    "an impossible number of workers": ("serve --workers 0", "--workers is 0; use a whole number from 1 to 256."),
    "a service that is not there": (
        "simulate okta --base-url http://127.0.0.1:9/scim/v2 --token x",
        "calls did not go as they should.",
    ),
    "an unknown scenario": (
        "simulate okta --base-url http://127.0.0.1:9/scim/v2 --token x --scenario y",
        "There is no scenario 'y' for okta; choose one of first-day",
    ),
}


@pytest.mark.parametrize(("words", "sentence"), FAILURES.values(), ids=FAILURES)
def test_it_fails_with_one_sentence_on(words: str, sentence: str, clinic: CommandLine) -> None:
    assert sentence in clinic.failure(*words.split())


def test_a_database_that_was_never_migrated_names_the_command_to_run(
    unconfigured: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.db").touch()
    monkeypatch.setenv("MDSCRIPTS_DATABASE", f"sqlite:///{tmp_path / 'empty.db'}")
    for words in (("organization", "list"), ("serve", "--port", "0")):
        assert "Run: mdscripts migrate" in unconfigured.failure(*words)


def test_a_database_that_does_not_answer_is_said_to_be_away(
    unconfigured: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MDSCRIPTS_DATABASE", "postgresql://clinic:hunter2@127.0.0.1:9/clinic")
    sentence = unconfigured.failure("organization", "list")
    assert sentence.startswith("The database does not answer: ")
    assert "hunter2" not in sentence


def test_an_unexpected_fault_is_one_sentence_and_its_details_are_on_request(
    mdscripts: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_config: object) -> None:
        raise ZeroDivisionError("deep inside")

    monkeypatch.setattr("mdscripts.settings.load", broken)
    sentence = mdscripts.failure("organization", "list")
    assert sentence == (
        "Something unexpected went wrong (ZeroDivisionError); "
        "set MDSCRIPTS_DEBUG=1 and repeat the command to see the details."
    )
    monkeypatch.setenv("MDSCRIPTS_DEBUG", "1")
    outcome = mdscripts("organization", "list")
    assert "Traceback" in outcome.err
    assert "deep inside" in outcome.err
