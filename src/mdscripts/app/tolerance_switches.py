"""The tolerances of one connection: which are on, why, and how often they were needed."""

from collections.abc import Sequence
from dataclasses import dataclass

from mdscripts.app.connection_settings import enabled_tolerances, overrides
from mdscripts.app.ports import CredentialRecord, ToleranceUse
from mdscripts.domain.violations import RuleViolation
from mdscripts.scim.tolerances import ALL, Tolerance


@dataclass(frozen=True, slots=True)
class ToleranceState:
    """One tolerance as it is for a token. ``switched`` says that somebody set it against what the
    kind of client implies. ``uses`` is how often requests needed it, ``last_used_at`` when last."""

    tolerance: Tolerance
    on: bool
    switched: bool
    uses: int
    last_used_at: str | None


def tolerance_states(token: CredentialRecord, uses: Sequence[ToleranceUse]) -> Sequence[ToleranceState]:
    """All tolerances, in the order they are documented."""
    enabled, switched = enabled_tolerances(token), overrides(token)
    counted = {use.tolerance: use for use in uses}
    states = []
    for name, tolerance in ALL.items():
        use = counted.get(name)
        count, last = (0, None) if use is None else (use.uses, use.last_used_at)
        states.append(ToleranceState(tolerance, name in enabled, name in switched, count, last))
    return states


def tolerance_switches(on: Sequence[str], off: Sequence[str]) -> dict[str, bool]:
    """Id -> whether it is to be on. Raises RuleViolation for an unknown id and for one that is in both."""
    unknown = [name for name in (*on, *off) if name not in ALL]
    if unknown:
        message = f"There is no tolerance {unknown[0]!r}. Tolerances are: {', '.join(ALL)}."
        raise RuleViolation("tolerance", message)
    both = sorted({*on} & {*off})
    if both:
        raise RuleViolation("tolerance", f"The tolerance {both[0]} cannot be switched on and off at once.")
    return dict.fromkeys(on, True) | dict.fromkeys(off, False)
