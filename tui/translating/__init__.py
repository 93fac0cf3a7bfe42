"""Translates a question by the translator that the user names; without one, nothing is sent anywhere.

Open `translators.py` first: a command, or an OpenAI-compatible endpoint; `cache.py` keeps translations.
"""

from .cache import Translations
from .translators import FORMS, Translate, problem, translator

__all__ = ["FORMS", "Translate", "Translations", "problem", "translator"]
