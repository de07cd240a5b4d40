"""``python -m mdscripts``: the same as the ``mdscripts`` command."""

import sys

from mdscripts.cli import main

if __name__ == "__main__":
    sys.exit(main())
