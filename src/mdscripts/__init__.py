"""MDScripts provisioning: a SCIM 2.0 service provider for medical practices, with its pages.

Imports point inward: ``cli > bootstrap > web | storage > telemetry > app > domain | scim |
settings``; ``simulator`` is a black-box client and stands alone. Start with ``bootstrap``.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("mdscripts")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0.0.0+source"
