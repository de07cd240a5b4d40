"""One PATCH in progress: each operation finds its target and changes a copy (RFC 7644 §3.5.2).

The resource that came in is never written to: the copy is shallow, and every attribute that
changes gets a new value. Names a client may use are resolved in ``patch_targets``, what happens to
values is decided in ``patch_values``; here is who is changed and who may be.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from mdscripts.scim.errors import InvalidValue, NoTarget, ScimError, TooMany
from mdscripts.scim.errors import Mutability as MutabilityRefusal
from mdscripts.scim.filters import compile_match
from mdscripts.scim.patch_operations import Op, Operation
from mdscripts.scim.patch_targets import Target, Targets
from mdscripts.scim.patch_values import (
    Element,
    add_values,
    described,
    discard_values,
    in_order,
    is_empty,
    merge,
    require_changeable,
    settle_primary,
    without_stale_reference,
)
from mdscripts.scim.paths import Path
from mdscripts.scim.resources import (
    LIMITS,
    UNASSIGNED,
    Resource,
    accept_single,
    accept_value,
    describe,
    recompute_schemas,
    render_faults,
)
from mdscripts.scim.schema import Attribute, Mutability, ResourceType, Returned, Type
from mdscripts.scim.tolerances import Tolerated

VISITED_MAX = 200_000
"""Values of multi-valued attributes that one request may make us look at."""


class Patching:
    """The state of one PATCH: the copy, what was touched, what was at fault, the work left."""

    def __init__(self, resource: Resource, resource_type: ResourceType, tolerated: Tolerated) -> None:
        self.resource = dict(resource)
        self._has_grown = False
        self.touched: set[str] = set()
        self._type = resource_type
        self._tolerated = tolerated
        self._targets = Targets(resource_type, tolerated)
        self._faults: list[str] = []
        self._visits_left = VISITED_MAX

    def run(self, operations: Iterable[Operation]) -> None:
        """Perform the operations in order. Raises like ``patch.apply``."""
        try:
            for operation in operations:
                self._perform(operation)
        except ScimError:
            # Faulty values were left out of the copy, so a later refusal may only follow from them.
            if not self._faults:
                raise
        if self._faults:
            raise InvalidValue(render_faults(self._faults))
        for extension in self._type.extensions:
            if extension.required and extension.schema.id not in self.resource:
                raise MutabilityRefusal(f"{extension.schema.id} is required and cannot be removed.")
        if self._has_grown:
            names = [attribute.name for attribute in self._type.core]
            urns = [extension.schema.id for extension in self._type.extensions]
            self.resource = in_order(self.resource, names + urns)
        recompute_schemas(self.resource, self._type)

    # --- from operations to targets -----------------------------------------------------------

    def _perform(self, operation: Operation) -> None:
        if operation.path is None or self._targets.is_base_schema(operation.path):
            self._perform_map(operation)
            return
        path = self._targets.find(operation.path)
        if path is None:
            return
        if path.attribute is None:
            self._change_extension(operation.op, path, operation.value)
        elif path.attribute.key == "schemas":
            self._change_schemas(operation.op, operation.value)
        else:
            self._change(operation.op, path, operation.value)

    def _perform_map(self, operation: Operation) -> None:
        """A value without a path: each member is an operation of its own (§3.5.2.1, §3.5.2.3)."""
        if operation.op == "remove":
            raise NoTarget("remove needs a path that names what to remove.")
        if not isinstance(operation.value, dict):
            self._fault(f"value must be an object, but the request has {describe(operation.value)}.")
            return
        self._change_all(operation.op, self._targets.of_members(operation.value, self._faults))

    def _change_all(self, op: Op, targets: Sequence[Target]) -> None:
        for target in targets:
            path = target.path
            if path.attribute is None:
                self._clear_extension(path)
            elif not self._is_unchanged(path, target.value):
                self._change(op, path, target.value)

    def _is_unchanged(self, path: Path, value: object) -> bool:
        """Whether a read-only attribute is only repeated, as Okta does with the ``id`` of a group."""
        attribute, sub = cast(Attribute, path.attribute), path.sub
        if (sub or attribute).mutability is not Mutability.READ_ONLY or path.value_filter is not None:
            return False
        current = self._holder(path).get(attribute.name)
        if sub is not None and current is not None:
            current = current.get(sub.name) if isinstance(current, dict) else current
        return value == current or (current is None and is_empty(value))

    # --- extensions and schemas as a whole ----------------------------------------------------

    def _change_extension(self, op: Op, path: Path, value: object) -> None:
        """A path that is an extension's URN: its value is an object of attributes."""
        if is_empty(value):
            self._clear_extension(path)
        elif isinstance(value, dict):
            self._change_all(op, self._targets.of_members(value, self._faults, path.schema_urn))
        else:
            self._fault(f"{path.text} must be an object, but the request has {describe(value)}.")

    def _clear_extension(self, path: Path) -> None:
        """Unassign every attribute of an extension; those it requires go with it."""
        urn = path.schema_urn or ""
        schema = self._type.find_extension(urn)
        if schema is None:
            return
        members = cast(Element, self.resource.get(urn, {}))
        kept: Element = {}
        for attribute in schema.attributes:
            if attribute.mutability is Mutability.READ_ONLY:
                if attribute.name in members:
                    kept[attribute.name] = members[attribute.name]
                continue
            self._touch(Path(urn, attribute, extension=True), attribute.names)
            if attribute.name in members:
                require_changeable(attribute, attribute.name, gone=False)
        self._store(urn, kept or UNASSIGNED)

    def _change_schemas(self, op: Op, value: object) -> None:
        """An extension leaves the resource with its URN (§3.5.2); one that has values stays listed."""
        urns = self._targets.schema_urns(value, self._faults)
        if op == "add":
            return
        base = self._type.schema.id
        if not urns or (op == "remove" and base in urns):
            raise MutabilityRefusal("schemas is required and always contains the base schema.")
        for extension in self._type.extensions:
            urn = extension.schema.id
            if urn in self.resource and (urn in urns) is (op == "remove"):
                self._clear_extension(Path(urn, None, extension=True))

    # --- attributes ---------------------------------------------------------------------------

    def _change(self, op: Op, path: Path, value: object) -> None:
        attribute = cast(Attribute, path.attribute)
        if attribute.returned is Returned.NEVER or attribute.key == "schemas":
            return
        for part in (attribute, path.sub):
            if part is not None and part.mutability is Mutability.READ_ONLY:
                raise MutabilityRefusal(f"{path.text} is read-only. Leave it out of the request.")
        if not attribute.multi_valued:
            self._change_single(op, path, value)
        elif path.value_filter is None and path.sub is None:
            self._change_values(op, path, value)
        else:
            self._change_selected(op, path, value)

    def _change_single(self, op: Op, path: Path, value: object) -> None:
        attribute, sub = cast(Attribute, path.attribute), path.sub
        gone = op == "remove" or is_empty(value)
        if op == "remove" and sub is None and attribute.required:
            raise MutabilityRefusal(f"{attribute.name} is required and cannot be removed.")
        if sub is None and (gone or attribute.type is not Type.COMPLEX):
            self._touch(path, attribute.names)
            self._put(path, UNASSIGNED if gone else self._accept(attribute, value, attribute.name))
            return
        current = cast(Element, self._holder(path).get(attribute.name, {}))
        changes = self._sub_changes(path, op, value)
        self._touch(path, changes)
        changes = without_stale_reference(current, changes)
        self._put(path, merge(attribute, current, changes) or UNASSIGNED)

    def _change_values(self, op: Op, path: Path, value: object) -> None:
        """All values of a multi-valued attribute."""
        attribute = cast(Attribute, path.attribute)
        self._touch(path)
        if is_empty(value):
            # Adding nothing and removing none of the values are no changes; the rest clears.
            if op == "replace" or (op == "remove" and value != []):
                self._put(path, UNASSIGNED)
            return
        if op == "remove" and not self._tolerated.allows("remove-with-value"):
            self._fault(f"remove takes no value. Select what to remove: {attribute.name}[value eq …].")
            return
        given = self._accept_values(attribute, value, wrap=op != "replace")
        current = self._values(path)
        self._visit(len(current) + len(given))
        if op == "remove":
            values = discard_values(attribute, current, given)
        elif op == "add":
            values, written = add_values(attribute, current, given)
            values = settle_primary(attribute, current, values, written)
        else:
            values = given
        self._put(path, values or UNASSIGNED)

    def _change_selected(self, op: Op, path: Path, value: object) -> None:
        """The values a filter selects, or a sub-attribute of these or of all values."""
        attribute, sub = cast(Attribute, path.attribute), path.sub
        self._touch(path)
        current = self._values(path)
        self._visit(len(current))
        hits = self._select(path, current)
        gone = op == "remove" or is_empty(value)
        if not hits:
            if op == "remove" or (gone and op == "add"):
                return
            self._create(op, path, value, current)
        elif gone and sub is None:
            if op != "add":
                chosen = set(hits)
                kept = [item for place, item in enumerate(current) if place not in chosen]
                self._put(path, kept or UNASSIGNED)
        else:
            changes = self._sub_changes(path, op, value)
            after = list(current)
            for place in hits:
                after[place] = merge(attribute, cast(Element, current[place]), changes)
            after = settle_primary(attribute, current, after, hits)
            self._put(path, [item for item in after if item] or UNASSIGNED)

    def _select(self, path: Path, values: Sequence[object]) -> list[int]:
        """The positions of the values that the path selects: all of them without a filter."""
        if path.value_filter is None:
            return list(range(len(values)))
        matches = compile_match(path.value_filter, of_element=True)
        return [place for place, item in enumerate(values) if isinstance(item, dict) and matches(item)]

    def _create(self, op: Op, path: Path, value: object, current: Sequence[object]) -> None:
        """The value that a path describes and that is not there yet.

        Deviation: ``add`` on a value path that matches nothing creates the value it describes, where
        RFC 7644 §3.12 table 9 has ``noTarget``. For ``replace`` that is a tolerance, create-on-absent.
        """
        attribute = cast(Attribute, path.attribute)
        element = self._described(op, path)
        changes = self._sub_changes(path, op, value)
        if all(change is UNASSIGNED for change in changes.values()):
            return
        element = merge(attribute, {}, {**element, **changes})
        if path.value_filter is not None and not compile_match(path.value_filter, of_element=True)(element):
            self._fault(f"The value contradicts the filter of {path.text}.")
        for name in attribute.required_names:
            if name not in element:
                self._fault(f"{attribute.name}.{name} is required.")
        after = settle_primary(attribute, current, [*current, element], [len(current)])
        self._put(path, after)

    def _described(self, op: Op, path: Path) -> Element:
        """What the path says of a value that is not there. Raises NoTarget (§3.5.2.3)."""
        if path.value_filter is None:
            return {}
        element = described(path.value_filter)
        if element is None:
            raise NoTarget(f"No value matches {path.text}, and its filter does not describe a new one.")
        if op == "replace" and not self._tolerated.allows("create-on-absent"):
            attribute = cast(Attribute, path.attribute)
            raise NoTarget(f"No value matches {path.text}. Use add to create one in {attribute.name}.")
        return element

    # --- values -------------------------------------------------------------------------------

    def _sub_changes(self, path: Path, op: Op, value: object) -> Mapping[str, object]:
        """What an operation does to the sub-attributes of a value: name to value or UNASSIGNED.

        Deviation: a read-only part of a value (``manager.displayName``) is passed over, where RFC
        7644 §3.5.2 has ``mutability``, so that a client may send back what it read.
        """
        attribute, sub = cast(Attribute, path.attribute), path.sub
        if sub is not None:
            gone = op == "remove" or is_empty(value)
            where = f"{attribute.name}.{sub.name}"
            return {sub.name: UNASSIGNED if gone else self._accept(sub, value, where)}
        if isinstance(value, list) and len(value) == 1 and self._tolerated.allows("complex-from-scalar"):
            value = value[0]
        if not isinstance(value, dict):
            accepted = accept_single(attribute, value, attribute.name, self._tolerated, self._faults)
            return cast(Element, accepted) if isinstance(accepted, dict) else {}
        changes: Element = {}
        for part, item in self._targets.of_sub_attributes(attribute, value, self._faults):
            if part.mutability is not Mutability.READ_ONLY:
                changes[part.name] = self._accept(part, item, f"{attribute.name}.{part.name}")
        return changes

    def _accept(self, attribute: Attribute, value: object, where: str) -> object:
        return accept_value(attribute, value, where, self._tolerated, self._faults)

    def _accept_values(self, attribute: Attribute, value: object, *, wrap: bool) -> list[object]:
        """A list of values; with ``wrap``, one value may stand for a list of one (§3.5.2.1)."""
        if not isinstance(value, list) and wrap and (isinstance(value, dict) or not attribute.sub_attributes):
            value = [value]
        known = self._targets.known_members
        value = [known(attribute, item) for item in value] if isinstance(value, list) else known(attribute, value)
        accepted = self._accept(attribute, value, attribute.name)
        return accepted if isinstance(accepted, list) else []

    # --- the copy -----------------------------------------------------------------------------

    def _holder(self, path: Path) -> Mapping[str, object]:
        """The object that has the attribute: the resource or one of its extensions."""
        return cast(Element, self.resource.get(path.schema_urn or "", {})) if path.extension else self.resource

    def _values(self, path: Path) -> Sequence[object]:
        values = self._holder(path).get(cast(Attribute, path.attribute).name)
        return values if isinstance(values, list) else []

    def _put(self, path: Path, value: object) -> None:
        """Store a whole attribute. Raises Mutability if its characteristics forbid the change."""
        attribute = cast(Attribute, path.attribute)
        name = attribute.name
        holder = self._holder(path)
        before = holder.get(name)
        if before is not None and before != value:
            require_changeable(attribute, name, gone=value is UNASSIGNED)
        if isinstance(value, list) and len(value) > LIMITS.values:
            self._fault(f"{name} would have {len(value)} values; the limit is {LIMITS.values}.")
        if not path.extension:
            self._store(name, value)
            return
        urn = path.schema_urn or ""
        schema = self._type.find_extension(urn)
        members = {**holder, name: value}
        if value is UNASSIGNED:
            del members[name]
        elif name not in holder and schema is not None:
            members = in_order(members, [each.name for each in schema.attributes])
        self._store(urn, members or UNASSIGNED)

    def _store(self, key: str, value: object) -> None:
        if value is UNASSIGNED:
            self.resource.pop(key, None)
            return
        self._has_grown = self._has_grown or key not in self.resource
        self.resource[key] = value

    def _touch(self, path: Path, subs: Iterable[str] = ()) -> None:
        """Record what the client spoke about: an attribute, and parts of a single complex one."""
        key = replace(path, sub=None, value_filter=None).key if path.sub or path.value_filter else path.key
        self.touched.add(key)
        attribute = cast(Attribute, path.attribute)
        if attribute.sub_attributes and not attribute.multi_valued:
            self.touched.update(f"{key}.{name.lower()}" for name in subs)

    def _fault(self, text: str) -> None:
        if text not in self._faults:
            self._faults.append(text)

    def _visit(self, values: int) -> None:
        self._visits_left -= values
        if self._visits_left < 0:
            raise TooMany(
                f"The operations look at more than {VISITED_MAX} values in total. Send them in several requests."
            )
