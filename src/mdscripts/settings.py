"""Settings of an installation: environment variables ``MDSCRIPTS_*`` over a TOML file over defaults.

Nothing else in the product reads the environment. Every setting is one field below with its
allowed form and meaning, from which the reference page and the error messages are made.
"""

import dataclasses
import os
import re
import tomllib
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

PREFIX = "MDSCRIPTS_"
CONFIG_VARIABLE = "MDSCRIPTS_CONFIG"
OTHER_VARIABLES = frozenset({CONFIG_VARIABLE, "MDSCRIPTS_DEBUG"})
"""Variables with our prefix that are no settings."""

SECRET_BYTES_MIN = 32


class SettingsError(Exception):
    """A setting has a form that is not allowed; the message names it and what is allowed."""


class SettingRow(NamedTuple):
    """One setting as documented: its names, default, allowed form, meaning and current value."""

    name: str
    variable: str
    default: str
    form: str
    meaning: str
    value: str


def _whole_number(low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        text = str(value).strip()
        if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,12}", text):
            raise ValueError
        number = int(text)
        if not low <= number <= high:
            raise ValueError
        return number

    return read


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError
    return value.strip()


def _one_of(*words: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        word = _text(value).lower()
        if word not in words:
            raise ValueError
        return word

    return read


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[_one_of("true", "false")(value)]


def _database(value: object) -> str:
    url = _text(value)
    if url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        return url
    if url.startswith(("postgresql://", "postgres://")):
        return url
    raise ValueError


def _public_url(value: object) -> str:
    url = _text(value).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError
    if parts.username is not None:
        raise ValueError
    return url


def _address(value: object) -> str:
    address = _text(value)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise ValueError
    return address


def _urns(value: object) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, list):
        raise ValueError  # noqa: TRY004 - one kind of error, turned into one sentence by the reader
    urns = [_text(word) for word in words if word != ""]
    if any(not re.fullmatch(r"[!-~]{1,256}", urn) for urn in urns):
        raise ValueError
    return tuple(dict.fromkeys(urns))


def _networks(value: object) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, list):
        raise ValueError  # noqa: TRY004 - one kind of error, turned into one sentence by the reader
    networks = [str(ip_network(_text(word), strict=False)) for word in words if word != ""]
    return tuple(dict.fromkeys(networks))


def _secret(value: object) -> bytes:
    text = _text(value)
    if re.fullmatch(r"([0-9A-Fa-f]{2})+", text):
        secret = bytes.fromhex(text)
    else:
        try:
            padded = text.replace("-", "+").replace("_", "/").rstrip("=")
            secret = b64decode(padded + "=" * (-len(padded) % 4), validate=True)
        except Base64Error as fault:
            raise ValueError from fault
    if len(secret) < SECRET_BYTES_MIN:
        raise ValueError
    return secret


def _setting(
    default: object,
    read: Callable[[object], object],
    form: str,
    meaning: str,
    *,
    confidential: bool = False,
    shown: str | None = None,
) -> Any:
    """A field with what the reader and the reference page need; ``shown`` words a default of None."""
    facts = {"read": read, "form": form, "meaning": meaning, "confidential": confidential, "shown": shown}
    return dataclasses.field(default=default, metadata=facts)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one process. Make it with ``load``; it never changes afterwards."""

    database: str = _setting(
        "sqlite:///mdscripts.db",
        _database,
        "sqlite:///path/to/file.db or postgresql://user:password@host:port/name",
        "Where everything is stored. A relative SQLite path is relative to the working directory.",
        confidential=True,
    )
    public_url: str = _setting(
        "",
        _public_url,
        "http:// or https:// and a host, without query, for example https://provisioning.clinic.example",
        "What links, locations and the SCIM connector base URL are made of; never taken from a request.",
        shown="http://{host}:{port}",
    )
    brand: str = _setting("MDScripts", _text, "text", "Product name in pages and messages.")
    support_address: str = _setting(
        "support@mdscripts.com",
        _address,
        "an email address",
        "Whom people are told to contact.",
    )
    host: str = _setting("127.0.0.1", _text, "a host name or address", "Address the server listens on.")
    port: int = _setting(
        8000, _whole_number(0, 65535), "a whole number from 0 to 65535", "Port of the server; 0 takes any."
    )
    workers: int = _setting(
        1, _whole_number(1, 256), "a whole number from 1 to 256", "Server processes that share the port."
    )
    trusted_proxies: tuple[str, ...] = _setting(
        (),
        _networks,
        "IP addresses or networks separated by commas (in TOML: a list of strings)",
        "Proxies in front of the server whose X-Forwarded-For is believed. Without them every request seems to "
        "come from the proxy: the audit says so, and wrong passwords of one person slow down everybody.",
    )
    alias_urns: tuple[str, ...] = _setting(
        (),
        _urns,
        "URNs separated by commas (in TOML: a list of strings)",
        "Other URNs under which the MDScripts user attributes are accepted; answers always use the canonical one.",
    )
    log_level: str = _setting(
        "info",
        _one_of("debug", "info", "warning", "error"),
        "debug, info, warning or error",
        "Least severe event that is logged. Logs are JSON lines on standard error.",
    )
    demo: bool = _setting(
        False,
        _flag,
        "true or false",
        "Offers the button that plays Okta against this installation. For demonstrations only.",
    )
    secret: bytes | None = _setting(
        None,
        _secret,
        f"at least {SECRET_BYTES_MIN} random bytes in hexadecimal or base64",
        "Key that seals paging cursors. Unless set it is made once and kept with the data, so that "
        "all workers and restarts share it.",
        confidential=True,
        shown="made once, kept with the data",
    )
    max_body_bytes: int = _setting(
        1_048_576,
        _whole_number(1_024, 67_108_864),
        "a whole number from 1024 to 67108864",
        "Largest request body in bytes; a larger one is answered 413 before it is read.",
    )
    max_page_size: int = _setting(
        200,
        _whole_number(1, 10_000),
        "a whole number from 1 to 10000",
        "Most resources in one answer; announced as filter.maxResults.",
    )
    max_connections: int = _setting(
        2_000,
        _whole_number(1, 1_000_000),
        "a whole number from 1 to 1000000",
        "Connections and requests one process holds at a time; above it the answer is 503.",
    )
    activity_days: int = _setting(
        180,
        _whole_number(1, 3_650),
        "a whole number from 1 to 3650",
        "How many days the entries on the page Activity are kept.",
    )
    shutdown_seconds: int = _setting(
        25,
        _whole_number(0, 3_600),
        "a whole number from 0 to 3600",
        "How long a stopping server waits for requests in progress.",
    )

    @property
    def base_url(self) -> str:
        """``public_url``, or what the server's own address makes of it."""
        if self.public_url:
            return self.public_url
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - compared
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"

    @property
    def scim_base_url(self) -> str:
        """The SCIM connector base URL, the same for all organizations."""
        return f"{self.base_url}/scim/v2"

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, or None when the database is no SQLite file."""
        if not self.database.startswith("sqlite:///"):
            return None
        return Path(self.database.removeprefix("sqlite:///"))

    @property
    def database_shown(self) -> str:
        """The database URL without its password."""
        if self.sqlite_path is not None:
            return self.database
        parts = urlsplit(self.database)
        if parts.password is None:
            return self.database
        user, _, host = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:…@{host}"))

    def describe(self) -> list[SettingRow]:
        """Every setting with its documentation and its value, secrets left out."""
        return [
            SettingRow(
                name=field.name,
                variable=variable_of(field.name),
                default=field.metadata["shown"] or _shown(field.default),
                form=field.metadata["form"],
                meaning=field.metadata["meaning"],
                value=self._value_shown(field.name),
            )
            for field in dataclasses.fields(self)
        ]

    def _value_shown(self, name: str) -> str:
        if name == "secret":
            return "" if self.secret is None else "set"
        return self.database_shown if name == "database" else _shown(getattr(self, name))

    def environment(self) -> dict[str, str]:
        """The variables that make another process load these settings, whatever file it finds."""
        variables = {
            variable_of(field.name): _shown(getattr(self, field.name))
            for field in dataclasses.fields(self)
            if field.name != "secret"
        }
        if self.secret is not None:
            variables[variable_of("secret")] = self.secret.hex()
        return variables


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def load(config: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of this process. Raises SettingsError.

    The TOML file is ``config``, or the one that ``MDSCRIPTS_CONFIG`` names. A variable that is
    set but empty counts as not set, which is how container tools say so.
    """
    if config is None and environ.get(CONFIG_VARIABLE):
        config = Path(environ[CONFIG_VARIABLE])
    file_values = _read_file(config) if config is not None else {}
    values: dict[str, Any] = {}
    for field in dataclasses.fields(Settings):
        variable = variable_of(field.name)
        if environ.get(variable, "") != "":
            values[field.name] = _read(field, environ[variable], variable)
        elif field.name in file_values:
            values[field.name] = _read(field, file_values[field.name], f"{field.name} in {config}")
    return Settings(**values)


def unknown_variables(environ: Iterable[str] = os.environ) -> list[str]:
    """Variables with our prefix that nothing reads: most often a misspelt setting."""
    known = {variable_of(field.name) for field in dataclasses.fields(Settings)} | OTHER_VARIABLES
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in known)


def _read_file(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except OSError as fault:
        raise SettingsError(f"The settings file {path} cannot be read: {fault.strerror}.") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SettingsError(f"The settings file {path} is not valid TOML: {fault}.") from fault
    names = [field.name for field in dataclasses.fields(Settings)]
    for name in values:
        if name not in names:
            raise SettingsError(f"{name} in {path} is not a setting. Settings are: {', '.join(names)}.")
    return values


def _read(field: "dataclasses.Field[Any]", value: object, origin: str) -> object:
    read: Callable[[object], object] = field.metadata["read"]
    try:
        return read(value)
    except ValueError as fault:
        quoted = "has a value that" if field.metadata["confidential"] else f"is {value!r:.80}, which"
        allowed = field.metadata["form"]
        raise SettingsError(f"{origin} {quoted} is not allowed; use {allowed}.") from fault


def _shown(value: object) -> str:
    if value is None:
        return ""
    return ",".join(value) if isinstance(value, tuple) else str(value)
