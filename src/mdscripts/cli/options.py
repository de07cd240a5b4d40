"""Options that every command has, and the system they lead to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mdscripts import bootstrap, settings, telemetry
from mdscripts.settings import Settings


@Parameter(name="*")
@dataclass(frozen=True)
class Options:
    """What every command accepts."""

    config: Annotated[Path | None, Parameter(help="Settings file (TOML); MDSCRIPTS_* variables win over it.")] = None
    json: Annotated[bool, Parameter(negative=(), help="Print JSON for machines.", show_default=False)] = False

    def settings(self) -> Settings:
        """The settings of this process. Raises SettingsError."""
        return settings.load(self.config)


DEFAULT = Options()


@asynccontextmanager
async def opened(options: Options) -> AsyncIterator[bootstrap.System]:
    """The system on a migrated database; closed when the block ends.

    Commands keep standard error for their own sentence: only faults of the product are logged.
    """
    telemetry.configure("error")
    system = await bootstrap.open_system(options.settings())
    try:
        yield system
    finally:
        await system.close()
