"""An HTTP endpoint as a target: sends the question in the address or a JSON body, reads answers from any JSON."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from ....engine.encoders import Client
from ....engine.errors import EncoderError
from .answers import answers_in
from .protocol import DEPTH, Answer, Options, Question, TargetError

OPENAI_KEY = "OPENAI_API_KEY"
_OPENAI = re.compile(r"/vector_stores/[^/]+/search$")
_REQUEST = '{"query": "{question}", "top_k": "{k}"}'
_OPENAI_REQUEST = '{"query": "{question}", "max_num_results": "{k}"}'
# The most results that OpenAI's search returns.
_OPENAI_MOST = 50
# Larger replies are refused.
_MOST_BYTES = 64 * 1024 * 1024
_VARIABLE = re.compile(r"\$\{(\w+)\}")
# Names that are replaced where they stand in braces.
_PLACES = ("question", "k", "language")
_PLACE = re.compile(r"\{(\w+)\}")
_ON_THIS_MACHINE = re.compile(r"localhost|127(\.\d+){3}|::1", re.IGNORECASE)


def open_target(scheme: str, place: str, options: Options) -> Endpoint:
    """The endpoint at an address.

    Raises:
        TargetError: the address, the request, the path of the results or a header cannot be used, or a key is missing.
    """
    return Endpoint(place, options)


class Endpoint:
    """Asks an endpoint: GET where the address has {question} in it, else POST with a JSON body.

    Args:
        address: http or https; without user name and password.
        options: `request` is the body with {question}, {k} and {language} in its texts ("{k}" alone becomes a number);
            OpenAI's format for an address that ends in /vector_stores/ID/search. `results` is a JMESPath. `headers` may
            contain environment variables as ${NAME}.
    """

    def __init__(self, address: str, options: Options) -> None:
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
            _ = parts.port
        except ValueError:
            host = ""
        # urlsplit silently removes some control characters, such as line ends.
        if not address.isprintable():
            host = ""
        if not host:
            raise TargetError(f"{address!r:.200} is not an address.", hint="For instance http://localhost:8000/search.")
        if "@" in parts.netloc:
            raise TargetError(
                f"The address of {host} holds a user name or a password.",
                hint="Give it as a header: --header 'Authorization: Bearer ${NAME}' takes it from the environment.",
            )
        self.name = f"{parts.scheme}://{parts.netloc}{parts.path}"
        openai = bool(_OPENAI.search(parts.path))
        self.depth: int | None = _OPENAI_MOST if openai else DEPTH
        self._gets = "{question}" in address
        rest = parts.path + (f"?{parts.query}" if parts.query else "")
        # Passing the path separately keeps a slash at its end.
        whole = not self._gets and not parts.path.endswith("/")
        self._path = "" if whole else rest
        _require_known(_PLACE.findall(address), "address", address)
        self._options = options
        self._request = self._template(options.request or (_OPENAI_REQUEST if openai else _REQUEST))
        self._results = _compiled(options.results)
        local = bool(_ON_THIS_MACHINE.fullmatch(host))
        headers, secret = _headers(options.headers, host, local or parts.scheme == "https")
        self._client = Client(
            address if whole else f"{parts.scheme}://{parts.netloc}",
            headers,
            secret=secret,
            loopback=local,
            timeout=options.timeout,
            most_bytes=_MOST_BYTES,
        )

    def _template(self, text: str) -> Any:
        try:
            body = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise TargetError(
                f"The request {text!r:.120} is not JSON ({error}).", hint=f"For instance --request '{_REQUEST}'."
            ) from error
        if not self._gets and "{question}" not in text:
            raise TargetError(
                f"The request {text!r:.120} has no place for the question.", hint='Write "{question}" where it goes.'
            )
        if not isinstance(body, dict):
            raise TargetError(f"The request {text!r:.120} is not a JSON object.", hint=f"For instance '{_REQUEST}'.")
        # Braces inside a longer text may belong to a query language; only a whole text in braces is a placeholder.
        _require_known(re.findall(r'"\{(\w+)\}"', text), "request", text)
        return body

    def prepare(self, questions: Sequence[Question]) -> None:
        """Do nothing."""

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """The endpoint's answers.

        Raises:
            TargetError: it cannot be reached, refuses, is too slow, or its reply has no answers.
        """
        said = {"question": question.text, "k": k, "language": question.language}
        who = f"{self.name}, question {question.id}"
        try:
            if self._gets:
                path = self._path
                for name, value in said.items():
                    path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
                reply = self._client.ask(path).value
            else:
                reply = self._client.ask(self._path, _filled(self._request, said)).value
        except EncoderError as error:
            raise TargetError(f"{error.message.rstrip('.')} (question {question.id}).", hint=_hint(error)) from error
        if self._results is not None:
            found = self._results.search(reply)
            if found is None:
                raise TargetError(
                    f"{who}: there is nothing at {self._options.results} in the reply, which has "
                    f"{', '.join(map(str, reply)) if isinstance(reply, dict) else type(reply).__name__}.",
                    hint="Name the list of answers with --results, a JMESPath such as data.hits.",
                )
            reply = found
        return answers_in(reply, self._options.fields, who)

    def languages(self) -> Mapping[str, int]:
        """Empty: the collection's languages are unknown."""
        return {}

    def close(self) -> None:
        """Do nothing."""


def _require_known(places: Sequence[str], what: str, text: str) -> None:
    """Refuse unknown names in braces, which would be sent literally."""
    strange = [name for name in places if name not in _PLACES]
    if strange:
        raise TargetError(
            f"Nothing is known to put for {{{strange[0]}}} in the {what} {text!r:.120}.",
            hint="{question}, {k} and {language} are filled in.",
        )


def _compiled(path: str) -> Any:
    if not path:
        return None
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        return jmespath.compile(path)
    except JMESPathError as error:
        raise TargetError(
            f"The path of the results {path!r:.120} is not a JMESPath ({str(error).splitlines()[0]}).",
            hint="For instance data, result.hits or results[].document.",
        ) from error


def _headers(headers: Mapping[str, str], host: str, safe: bool) -> tuple[dict[str, str], str]:
    """Headers with environment variables filled in, and the first of these as the secret."""
    if host == "api.openai.com" and "authorization" not in (name.lower() for name in headers):
        headers = {**headers, "Authorization": f"Bearer ${{{OPENAI_KEY}}}"}
    found, secrets = {}, []
    for name, template in headers.items():

        def value(match: re.Match[str], name: str = name) -> str:
            said = (os.environ.get(match[1]) or "").strip()
            if not said:
                raise TargetError(
                    f"The header {name} takes {match[1]} from the environment, but it is not set.",
                    hint=f"Set {match[1]} to your key and try again.",
                )
            secrets.append(said)
            return said

        found[name] = _VARIABLE.sub(value, template)
        if not found[name].isprintable() or not found[name].isascii():
            raise TargetError(f"The header {name} holds characters that a header cannot have.", hint="Check its value.")
    if secrets and not safe:
        raise TargetError(f"A key would be sent to {host} unencrypted.", hint="Use an https:// address.")
    return found, secrets[0] if secrets else ""


def _filled(template: Any, said: Mapping[str, Any]) -> Any:
    """A template with placeholders filled; a text that is only a placeholder becomes its value, a number for {k}."""
    if isinstance(template, dict):
        return {key: _filled(value, said) for key, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, said) for value in template]
    if not isinstance(template, str):
        return template
    for name, value in said.items():
        if template == f"{{{name}}}":
            return value
    return _PLACE.sub(lambda place: str(said.get(place[1], place[0])), template)


def _hint(error: EncoderError) -> str:
    """The next step, with the options of `audit`."""
    message = error.message
    if "no JSON" in message:
        return "Check that the address is that of the search's API, not of a page."
    if "within" in message:
        return "Allow more time with --timeout, or ask fewer questions with --questions."
    if "refuses access" in message:
        return "Give the key as a header: --header 'Authorization: Bearer ${NAME}' takes it from the environment."
    if "does not know" in message or "does not take" in message:
        return "Check the address and the request: --request sets the body of a POST; with {question} in the address "
        "a GET is sent."
    if "failed (" in message or "limits requests" in message:
        return "Try again later, or with fewer questions (--questions)."
    if "MB." in message:
        return "Ask for ids rather than whole documents, or with a smaller -k."
    if "cannot be reached" in message:
        return "Check its address, and that it runs."
    return error.hint
