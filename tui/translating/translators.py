"""Translators by name: a command of this machine, or an OpenAI-compatible endpoint."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable
from typing import Any

from ...engine.errors import HybridSearchError
from ...engine.languages import name as language_name
from ...engine.shown import one_line

Translate = Callable[[str, str, str], str]
"""From a text, its language's code and another one to the text in that language; raises HybridSearchError."""

FORMS = "a command such as `trans -b {source}:{target}`, which reads the text, or openai:MODEL[@URL]"
_PREFIX = "openai:"
_SECONDS = 120.0
# A question is a line; a much longer answer is an error message or chat.
_MOST_CHARACTERS = 4_000


def problem(name: str) -> str:
    """Why a text does not name a translator, in a sentence; "" if it does or is empty."""
    if not name.strip():
        return ""
    try:
        translator(name)
    except HybridSearchError as error:
        return f"{error.message} {error.hint}".strip()
    return ""


def translator(name: str) -> Translate:
    """The translator of this name; making it sends nothing.

    Raises:
        HybridSearchError: the name is neither a command nor an endpoint.
    """
    if name.startswith(_PREFIX):
        return _endpoint(name)
    try:
        words = shlex.split(name, posix=os.name == "posix")
    except ValueError:
        raise HybridSearchError("The translator's command has an unclosed quotation mark.", hint="Add it.") from None
    if not any("{target}" in word for word in words):
        raise HybridSearchError(
            "A translator's command needs {target}, which is replaced by the code of the language to translate into.",
            hint=f"Name {FORMS}.",
        )
    return lambda text, source, target: _by_command(words, text, source, target)


def _by_command(words: list[str], text: str, source: str, target: str) -> str:
    command = [word.replace("{source}", source).replace("{target}", target) for word in words]
    try:
        done = subprocess.run(
            command, input=text.encode("utf-8", "replace"), capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise HybridSearchError(f"The translator {command[0]} gave no answer in {_SECONDS:.0f} seconds.") from None
    except OSError as error:
        raise HybridSearchError(
            f"The translator {command[0]} cannot be started: {error.strerror or error}.", hint="Name another one."
        ) from error
    if done.returncode:
        said = one_line(done.stderr.decode("utf-8", "replace"))[:200]
        raise HybridSearchError(f"The translator {command[0]} ended with {done.returncode}: {said}")
    return _checked(done.stdout.decode("utf-8", "replace"), command[0])


def _endpoint(name: str) -> Translate:
    """A chat endpoint.

    Raises:
        HybridSearchError: the name is malformed.
    """
    from ...engine.encoders.endpoints import Client, key_of, parse

    endpoint = parse(name)

    def translate(text: str, source: str, target: str) -> str:
        key = key_of(endpoint)
        headers = {"Authorization": f"Bearer {key.value}"} if key.value else {}
        client = Client(endpoint.address, headers, secret=key.value, loopback=endpoint.loopback, timeout=_SECONDS)
        asked = (
            f"Translate the user's text from {language_name(source)} to {language_name(target)} ({target}). "
            "Answer with the translation alone."
        )
        messages = [{"role": "system", "content": asked}, {"role": "user", "content": text}]
        answer = client.ask("/chat/completions", {"model": endpoint.model, "messages": messages, "temperature": 0})
        return _checked(_content(answer.value), name)

    return translate


def _content(answer: Any) -> str:
    try:
        return str(answer["choices"][0]["message"]["content"] or "")
    except (KeyError, IndexError, TypeError):
        return ""


def _checked(text: str, name: str) -> str:
    """The translation on one line.

    Raises:
        HybridSearchError: it is empty, or too long for a question.
    """
    told = one_line(text.strip())
    if not told:
        raise HybridSearchError(f"The translator {name} gave no text.", hint="Try it in a terminal.")
    if len(told) > _MOST_CHARACTERS:
        raise HybridSearchError(f"The translator {name} gave {len(told):,} characters for a question.")
    return told
