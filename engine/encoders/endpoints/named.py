"""Parses the name of an endpoint: protocol, model, address and settings; a key is never part of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

from ...errors import EncoderError, UnknownEncoder
from ..names import Kind, kind_of, parts_of
from ..prompts import FAMILIES, NONE, Family, family_named, family_of
from .protocols import PROTOCOLS, Protocol

_AT = re.compile(r"@(?=https?:)", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_SECRET = re.compile(r"key|token|secret|password|auth|credential|signature", re.IGNORECASE)
_LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1", re.IGNORECASE)
# Long enough for loading the model first, and for the longest batch on a slow machine.
_TIMEOUT = 60.0


@dataclass(frozen=True)
class Named:
    """An endpoint as its name describes it.

    Attributes:
        name: as given.
        protocol: the requests that it accepts.
        model: the model's name there; empty if the address identifies it.
        address: of the endpoint, without a slash at its end.
        family: the model family whose prompts are used, or None.
        chosen: whether the name sets the prompts; otherwise the model's name does.
        query: the prompt of queries.
        document: the prompt of passages.
        dimensions: the requested length of vectors; 0 for the model's own.
        tokens: the most tokens that the model reads; 0 if the name does not say.
        batch: the most texts of a request; 0 if the name does not say.
        timeout: seconds.
        key: the environment variable that holds the key; empty for the protocol's own.
        price: of a million tokens; 0 if unknown.
    """

    name: str
    protocol: Protocol
    model: str
    address: str
    family: Family | None = None
    chosen: bool = False
    query: str = ""
    document: str = ""
    dimensions: int = 0
    tokens: int = 0
    batch: int = 0
    timeout: float = _TIMEOUT
    key: str = ""
    price: float = 0.0

    @property
    def host(self) -> str:
        """The host of its address."""
        return urlsplit(self.address).hostname or ""

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine."""
        return _LOOPBACK.fullmatch(self.host) is not None

    @property
    def encrypted(self) -> bool:
        """Whether the connection is encrypted."""
        return self.address.lower().startswith("https:")

    @property
    def place(self) -> str:
        """What the user has to consent to before anything is sent: the protocol and the address."""
        return f"{self.protocol.prefix}:{self.address}"

    def serving(self, model: str) -> Named:
        """The endpoint with the model that it says it serves; a model in the name takes precedence."""
        if self.model or not model:
            return self
        if self.chosen or not self.protocol.prompted:
            return replace(self, model=model)
        family = family_of(model)
        given = family or NONE
        return replace(self, model=model, family=family, query=given.query, document=given.document)

    def missing_prompt(self) -> str:
        """The notice that the model does not get a prompt that it needs; else empty."""
        needed = family_of(self.model) if self.protocol.prompted else None
        if needed is None or (self.query, self.document) == (needed.query, needed.document):
            return ""
        missing = "query" if self.query != needed.query else "passage"
        wanted = needed.query if missing == "query" else needed.document
        return (
            f"{self.model} was trained with {wanted!r} before every {missing}, and this name leaves it out or says "
            f"something else: expect worse answers. #prompts={needed.name} puts it there."
        )


def is_endpoint(name: str) -> bool:
    """Whether a name is that of an endpoint, which texts would be sent to."""
    kind = kind_of(name)
    return kind is not None and kind.runs == "endpoint"


def parse(name: str) -> Named:
    """Parse the name of an endpoint.

    Raises:
        UnknownEncoder: it has the wrong form.
        EncoderError: it contains a secret, which belongs in the environment.
    """
    kind = kind_of(name)
    if kind is None or kind.runs != "endpoint":
        raise UnknownEncoder(f"{name!r} is not an endpoint's name.")
    _refuse_secrets(name, kind)
    what, settings = parts_of(name, kind)
    protocol = PROTOCOLS[kind.prefix]
    model, address = _split(name, what, kind, protocol)
    family, query, document = _prompts(name, model, settings, protocol)
    return Named(
        name=name,
        protocol=protocol,
        model=model,
        address=address,
        family=family,
        chosen=any(key in settings for key in ("prompts", "query", "document")),
        query=query,
        document=document,
        dimensions=_whole(name, settings, "dimensions", 65_536),
        tokens=_whole(name, settings, "tokens", 10_000_000),
        batch=_whole(name, settings, "batch", 10_000),
        timeout=_number(name, settings, "timeout", _TIMEOUT, 0.01, 3_600),
        key=settings.get("key", ""),
        price=_number(name, settings, "price", 0.0, 0.0, 1_000_000),
    )


def _refuse_secrets(name: str, kind: Kind) -> None:
    """Refuse a key in a name, since names are stored in libraries and shown; messages do not repeat it."""
    hint = "Keys come from the environment: #key=VARIABLE names the variable that holds yours."
    behind = name.partition("#")[2]
    for pair in behind.split("&"):
        key, _, value = pair.partition("=")
        if key == "key" and not _VARIABLE.fullmatch(value):
            raise EncoderError(
                f"The setting key of a {kind.prefix}: name is not the name of an environment variable.", hint=hint
            )
    found = re.search(r"https?:", name.partition("#")[0], re.IGNORECASE)
    if found is None:
        return
    address = name.partition("#")[0][found.start() :]
    if "@" in address:
        raise EncoderError(f"The address in a {kind.prefix}: name holds a user or a password.", hint=hint)
    for key, _ in parse_qsl(address.partition("?")[2], keep_blank_values=True):
        if _SECRET.search(key):
            raise EncoderError(f"The address in a {kind.prefix}: name holds a secret ({key}).", hint=hint)


def _split(name: str, what: str, kind: Kind, protocol: Protocol) -> tuple[str, str]:
    """The model and the address."""
    if _ADDRESS.match(what):
        model, address = "", what
    else:
        model, *rest = _AT.split(what, maxsplit=1)
        address = rest[0] if rest else protocol.address
    if protocol.needs_model and not model:
        raise UnknownEncoder(f"{name!r} names no model.", hint=f"It is written {kind.form}.")
    if not protocol.needs_model and model:
        raise UnknownEncoder(f"{name!r} names no address.", hint=f"It is written {kind.form}.")
    try:
        parts = urlsplit(address)
        sound = bool(parts.hostname) and parts.port != 0 and not re.search(r"[\s\x00-\x1f]", address)
    except ValueError:
        sound = False
    if not sound or not _ADDRESS.match(address):
        raise UnknownEncoder(
            f"{address!r} is not the address of an endpoint.",
            hint=f"It is written {kind.form}, with a URL such as http://localhost:8080.",
        )
    return model, address.rstrip("/")


def _prompts(name: str, model: str, settings: dict[str, str], protocol: Protocol) -> tuple[Family | None, str, str]:
    if not protocol.prompted:
        return None, "", ""
    asked = settings.get("prompts")
    family = family_of(model) if asked is None else family_named(asked)
    if asked is not None and family is None:
        known = ", ".join(each.name for each in (*FAMILIES, NONE))
        raise UnknownEncoder(
            f"{name!r} asks for the prompts of {asked!r}, which are not known.", hint=f"Known: {known}."
        )
    given = family or NONE
    return family, settings.get("query", given.query), settings.get("document", given.document)


def _whole(name: str, settings: dict[str, str], key: str, most: int) -> int:
    value = settings.get(key)
    if value is None:
        return 0
    if not (value.isascii() and value.isdigit()) or not 0 < int(value) <= most:
        raise UnknownEncoder(f"{name!r} has {key}={value!r}.", hint=f"{key} is a whole number from 1 to {most:,}.")
    return int(value)


def _number(name: str, settings: dict[str, str], key: str, default: float, least: float, most: float) -> float:
    value = settings.get(key)
    try:
        found = default if value is None else float(value)
    except ValueError:
        found = float("nan")
    if not least <= found <= most:
        raise UnknownEncoder(f"{name!r} has {key}={value!r}.", hint=f"{key} is a number from {least:g} to {most:,g}.")
    return found
