"""The command line told to programs: everything it takes and gives as JSON, and completion for shells."""

from .completion import SHELLS, script
from .spec import spec

__all__ = ["SHELLS", "script", "spec"]
