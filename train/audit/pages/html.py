"""Formats an audit's page as one HTML file: styles and pictures inside, no script, no network, light or dark."""

from __future__ import annotations

import re

from ....engine.shown import in_xml
from .page import Page, Section, Table

# The browser may fetch nothing, whatever names and texts the page contains.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_INTERVAL = r"\[[^\]]*\]"
_NUMBER = re.compile(rf"[-+]?[\d.,]+( ?%| points)?( {_INTERVAL})?|{_INTERVAL}|–")

_STYLE = """
:root { color-scheme: light dark; --ink: #1b2230; --soft: #5a6475; --paper: #ffffff; --card: #f6f7f9; --line: #dfe3ea;
  --accent: #1d5fa8; --strong: #9c2f2f; --clear: #b3541e; --slight: #86700f; --none: #23744a; --unknown: #5a6475; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf0; --soft: #a3adbd; --paper: #14181f; --card: #1d232c;
  --line: #333c49; --accent: #7db4ee; --strong: #ef8e86; --clear: #efa06b; --slight: #dcc45c; --none: #74cf9d;
  --unknown: #a3adbd; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; padding-top: .5rem; border-top: 1px solid var(--line); }
h3 { font-size: .95rem; margin: 1.25rem 0 .25rem; color: var(--soft); }
p.subtitle { color: var(--soft); margin: 0 0 1.25rem; }
p.verdict { font-size: 1.25rem; font-weight: 600; margin: 0; padding: .8rem 1rem; background: var(--card);
  border-left: .35rem solid var(--level); border-radius: .25rem; color: var(--level); }
ul { padding-left: 1.2rem; } li { margin: .3rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; margin: .5rem 0; min-width: 40%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); }
td { overflow-wrap: break-word; } th { font-weight: 600; color: var(--soft); white-space: nowrap; }
code { font-size: .9em; background: var(--card); padding: .05rem .25rem; border-radius: .2rem; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1rem 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; }
figure svg .paper { fill: transparent; } figure svg .ink { fill: var(--ink); } figure svg .soft { fill: var(--soft); }
figure svg .mark { fill: var(--accent); } figure svg .span { stroke: var(--accent); }
figure svg .grid { stroke: var(--line); } figure svg .none { fill: var(--line); }
""".strip()


def html(page: Page) -> str:
    """The page as one file."""
    body = "\n".join(_section(each) for each in page.sections)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="referrer" content="no-referrer">
<title>{in_xml(page.title)}</title>
<style>
{_STYLE}
</style>
</head>
<body style="--level: var(--{page.level})">
<h1>{in_xml(page.title)}</h1>
<p class="subtitle">{in_xml(page.subtitle)}</p>
<p class="verdict">{in_xml(page.headline)}</p>
{body}
</body>
</html>
"""


def _section(each: Section) -> str:
    parts = [f"<section>\n<h2>{in_xml(each.title)}</h2>"]
    if each.lines:
        parts.append("<ul>\n" + "\n".join(f"<li>{_words(line)}</li>" for line in each.lines) + "\n</ul>")
    parts += [_table(table) for table in each.tables]
    parts += [f"<figure>\n{picture}</figure>" for _, picture in each.pictures]
    return "\n".join([*parts, "</section>"])


def _words(line: str) -> str:
    """A sentence in HTML; text between backticks becomes code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", in_xml(line))


def _table(each: Table) -> str:
    title = f"<h3>{in_xml(each.title)}</h3>\n" if each.title else ""
    heads = "".join(f'<th scope="col">{in_xml(name)}</th>' for name in each.columns)
    rows = "\n".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in each.rows)
    return f'{title}<div class="wide"><table>\n<tr>{heads}</tr>\n{rows}\n</table></div>'


def _cell(text: str) -> str:
    kind = ' class="number"' if _NUMBER.fullmatch(text) else ' dir="auto"'
    return f"<td{kind}>{in_xml(text)}</td>"
