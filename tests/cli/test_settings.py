"""Settings: environment over file over defaults, and errors that say what is allowed."""

from pathlib import Path

import pytest

from mdscripts.settings import Settings, SettingsError, load, unknown_variables

SECRET = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"


def test_without_anything_the_defaults_hold() -> None:
    settings = load(environ={})
    assert settings == Settings()
    assert settings.database == "sqlite:///mdscripts.db"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.scim_base_url == "http://127.0.0.1:8000/scim/v2"


def test_a_variable_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    file = tmp_path / "mdscripts.toml"
    file.write_text('port = 9000\nbrand = "AidaScripts"\nalias_urns = ["urn:a", "urn:b"]\n')
    settings = load(file, environ={"MDSCRIPTS_PORT": "9001"})
    assert (settings.port, settings.brand, settings.alias_urns) == (9001, "AidaScripts", ("urn:a", "urn:b"))


def test_the_file_may_be_named_by_a_variable(tmp_path: Path) -> None:
    file = tmp_path / "mdscripts.toml"
    file.write_text("workers = 4\n")
    assert load(environ={"MDSCRIPTS_CONFIG": str(file)}).workers == 4


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load(environ={"MDSCRIPTS_PORT": "", "MDSCRIPTS_CONFIG": ""}).port == 8000


REFUSED = {
    "a port that is no number": ("PORT", "80a", "whole number from 0 to 65535"),
    "a port with other digits": ("PORT", "８０００", "whole number"),
    "a port too high": ("PORT", "65536", "whole number"),
    "no workers": ("WORKERS", "0", "whole number from 1 to 256"),
    "a database of another kind": ("DATABASE", "mysql://h/x", "sqlite:///path/to/file.db or postgresql://"),
    "a database without a file": ("DATABASE", "sqlite:///", "sqlite:///path"),
    "a public URL without scheme": ("PUBLIC_URL", "clinic.example", "https://"),
    "a public URL with a query": ("PUBLIC_URL", "https://clinic.example/?a=1", "without query"),
    "a public URL with a password": ("PUBLIC_URL", "https://a:b@clinic.example", "https://"),
    "a support address without @": ("SUPPORT_ADDRESS", "support", "an email address"),
    "an unknown log level": ("LOG_LEVEL", "loud", "debug, info, warning or error"),
    "an invisible brand": ("BRAND", "MD\u202eScripts", "text"),
    "a URN with a blank": ("ALIAS_URNS", "urn:a b", "separated by commas"),
    "a proxy that is no address": ("TRUSTED_PROXIES", "10.0.0.1,proxy.internal", "IP addresses or networks"),
    "a secret too short": ("SECRET", "abcd", "at least 32 random bytes"),
    "a secret that is no base64": ("SECRET", "!" * 50, "at least 32 random bytes"),
    "a tiny body limit": ("MAX_BODY_BYTES", "10", "from 1024 to 67108864"),
}


@pytest.mark.parametrize(("name", "value", "allowed"), REFUSED.values(), ids=REFUSED)
def test_it_names_the_variable_and_what_is_allowed(name: str, value: str, allowed: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(environ={f"MDSCRIPTS_{name}": value})
    assert f"MDSCRIPTS_{name} " in str(refused.value)
    assert allowed in str(refused.value)


@pytest.mark.parametrize(("name", "value"), [("DATABASE", "mysql://u:hunter2@h/x"), ("SECRET", "hunter2")])
def test_a_refused_secret_is_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(environ={f"MDSCRIPTS_{name}": value})
    assert "hunter2" not in str(refused.value)


def test_a_refused_value_in_the_file_is_named_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "clinic.toml"
    file.write_text("port = true\n")
    with pytest.raises(SettingsError, match=r"port in .*clinic\.toml is True, which is not allowed"):
        load(file, environ={})


def test_an_unknown_name_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "clinic.toml"
    file.write_text("databse = 'sqlite:///x.db'\n")
    with pytest.raises(SettingsError, match=r"databse in .* is not a setting\. Settings are: database"):
        load(file, environ={})


@pytest.mark.parametrize("content", [b"port = = 1", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "clinic.toml"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match="is not valid TOML"):
        load(file, environ={})


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file or directory"):
        load(tmp_path / "missing.toml", environ={})


def test_a_secret_is_read_from_hexadecimal_and_base64() -> None:
    for text in (
        SECRET,
        SECRET.upper(),
        "ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8=",
        "ABEiM0RVZneImaq7zN3u_wARIjNEVWZ3iJmqu8zd7v8",
    ):
        assert load(environ={"MDSCRIPTS_SECRET": text}).secret == bytes.fromhex(SECRET)


def test_another_process_gets_exactly_the_same_settings(tmp_path: Path) -> None:
    settings = load(
        environ={
            "MDSCRIPTS_DATABASE": "postgresql://u:p@h:5433/clinic",
            "MDSCRIPTS_PUBLIC_URL": "https://provisioning.clinic.example/",
            "MDSCRIPTS_ALIAS_URNS": "urn:a, urn:b,urn:a",
            "MDSCRIPTS_SECRET": SECRET,
            "MDSCRIPTS_PORT": "9000",
        }
    )
    assert load(environ=settings.environment()) == settings
    file = tmp_path / "other.toml"
    file.write_text("port = 1\nhost = '0.0.0.0'\n")
    assert load(file, environ=settings.environment()) == settings
    assert settings.public_url == "https://provisioning.clinic.example"
    assert settings.alias_urns == ("urn:a", "urn:b")


ADDRESSES = {
    "0.0.0.0": "http://127.0.0.1:8000",
    "::": "http://[::1]:8000",
    "::1": "http://[::1]:8000",
    "clinic.internal": "http://clinic.internal:8000",
}


@pytest.mark.parametrize(("host", "url"), ADDRESSES.items())
def test_without_a_public_url_links_use_an_address_that_can_be_reached(host: str, url: str) -> None:
    assert load(environ={"MDSCRIPTS_HOST": host}).base_url == url


def test_a_misspelt_variable_is_noticed() -> None:
    names = ["MDSCRIPTS_DATABSE", "MDSCRIPTS_PORT", "MDSCRIPTS_DEBUG", "MDSCRIPTS_CONFIG", "PATH"]
    assert unknown_variables(names) == ["MDSCRIPTS_DATABSE"]


def test_every_setting_is_documented_and_no_secret_is_shown() -> None:
    settings = load(environ={"MDSCRIPTS_SECRET": SECRET, "MDSCRIPTS_DATABASE": "postgresql://u:hunter2@h/x"})
    rows = {row.name: row for row in settings.describe()}
    for row in rows.values():
        assert row.variable == f"MDSCRIPTS_{row.name.upper()}"
        assert row.form
        assert row.meaning.endswith(".")
    assert rows["secret"].value == "set"
    assert rows["database"].value == "postgresql://u:…@h/x"
    assert rows["public_url"].default == "http://{host}:{port}"
    assert SECRET not in str(rows)
