"""The app's stylesheet, which parses each source once: Textual's parses all of them whenever a screen comes up."""

from __future__ import annotations

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

# More than there are widgets, dialogs and screens: in a cache smaller than one round nothing is ever found.
_SOURCES = 512


class Sheet(Stylesheet):
    """Forgets what it parsed only when the theme's variables change.

    Args:
        variables: of the theme.
    """

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_SOURCES)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take other variables; the same ones change nothing."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Parse what is new. A source with an error leaves the rules as they were, as it does by itself."""
        self.parse()
