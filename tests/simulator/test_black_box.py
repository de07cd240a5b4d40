"""What the simulator proves is proven from outside: it uses nothing of the product."""

from pathlib import Path

import mdscripts.simulator
from tests.support.imports import imported_by

MODULES = sorted(Path(str(mdscripts.simulator.__file__)).parent.rglob("*.py"))
OWN = "mdscripts.simulator"


def test_it_imports_nothing_of_the_product() -> None:
    assert len(MODULES) > 10
    foreign = {
        (path.name, name)
        for path in MODULES
        for name in imported_by(path)
        if name.split(".")[0] == "mdscripts" and name != OWN and not name.startswith(OWN + ".")
    }
    assert foreign == set()


def test_only_the_narration_needs_more_than_the_standard_library() -> None:
    import sys

    needed = {
        (path.stem, root)
        for path in MODULES
        for root in {name.split(".")[0] for name in imported_by(path)}
        if root != "mdscripts" and root not in sys.stdlib_module_names
    }
    assert needed == {("narration", "rich")}
