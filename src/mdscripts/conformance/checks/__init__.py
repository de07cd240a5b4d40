"""Every check, in the order of the RFCs. Each module is one subject; each check quotes its sentence.

A check knows one sentence of an RFC and must not know any particular server. To add one, write a
function with ``@check`` in the module of its subject; it is found by itself.
"""

from mdscripts.conformance.check import Check, checks_of
from mdscripts.conformance.checks import (
    authentication,
    bulk,
    creating,
    cursors,
    discovery,
    filter_notation,
    filtering,
    formats,
    patch_add,
    patch_remove,
    patch_replace,
    patching,
    projecting,
    querying,
    replacing,
    representation,
    schema_documents,
    service_configuration,
    sorting,
    values,
    versions,
)

_MODULES = (
    authentication,
    service_configuration,
    discovery,
    schema_documents,
    representation,
    values,
    creating,
    querying,
    filtering,
    filter_notation,
    sorting,
    projecting,
    replacing,
    patching,
    patch_add,
    patch_remove,
    patch_replace,
    bulk,
    formats,
    versions,
    cursors,
)


def place(check: Check) -> tuple[str, tuple[int, ...]]:
    """The key that sorts checks by RFC and section."""
    return check.rfc, tuple(map(int, check.section.split(".")))


CHECKS: tuple[Check, ...] = tuple(
    sorted((check for module in _MODULES for check in checks_of(vars(module))), key=place)
)
