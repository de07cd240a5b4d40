"""What a module imports, read from its text."""

import ast
from pathlib import Path


def imported_by(path: Path) -> set[str]:
    """The full names of the modules that a file imports, wherever in it. Relative imports fail."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            names.add(node.module or "")
    return names
