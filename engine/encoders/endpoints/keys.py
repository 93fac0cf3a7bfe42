"""Finds the key of an endpoint: it is read only from the environment and sent only to that endpoint."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ...environment import API_KEY
from ...errors import EncoderError
from .http import Client
from .named import Named


@dataclass(frozen=True)
class Key:
    """A key and its origin.

    Attributes:
        value: the key, empty for none; it is never shown.
        variable: the environment variable that holds it, or should.
        withheld: the variable whose key was not sent, since the connection is not encrypted.
    """

    value: str = field(repr=False)
    variable: str
    withheld: str = ""


def _read(variable: str) -> str:
    # Written out one by one, so that each variable that is read can be found in the code.
    known = {
        "OPENAI_API_KEY": lambda: os.environ.get("OPENAI_API_KEY"),
        "COHERE_API_KEY": lambda: os.environ.get("COHERE_API_KEY"),
        "CO_API_KEY": lambda: os.environ.get("CO_API_KEY"),
        "VOYAGE_API_KEY": lambda: os.environ.get("VOYAGE_API_KEY"),
        "GEMINI_API_KEY": lambda: os.environ.get("GEMINI_API_KEY"),
        "GOOGLE_API_KEY": lambda: os.environ.get("GOOGLE_API_KEY"),
        "OLLAMA_API_KEY": lambda: os.environ.get("OLLAMA_API_KEY"),
    }
    return (known[variable]() if variable in known else os.environ.get(variable)) or ""


def key_of(endpoint: Named) -> Key:
    """The key for an endpoint: from the variable in its name, else from the first of its protocol's that is set.

    Without encryption, a key is sent only to this machine, or if the name says `#key=VARIABLE`.

    Raises:
        EncoderError: the named variable is not set, a needed key is missing, or the value cannot be a key.
    """
    if endpoint.key:
        value = _read(endpoint.key).strip()
        if not value:
            raise EncoderError(
                f"{endpoint.name} takes its key from {endpoint.key}, which is not set.",
                hint=f"Set {endpoint.key} to the key and try again.",
            )
        return Key(_sound(value, endpoint.key), endpoint.key)
    variables = (*endpoint.protocol.keys, API_KEY.name)
    found = next((name for name in variables if _read(name).strip()), "")
    if found and not (endpoint.encrypted or endpoint.loopback):
        return Key("", found, withheld=found)
    if found:
        return Key(_sound(_read(found).strip(), found), found)
    if endpoint.protocol.keys and endpoint.address == endpoint.protocol.address and not endpoint.loopback:
        raise EncoderError(
            f"{endpoint.protocol.title} at {endpoint.address} needs a key, and none is set.",
            hint=f"Set {variables[0]} to your key and try again.",
        )
    return Key("", variables[0])


def _sound(value: str, variable: str) -> str:
    if not value.isascii() or not value.isprintable() or " " in value:
        raise EncoderError(
            f"What {variable} holds cannot be a key: it has spaces, line ends or characters that keys do not have.",
            hint=f"Set {variable} to the key alone.",
        )
    return value


def refused(endpoint: Named, key: Key) -> str:
    """The hint for refused access."""
    if key.withheld:
        return (
            f"The key in {key.withheld} was not sent, since http:// is not encrypted. Use https://, or say"
            f" #key={key.withheld} if that is meant."
        )
    if key.value:
        return f"The key was taken from {key.variable}: check it."
    return f"Set {key.variable} to its key, or name another variable with #key=VARIABLE."


def client_of(endpoint: Named, key: Key, wait: Callable[[float], None] = time.sleep) -> Client:
    """The client for an endpoint with its key; `wait` is called with the seconds to wait between tries."""
    return Client(
        endpoint.address,
        endpoint.protocol.headers(key.value),
        secret=key.value,
        refused=refused(endpoint, key),
        loopback=endpoint.loopback,
        timeout=endpoint.timeout,
        wait=wait,
    )
