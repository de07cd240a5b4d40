"""Try a profile: the verdict Okta would get, and nothing is saved."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from mdscripts.app.connection_settings import alias_urns
from mdscripts.app.judgement import Proposal, judge
from mdscripts.app.mapping import assemble, flatten
from mdscripts.app.ports import OrganizationRecord, Storage
from mdscripts.app.schemas import USER_TYPE
from mdscripts.app.site_book import sites_of
from mdscripts.scim.errors import InvalidSyntax, ScimError
from mdscripts.scim.filters import fold
from mdscripts.scim.resources import accept
from mdscripts.scim.tolerances import Tolerated, defaults

Resource = dict[str, object]


@dataclass(frozen=True, slots=True)
class Trial:
    """What would happen. ``refusal`` is the error Okta would show, None if the profile is accepted.

    ``exists`` tells that the user name is taken, so that Okta would link instead of create;
    ``remarks`` are warnings and what would be ignored; ``resource`` is what would be stored.
    """

    refusal: ScimError | None = None
    exists: bool = False
    remarks: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    resource: Resource | None = None


class Trials:
    """Judges profiles without storing them. ``installation_aliases`` are those every organization has."""

    def __init__(self, storage: Storage, installation_aliases: Sequence[str] = ()) -> None:
        self._storage = storage
        self._aliases = tuple(installation_aliases)

    async def of_text(self, organization: OrganizationRecord, text: str) -> Trial:
        """The verdict on a JSON text, as an Okta connection of the organization would get it."""
        try:
            body = orjson.loads(text)
        except orjson.JSONDecodeError as fault:
            return Trial(InvalidSyntax(f"The text is not valid JSON: {fault}."))
        return await self.of(organization, body)

    async def of(self, organization: OrganizationRecord, body: object) -> Trial:
        """The verdict on a body as Okta would send it to create somebody."""
        store = self._storage.for_organization(organization.id)
        tolerated = Tolerated(defaults("okta"), alias_urns(organization, self._aliases))
        try:
            accepted = accept(body, USER_TYPE, tolerated)
            proposal = Proposal(flatten(accepted.resource), accepted.present, accepted.elsewhere)
            verdict = judge(proposal, None, sites_of(await store.list_sites()))
        except ScimError as refusal:
            return Trial(refusal, ignored=tuple(tolerated.ignored))
        taken = await store.find_user_by_name(fold(str(verdict.flat["userName"])))
        resource = {name: value for name, value in assemble(verdict.flat, "").items() if name not in ("id", "schemas")}
        return Trial(
            exists=taken is not None,
            remarks=verdict.remarks,
            ignored=tuple(tolerated.ignored),
            resource=resource,
        )
