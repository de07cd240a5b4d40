"""Which attributes an answer contains (RFC 7644 §3.9, RFC 7643 §2.2)."""

from collections.abc import Callable, Iterable, Sequence

from mdscripts.scim.schema import Attribute, ResourceType, Returned

Resource = dict[str, object]

_Subs = frozenset[str] | None
"""Sub-attributes by schema name; None stands for the whole attribute."""

_Level = dict[str, _Subs]
"""Attributes by schema name, of the core or of one extension."""


def projection(
    resource_type: ResourceType, attributes: Sequence[str], excluded: Sequence[str]
) -> Callable[[Resource], Resource]:
    """A function that reduces a canonical resource to what a client asked for.

    Names are paths without value filters, in any letter case, with or without URN; an extension's
    URN means all of it. ``attributes`` replaces the default set; without it ``excluded`` reduces
    the default set. What is always returned stays, what is never returned goes, ``schemas`` is kept
    as it is. Names that no schema knows change nothing. The argument is never changed.
    """
    levels: dict[str | None, tuple[Attribute, ...]] = {None: resource_type.core}
    levels |= {extension.schema.id: extension.schema.attributes for extension in resource_type.extensions}
    named = _resolve(resource_type, attributes or excluded)
    choose = _selected if attributes else _reduced
    plan = {
        urn: {
            attribute.name: subs
            for attribute in members
            if (subs := choose(attribute, named.get(urn, {}))) is None or subs
        }
        for urn, members in levels.items()
    }
    core = plan.pop(None) | {"schemas": None}

    def apply(resource: Resource) -> Resource:
        result: Resource = {}
        for name, value in resource.items():
            kept = _cut_level(value, plan[name]) if name in plan else _cut(name, value, core)
            if kept is not None:
                result[name] = kept
        return result

    return apply


_NOTHING: frozenset[str] = frozenset()


def _selected(attribute: Attribute, named: _Level) -> _Subs:
    """What ``attributes`` leaves of one attribute; the empty set is nothing."""
    if attribute.returned is Returned.NEVER:
        return _NOTHING
    if attribute.name not in named:
        return None if attribute.returned is Returned.ALWAYS else _NOTHING
    subs, possible = named[attribute.name], _subs_but(attribute, Returned.NEVER)
    if subs is None:
        return possible
    return (subs if possible is None else subs & possible) | _always(attribute)


def _reduced(attribute: Attribute, named: _Level) -> _Subs:
    """What ``excludedAttributes`` leaves of one attribute; the empty set is nothing."""
    if attribute.returned in (Returned.NEVER, Returned.REQUEST):
        return _NOTHING
    kept = _subs_but(attribute, Returned.NEVER, Returned.REQUEST)
    if attribute.returned is Returned.ALWAYS or attribute.name not in named:
        return kept
    refused = named[attribute.name]
    if refused is None:
        return _NOTHING
    return ((attribute.names if kept is None else kept) - refused) | _always(attribute)


def _subs_but(attribute: Attribute, *unwanted: Returned) -> _Subs:
    """The whole attribute, without the sub-attributes that are returned only so."""
    if all(sub.returned not in unwanted for sub in attribute.sub_attributes):
        return None
    return frozenset(sub.name for sub in attribute.sub_attributes if sub.returned not in unwanted)


def _always(attribute: Attribute) -> frozenset[str]:
    return frozenset(sub.name for sub in attribute.sub_attributes if sub.returned is Returned.ALWAYS)


def _cut_level(value: object, level: _Level) -> object | None:
    if not isinstance(value, dict):
        return None
    members = {name: _cut(name, item, level) for name, item in value.items()}
    return {name: item for name, item in members.items() if item is not None} or None


def _cut(name: str, value: object, level: _Level) -> object | None:
    """What is kept of one attribute's value; None if nothing is."""
    subs = level.get(name, _NOTHING)
    if subs is None:
        return value
    if isinstance(value, list):
        return [part for item in value if (part := _cut(name, item, level))] or None
    if isinstance(value, dict):
        return {sub: item for sub, item in value.items() if sub in subs} or None
    return None


def _resolve(resource_type: ResourceType, names: Iterable[str]) -> dict[str | None, _Level]:
    found: dict[str | None, _Level] = {}
    for name in names:
        for urn, attribute, sub in _find(resource_type, name.strip()):
            level = found.setdefault(urn, {})
            known = level.get(attribute.name, _NOTHING)
            level[attribute.name] = None if sub is None or known is None else known | {sub.name}
    return found


_Place = tuple[str | None, Attribute, Attribute | None]


def _find(resource_type: ResourceType, path: str) -> Iterable[_Place]:
    """The places a name means: none if it is unknown, all attributes for an extension's URN."""
    schema = resource_type.find_extension(path)
    if schema is not None:
        return [(schema.id, attribute, None) for attribute in schema.attributes]
    urn, name = _split(resource_type, path)
    head, _, tail = name.partition(".")
    for owner, attribute in _candidates(resource_type, urn, head):
        if not tail:
            return [(owner, attribute, None)]
        sub = attribute.find(tail)
        return [] if sub is None else [(owner, attribute, sub)]
    return []


def _split(resource_type: ResourceType, path: str) -> tuple[str, str]:
    """The schema URN, in lower case, and the rest. URNs hold colons and dots themselves."""
    lower = path.lower()
    for schema in resource_type.schemas():
        urn = schema.id.lower()
        if lower.startswith(urn + ":"):
            return urn, path[len(urn) + 1 :]
    return "", path


def _candidates(resource_type: ResourceType, urn: str, name: str) -> Iterable[tuple[str | None, Attribute]]:
    """The core attribute of that name, else the extension attributes; with a URN only its own."""
    core = resource_type.find_core(name) if urn in ("", resource_type.schema.id.lower()) else None
    if core is not None:
        yield None, core
    for extension in resource_type.extensions:
        attribute = extension.schema.find(name)
        if attribute is not None and urn in ("", extension.schema.id.lower()):
            yield extension.schema.id, attribute
