"""A question in other languages, by the translator that the user names; nothing is sent anywhere without one.

Open `translators.py` first: a command, or an OpenAI-compatible endpoint; `cache.py` keeps what was translated.
"""

from .cache import Translations
from .translators import FORMS, Translate, problem, translator

__all__ = ["FORMS", "Translate", "Translations", "problem", "translator"]
