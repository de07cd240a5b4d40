"""What a stored user can be found by: key columns and value rows, computed here and only here."""

import orjson

from mdscripts.app.mapping import PATHS, Resource, split_sites
from mdscripts.app.ports import INDEXED_PATHS, IndexedValue, UserRow
from mdscripts.scim.filters import fold


def user_row(
    resource: Resource,
    flat: dict[str, object],
    *,
    created_at: str,
    updated_at: str,
    provenance: str,
    remarks: str | None = None,
) -> UserRow:
    """The columns of a user and its rendered body. ``remarks`` as in ``UserRow``."""
    user_name = str(flat["userName"])
    external_id = flat.get("externalId")
    npi = flat.get(PATHS["npi"])
    return UserRow(
        id=str(resource["id"]),
        user_name_key=fold(user_name),
        external_id=None if external_id is None else str(external_id),
        active=flat.get("active") is not False,
        role=str(flat[PATHS["role"]]),
        npi=None if npi is None else str(npi),
        created_at=created_at,
        updated_at=updated_at,
        body=orjson.dumps(resource).decode(),
        provenance=provenance,
        display=_display(flat, user_name),
        remarks=remarks,
    )


def _display(flat: dict[str, object], user_name: str) -> str:
    shown = flat.get("displayName") or flat.get("name.formatted")
    if shown:
        return str(shown)
    names = " ".join(str(flat[part]) for part in ("name.givenName", "name.familyName") if flat.get(part))
    return names or user_name


def indexed_values(flat: dict[str, object]) -> frozenset[IndexedValue]:
    """Value rows for filters (``INDEXED_PATHS``) and for the pages (``site``)."""
    values = {IndexedValue("site", "", number) for number in split_sites(flat.get(PATHS["site_numbers"]))}
    for attribute in set(INDEXED_PATHS.values()):
        value = flat.get(attribute)
        if isinstance(value, str):
            values.add(IndexedValue(attribute, "", fold(value)))
        elif isinstance(value, list):
            values.update(_elements(attribute, value))
    return frozenset(values)


def _elements(attribute: str, elements: list[object]) -> list[IndexedValue]:
    return [
        IndexedValue(attribute, fold(str(element.get("type") or "")), fold(str(element["value"])))
        for element in elements
        if isinstance(element, dict) and element.get("value") is not None
    ]
