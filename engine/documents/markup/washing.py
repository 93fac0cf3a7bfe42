"""Prepares a page's text for the HTML parser: cuts out what is not text and bounds the nesting.

Building a tree by the standard takes time quadratic in the nesting, and in the attributes of one element: half a
megabyte of `<div>` takes a minute. Real pages nest a few dozen elements at most. A page with more is flattened: its
paragraphs and headings stay, the rest of its structure is dropped.
"""

from __future__ import annotations

import re

from .tree import words

DEEPEST = 400
MOST_ATTRIBUTES = 400
_MOST_LEFT_OPEN = 30
_LONGEST_TITLE = 2000

_RAW = re.compile(r"<!--|<(script|style|iframe|noembed|noframes|title|textarea)(?=[\s/>])|<(template)(?=[\s/>])", re.I)
_ENDS = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("script", "style", "iframe", "noembed", "noframes", "title", "textarea")
}
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/><]*+)((?:[^>\"'<]++|\"[^\"]*+\"|'[^']*+')*+)")
_QUOTED = re.compile(r"\"[^\"]*+\"|'[^']*+'")
_NEXT_TAG = re.compile(r"<[a-zA-Z/!]")

_FORMATTING = words("b big code em font i nobr s small strike strong tt u")
_FORMATTING_TAG = re.compile(rf"<(/?)(?:{'|'.join(_FORMATTING)})(?=[\s/>])", re.IGNORECASE)
_VOID = words("area base br col embed hr img input link meta param source track wbr frame keygen basefont bgsound")
_SPECIAL = words(
    """
    address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption
    figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup html li listing main marquee menu nav noscript
    object ol p plaintext pre section select summary table tbody td template textarea tfoot th thead tr ul xmp applet
    """
)
_SCOPES = words("applet caption html table td th marquee object template select svg math")
_TABLE = words("table caption colgroup tbody thead tfoot tr td th")
_TABLE_SCOPE = words("table template html")
_NEVER_POPPED = words("html head body")
_KEPT = words("title h1 h2 h3 h4 h5 h6")
# The start of an element may end another: which ones it ends, and which elements stop the search for them.
_ENDING: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    name: (words(ended), words(within))
    for names, ended, within in (
        ("li", "li", "ul ol menu dir table td th"),
        ("dt dd", "dt dd", "dl table td th"),
        ("tr", "tr", "table"),
        ("td th", "td th", "tr table"),
        ("tbody thead tfoot", "tbody thead tfoot", "table"),
        ("option", "option", "select datalist table"),
        ("optgroup", "optgroup", "select datalist table"),
        ("rt rp rb rtc", "rt rp rb rtc", "ruby table"),
    )
    for name in names.split()
}
_ENDING_P = (frozenset(("p",)), _SCOPES | {"button"})


def wash(text: str) -> str:
    """A text that the HTML parser turns into the intended page in time linear in its length."""
    text = _cut(text)
    deep, left_open = _nesting(text)
    if left_open > _MOST_LEFT_OPEN:
        # The parser opens each unclosed one again in every paragraph that follows.
        text = _FORMATTING_TAG.sub(r"<\1span", text)
        deep, _ = _nesting(text)
    return _flat(text) if deep else text


def _cut(text: str) -> str:
    """The text without comments, scripts and styles; an unclosed one removes no text.

    A declarative shadow root becomes a visible element. An unclosed title ends where the next tag begins.
    """
    parts: list[str] = []
    done = place = 0
    unclosed: set[str] = set()
    while match := _RAW.search(text, place):
        name = (match[1] or match[2] or "").lower()
        start = match.start()
        place, instead = match.end(), None
        if not name:
            place, instead = _after_comment(text, start, unclosed), ""
        elif name == "template":
            if "shadowroot" in text[place : place + 200].partition(">")[0].lower():
                instead = "<shadow-root"
        else:
            inner = _after_start_tag(text, place)
            end = None if name in unclosed else _ENDS[name].search(text, inner)
            if end and name == "title" and not _is_title(text[inner : min(end.start(), inner + _LONGEST_TITLE + 1)]):
                end = None
            elif not end:
                unclosed.add(name)
            if text.startswith("/>", inner - 2):
                place, instead = inner, ""
            elif end:
                place = end.start()
                if name not in ("title", "textarea"):
                    place, instead = _after_start_tag(text, place), ""
            elif name == "title":
                following = _NEXT_TAG.search(text, inner)
                place = following.start() if following else len(text)
                instead = f"{text[start:place]}</title>"
            else:
                following = _NEXT_TAG.search(text, inner) if name != "textarea" else None
                place, instead = following.start() if following else inner, ""
        if instead is not None:
            parts += (text[done:start], instead)
            done = place
    parts.append(text[done:])
    return "".join(parts)


def _after_comment(text: str, start: int, unclosed: set[str]) -> int:
    end = -1 if "!--" in unclosed else text.find("-->", start + 2)
    if end >= 0:
        return end + 3
    unclosed.add("!--")
    return _after_start_tag(text, start)


def _after_start_tag(text: str, place: int) -> int:
    end = text.find(">", place)
    return len(text) if end < 0 else end + 1


def _is_title(text: str) -> bool:
    return len(text) <= _LONGEST_TITLE and not re.search(r"<(?:/?head|body|/?html)\b", text, re.IGNORECASE)


def _nesting(text: str) -> tuple[bool, int]:
    """(whether the nesting, or the attributes of an element, exceed the bounds; formatting elements left open)."""
    stack: list[str] = []
    left_open = 0
    for end, name, facts in _TAG.findall(text):
        name = name.lower()
        if len(facts) > 2 * MOST_ATTRIBUTES and _attributes(facts) > MOST_ATTRIBUTES:
            return True, left_open
        if end:
            left_open += _close(stack, name)
        elif name not in _VOID and name not in _NEVER_POPPED:
            if name in _SPECIAL and name not in ("td", "th", "tr", "option"):
                left_open += _end(stack, *_ENDING_P)
            if name in _ENDING:
                left_open += _end(stack, *_ENDING[name])
            elif name == "a":
                _close(stack, name)
            stack.append(name)
            if len(stack) > DEEPEST:
                return True, left_open + sum(each in _FORMATTING for each in stack)
    return False, left_open


def _attributes(facts: str) -> int:
    return len(_QUOTED.sub(" ", facts).replace("/", " ").split())


def _close(stack: list[str], name: str) -> int:
    """Remove an ending element from the stack by the standard; count the formatting elements left open."""
    if stack and stack[-1] == name:
        stack.pop()
        return 0
    adopted = name in _FORMATTING or name == "a"  # elements inside such an element stay open
    stops = _SCOPES if adopted or name in _SPECIAL else _SPECIAL
    stops = _TABLE_SCOPE if name in _TABLE else stops
    for place in range(len(stack) - 1, -1, -1):
        if stack[place] == name:
            if adopted:
                del stack[place]
                return 0
            return _drop(stack, place)
        if stack[place] in stops:
            return 0
    return 0


def _end(stack: list[str], ended: frozenset[str], within: frozenset[str]) -> int:
    for place in range(len(stack) - 1, -1, -1):
        if stack[place] in ended:
            return _drop(stack, place)
        if stack[place] in within:
            return 0
    return 0


def _drop(stack: list[str], place: int) -> int:
    left_open = sum(name in _FORMATTING for name in stack[place:])
    del stack[place:]
    return left_open


def _flat(text: str) -> str:
    def kept(match: re.Match[str]) -> str:
        name = match[2].lower()
        if name in _KEPT:
            return f"<{match[1]}{name}"
        return "<p" if name in _SPECIAL and not match[1] else "<wbr"

    return _TAG.sub(kept, text)
