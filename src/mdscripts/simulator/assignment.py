"""One person's assignment to the application, and the comparison after each call."""

from dataclasses import dataclass, field

from mdscripts.simulator.answers import resource_problems, sentence
from mdscripts.simulator.http import Answer
from mdscripts.simulator.journal import Verdict
from mdscripts.simulator.profile import Profile, called, changes, differences, read


@dataclass
class AppUser:
    """What the identity provider believes, and what the service provider showed last."""

    scim_id: str
    profile: dict[str, object]
    seen: dict[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How the administrator calls the person."""
        return called(self.profile)


def compare(user: AppUser, wanted: Profile, done: str, answer: Answer) -> Verdict:
    """Judge a returned User against ``wanted`` and remember it as what was seen last."""
    seen = read(answer.resource)
    problems = resource_problems(answer, "User") + differences(wanted, seen)
    made = changes(user.seen, seen)
    user.seen = seen
    if problems:
        return Verdict(f"Accepted, but {sentence(problems)}", ok=False, changes=made)
    return Verdict(done if made else f"{done} Nothing changed.", changes=made)
