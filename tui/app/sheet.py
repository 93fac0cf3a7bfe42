"""The app's stylesheet, which parses each source once: Textual's parses all of them whenever a screen comes up."""

from __future__ import annotations

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

# More than there are widgets, dialogs and screens: a cache that cannot hold all of them never hits.
_SOURCES = 512


class Sheet(Stylesheet):
    """A stylesheet that forgets parsed sources only when the theme's variables change.

    Args:
        variables: those of the theme.
    """

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_SOURCES)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Set the variables; equal ones change nothing."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Parse new sources; `parse` itself leaves the rules unchanged if a source has an error."""
        self.parse()
