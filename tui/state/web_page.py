"""Writes a comparison as one self-contained HTML page: no script, no network, light and dark."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from ...engine.languages import UNDETERMINED, native_name
from ...engine.languages import name as language_name
from ...engine.shown import one_line
from ..display import colour, ink

# Characters of a passage shown at first; a click shows the rest.
_SHOWN = 280

_STYLE = """\
:root{color-scheme:light dark;--ground:#eceef3;--sheet:#f7f8fb;--line:#ccd3e0;--ink:#232838;--soft:#5a6788;
--accent:#a15c00}
@media (prefers-color-scheme:dark){:root{--ground:#12151d;--sheet:#171b26;--line:#39415a;--ink:#d5daea;--soft:#9aa5ce;
--accent:#e0af68}}
*{box-sizing:border-box}
body{margin:0;padding:1.5rem;background:var(--ground);color:var(--ink);font:15px/1.45 system-ui,sans-serif;
overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:0 0 .2rem}h2{font-size:1.05rem;margin:0 0 .5rem}
p,td,th{margin:.2rem 0}.soft{color:var(--soft)}
main{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem;margin:1rem 0}
section{background:var(--sheet);border:1px solid var(--line);border-radius:8px;padding:1rem;min-width:0}
.bar{display:flex;height:1.5rem;border-radius:4px;overflow:hidden;font:600 .75rem/1.5rem monospace}
.bar span{overflow:hidden;text-align:center;min-width:0}
.gauge{position:relative;height:1.1rem;margin:.4rem 0}
.gauge i{position:absolute;top:.5rem;height:2px;background:var(--accent)}
.gauge b{position:absolute;transform:translateX(-50%);color:var(--accent)}
ol{list-style:none;margin:.8rem 0 0;padding:0}
li{border-top:1px solid var(--line);padding:.5rem 0}
.tag{font:600 .75rem monospace;padding:.05rem .35rem;border-radius:3px}
.number{font-variant-numeric:tabular-nums;color:var(--soft)}
summary{cursor:pointer}table{border-collapse:collapse}td,th{text-align:left;padding:.2rem 1rem .2rem 0}
"""


def page(comparison: Mapping[str, Any]) -> str:
    """The page.

    Args:
        comparison: query, query_language, k, rankings by encoder and overlap, as the app keeps them.
    """
    code = str(comparison["query_language"])
    query = one_line(str(comparison["query"]))
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(query)}</title>',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        # Keeps the page from loading or running anything, whatever a passage contains.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<style>{_STYLE}</style></head><body>",
        f'<h1 dir="auto"{_lang(code)}>{escape(query)}</h1>',
        f'<p class="soft">{escape(_how(comparison))}</p>',
        '<p class="soft">A bar shows the languages of an encoder\'s answers. The line below it runs from ◇, the '
        "share of the question's language in what was searched, to ●, its share among the answers: the longer the "
        "line, the stronger the language bias.</p><main>",
        *(_ranking(name, ranking, code) for name, ranking in comparison["rankings"].items()),
        f"</main>{_overlap(comparison)}</body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _how(comparison: Mapping[str, Any]) -> str:
    code = str(comparison["query_language"])
    asked = f"Asked in {language_name(code)}" if code and code != UNDETERMINED else "Asked in an unknown language"
    words = [asked, f"top {comparison['k']}"]
    if comparison.get("languages"):
        words.append("only " + ", ".join(comparison["languages"]))
    words += ["language means removed"] * bool(comparison.get("neutral")) + ["exact"] * bool(comparison.get("exact"))
    return " · ".join(words)


def _lang(code: str) -> str:
    return f' lang="{escape(code)}"' if code and code != UNDETERMINED else ""


def _painted(code: str) -> str:
    ground = colour(code)
    return f"background:{ground};color:{ink(ground)}"


def _ranking(name: str, ranking: Mapping[str, Any], code: str) -> str:
    total = sum(ranking["languages"].values())
    bar = "".join(
        f'<span style="flex:{number};{_painted(each)}" title="{escape(language_name(each))}: {number}">'
        f"{escape(each)}</span>"
        for each, number in ranking["languages"].items()
    )
    share, usual = float(ranking["share"]), float(ranking["library_share"])
    left, right = sorted((share, usual))
    known = bool(code) and code != UNDETERMINED
    gauge = (
        f'<div class="gauge" aria-hidden="true"><i style="left:{left:.1%};width:{right - left:.1%}"></i>'
        f'<b style="left:{usual:.1%}">◇</b><b style="left:{share:.1%}">●</b></div>'
        f'<p class="soft">{escape(native_name(code))} {share:.0%} here, {usual:.0%} of what was searched</p>'
        if known and total
        else ""
    )
    hits = "".join(_hit(hit) for hit in ranking["hits"])
    found = f"<ol>{hits}</ol>" if hits else "<p>Nothing found.</p>"
    return f'<section><h2>{escape(one_line(name))}</h2><div class="bar">{bar}</div>{gauge}{found}</section>'


def _hit(hit: Mapping[str, Any]) -> str:
    code, text = str(hit["language"]), one_line(str(hit["text"]))
    title = one_line(str(hit["title"])) or one_line(str(hit["path"]))
    body = f'<div dir="auto"{_lang(code)} class="soft">{escape(text)}</div>'
    if len(text) > _SHOWN:
        cut = escape(text[:_SHOWN].rstrip())
        body = f'<details><summary dir="auto"{_lang(code)} class="soft">{cut}…</summary>{body}</details>'
    return (
        f'<li><span class="number">{hit["rank"]} · {hit["score"]:.3f}</span> '
        f'<span class="tag" style="{_painted(code)}">{escape(code)}</span> '
        f'<strong dir="auto"{_lang(code)}>{escape(title)}</strong>{body}</li>'
    )


def _overlap(comparison: Mapping[str, Any]) -> str:
    """A table of what pairs of encoders share."""
    if not comparison["overlap"]:
        return ""
    rows = "".join(
        f"<tr><td>{escape(one_line(' and '.join(each['pair'])))}</td>"
        f"<td>{each['shared']}</td><td>{each['rbo']:.2f}</td></tr>"
        for each in comparison["overlap"]
    )
    return (
        "<section><h2>What they share</h2><table><tr><th>encoders</th><th>passages in both</th>"
        f"<th>rank-biased overlap</th></tr>{rows}</table></section>"
    )
