"""A stored person as people read it: names, role, sites and credentials instead of a resource."""

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import orjson

from mdscripts.app import provenance
from mdscripts.app.mapping import PATHS, flatten, profile_of
from mdscripts.app.ports import UserRecord
from mdscripts.domain.access import EffectiveAccess
from mdscripts.domain.roles import MANAGER
from mdscripts.domain.wording import mask_dea_license


@dataclass(frozen=True)
class Person:
    """One user record, read once. Texts are as stored: whoever displays them escapes them.

    With ``access`` (``app.access``) role and sites are the effective ones, else the person's own.
    """

    record: UserRecord
    access: EffectiveAccess | None = None

    @cached_property
    def flat(self) -> MappingProxyType[str, object]:
        """The resource by path (``app.mapping.flatten``)."""
        return MappingProxyType(flatten(orjson.loads(self.record.body)))

    @cached_property
    def profile(self) -> MappingProxyType[str, object]:
        """The profile by the keys of ``app.mapping.PATHS``."""
        return MappingProxyType(profile_of(dict(self.flat)))

    @cached_property
    def managed(self) -> frozenset[str]:
        """The profile keys whose values the identity provider manages."""
        sent = provenance.load(self.record.provenance)
        return frozenset(key for key, path in PATHS.items() if path.lower() in sent)

    @property
    def id(self) -> str:
        """The user's id."""
        return self.record.id

    @property
    def active(self) -> bool:
        """Whether the person may sign in."""
        return self.record.active

    @property
    def user_name(self) -> str:
        """The name to sign in with."""
        return str(self.profile["user_name"])

    @property
    def name(self) -> str:
        """Given and family name, else the display name, else the user name."""
        parts = [str(self.profile[key]) for key in ("given_name", "family_name") if self.profile[key]]
        return " ".join(parts) or str(self.flat.get("displayName") or self.user_name)

    @property
    def email(self) -> str | None:
        """The primary email address, else the first one."""
        emails = self.profile["emails"]
        listed = [each for each in emails if isinstance(each, dict)] if isinstance(emails, list) else []
        chosen = [each for each in listed if each.get("primary") is True] or listed
        return str(chosen[0].get("value")) if chosen else None

    @property
    def role(self) -> str:
        """``Assistant`` or ``Manager``."""
        return self.own_role if self.access is None else self.access.role

    @property
    def granted_role(self) -> str:
        """The group that decides the role, if one does: ``group Leads``; else empty."""
        return "" if self.access is None or self.access.role_source.is_direct else str(self.access.role_source)

    @property
    def own_role(self) -> str:
        """The role asserted for the person, whatever groups grant."""
        return str(self.profile["role"])

    @property
    def is_manager(self) -> bool:
        """Whether Admin Home is open to this person."""
        return self.role == MANAGER

    @property
    def is_provider(self) -> bool:
        """Whether the person is a dispensing provider."""
        return self.profile["is_provider"] is True

    @property
    def site_numbers(self) -> tuple[str, ...]:
        """Numbers of the sites the person may use; of the person's own ones closed ones are included."""
        return self.own_site_numbers if self.access is None else self.access.site_numbers

    @property
    def own_site_numbers(self) -> tuple[str, ...]:
        """Numbers of the sites that the person lists, closed ones included, whatever groups grant."""
        numbers = self.profile["site_numbers"]
        return tuple(str(number) for number in numbers) if isinstance(numbers, tuple) else ()

    @property
    def dea_license_masked(self) -> str | None:
        """The DEA number as pages may show it: ``AB*****63``."""
        number = self.profile["dea_license"]
        return mask_dea_license(str(number)) if number else None

    @property
    def external_id(self) -> str | None:
        """What the identity provider calls the person; None while nobody is linked."""
        value = self.flat.get("externalId")
        return None if value is None else str(value)
