"""Known faults in one sentence each, for people at a terminal."""

import errno

from mdscripts.app.ports import StorageUnavailable
from mdscripts.app.refused import NameTaken, NotFoundHere
from mdscripts.domain.violations import RuleViolation
from mdscripts.scim.errors import ScimError
from mdscripts.settings import SettingsError
from mdscripts.storage import SchemaChanged, SchemaOutdated, SchemaTooNew

_SELF_EXPLAINING = (SettingsError, NameTaken, NotFoundHere, SchemaOutdated, SchemaTooNew, SchemaChanged)


def sentence_of(fault: BaseException) -> str | None:
    """What to tell people about a fault, None when it is unexpected."""
    if isinstance(fault, _SELF_EXPLAINING):
        return str(fault)
    if isinstance(fault, RuleViolation):
        return fault.message
    if isinstance(fault, ScimError):
        return fault.detail
    if isinstance(fault, StorageUnavailable):
        reason = str(fault) or "it is not reachable"
        return f"The database does not answer: {reason.rstrip('.')}. Check MDSCRIPTS_DATABASE or run mdscripts doctor."
    if isinstance(fault, PermissionError | FileNotFoundError | IsADirectoryError) and fault.filename:
        return f"{fault.filename} cannot be used: {fault.strerror}."
    if isinstance(fault, OSError) and fault.errno in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
        return f"The server cannot listen there: {fault.strerror}. Choose another --port or --host."
    return None
