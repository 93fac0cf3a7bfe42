"""Describes the command line to programs: inputs and outputs as JSON, and shell completion."""

from .completion import SHELLS, script
from .spec import spec

__all__ = ["SHELLS", "script", "spec"]
