"""What a journey plays on: the connection, the people, and the wishes of whoever started it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from mdscripts.simulator.entra import EntraJob
from mdscripts.simulator.http import ScimClient
from mdscripts.simulator.journal import Journal, TaskFailed
from mdscripts.simulator.okta import OktaApp
from mdscripts.simulator.people import Directory, Person

Client = Literal["okta", "entra"]


@dataclass(frozen=True)
class Stage:
    """Everything a journey may use. ``users`` is how many people it should handle,
    ``connections`` how many at once in a long run."""

    journal: Journal
    client: ScimClient
    directory: Directory
    token: str
    dialect: str
    users: int
    link_user_name: str | None
    connections: int

    def okta_app(self) -> OktaApp:
        """The application "MDScripts" in Okta, set up in the stage's dialect."""
        return OktaApp(self.journal, dialect="aiw" if self.dialect == "aiw" else "oin")

    def entra_job(self) -> EntraJob:
        """The provisioning job in Entra ID, set up in the stage's dialect."""
        return EntraJob(self.journal, dialect="default" if self.dialect == "default" else "aadOptscim062020")

    def people(self, count: int, start: int = 0) -> list[Person]:
        """``count`` people of the clinic from number ``start`` on."""
        return [self.directory.person(index) for index in range(start, start + count)]

    def for_everybody(self, label: str, handle: Callable[[Person], object], *, at_least: int = 1) -> None:
        """Call ``handle`` for each of ``users`` people, several at once.

        A refused person is in the journal and does not stop the others; silence does.
        """
        count = max(at_least, self.users)
        with self.journal.many(label, count) as advance:

            def one(index: int) -> None:
                try:
                    handle(self.directory.person(index))
                except TaskFailed:
                    return
                finally:
                    advance()

            with ThreadPoolExecutor(self.connections) as pool:
                running = [pool.submit(one, index) for index in range(count)]
                try:
                    for future in running:
                        future.result()
                except BaseException:
                    pool.shutdown(wait=True, cancel_futures=True)
                    raise


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named journey of one client with a one-line description."""

    name: str
    client: Client
    description: str
    play: Callable[[Stage], None]
