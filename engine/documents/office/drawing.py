"""Extracts the text of DrawingML: shapes, tables, diagrams (SmartArt), charts and formulas."""

from __future__ import annotations

from collections import deque

from .events import Closing, Events, Opening
from .flow import PARAGRAPH, Block, Flow
from .names import attribute
from .package import Package


class Formula:
    """Writes the marks between the texts of a formula: a/b, x^2, a_1, √x, brackets, the rows of a matrix."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._alone: list[bool] = []
        self._brackets: list[list[str]] = []
        self._operator: str | None = None
        self._mark = ""
        self._shown = -1

    def opening(self) -> dict[str, Opening]:
        """The action for the start of each element of a formula."""
        return {
            "m:oMathPara": lambda _: self._show(0),
            "m:oMath": lambda _: self._open(),
            "m:d": lambda _: self._brackets.append(["(", ")", ""]),
            "m:begChr": lambda facts: self._bracket(0, facts),
            "m:endChr": lambda facts: self._bracket(1, facts),
            "m:e": lambda _: self._open_bracket(),
            "m:den": lambda _: self._expect("/"),
            "m:sub": lambda _: self._expect("_"),
            "m:sup": lambda _: self._expect("^"),
            "m:rad": lambda _: self._expect("√"),
            "m:naryPr": lambda _: self._set_operator("∫"),
            "m:chr": lambda facts: self._set_operator(attribute(facts, "m:val"), known=True),
        }

    def closing(self) -> dict[str, Closing]:
        """The action for the end of each element of a formula."""
        return {
            "m:oMathPara": lambda: self._show(-1),
            "m:oMath": self._close,
            "m:d": self._close_bracket,
            "m:den": self._forget,
            "m:sub": self._forget,
            "m:sup": self._forget,
            "m:naryPr": self._close_operator,
            "m:mr": lambda: self._flow.write("; "),
        }

    def mark(self) -> None:
        """Write the pending mark before the next text."""
        if self._mark:
            self._flow.write(self._mark)
            self._mark = ""

    def _show(self, count: int) -> None:
        self._shown = count

    def _open(self) -> None:
        alone = self._flow.paragraph is None
        self._alone.append(alone)
        if alone:
            self._flow.open(PARAGRAPH)
        if self._shown > 0:
            self._flow.write("\n")
        self._shown += self._shown >= 0

    def _close(self) -> None:
        self._forget()
        if self._alone.pop():
            self._flow.close()

    def _expect(self, mark: str) -> None:
        self._mark = (self._mark + mark)[-9:]

    def _forget(self) -> None:
        self._mark = ""

    def _bracket(self, side: int, facts: dict[str, str]) -> None:
        if self._brackets:
            self._brackets[-1][side] = attribute(facts, "m:val")

    def _open_bracket(self) -> None:
        if self._brackets and not self._brackets[-1][2]:
            self._brackets[-1][2] = "open"
            self.mark()
            self._flow.write(self._brackets[-1][0])

    def _close_bracket(self) -> None:
        _, end, opened = self._brackets.pop()
        if opened:
            self._flow.write(end)

    def _set_operator(self, operator: str, *, known: bool = False) -> None:
        if self._operator is not None or not known:
            self._operator = operator

    def _close_operator(self) -> None:
        self.mark()
        self._flow.write(self._operator or "")
        self._operator = None


class Inline(Events):
    """What Word and PowerPoint share: choosing one of several alternatives, formulas, diagrams and charts."""

    def __init__(self, package: Package, part: str, flow: Flow) -> None:
        super().__init__()
        self.package = package
        self.part = part
        self.flow = flow
        self.unresolved = 0
        self._alternatives: list[int] = []
        self._formula = Formula(flow)
        self.opening |= {
            "mc:AlternateContent": lambda _: self._alternatives.append(self.flow.taken),
            "mc:Choice": self._branch,
            "mc:Fallback": self._branch,
            "dgm:relIds": self._diagram,
            "c:chart": self._chart,
            **self._formula.opening(),
        }
        self.closing |= {"mc:AlternateContent": self._alternatives.pop, **self._formula.closing()}
        self.take("m:t")

    def text(self, data: str) -> None:
        """Text of a run."""
        self._formula.mark()
        self.flow.write(data)

    def _opener(self, kind: str) -> Opening:
        return lambda _: self.flow.open(kind)

    def _writer(self, text: str) -> Opening:
        return lambda _: self.flow.write(text)

    def _branch(self, _: dict[str, str]) -> None:
        """Of several alternatives for the same content, take the first that holds text."""
        if self._alternatives and self._alternatives[-1] != self.flow.taken:
            self.skip()

    def _diagram(self, facts: dict[str, str]) -> None:
        target = self.package.related(self.part).get(attribute(facts, "r:dm"))
        if target is None:
            self.unresolved += 1
        else:
            self.flow.add(diagram(self.package, target.target))

    def _chart(self, facts: dict[str, str]) -> None:
        if target := self.package.related(self.part).get(attribute(facts, "r:id")):
            self.flow.add(_blocks(self.package, target.target, _ChartText))


class _Text(Events):
    """The paragraphs of a part, each a line of one block."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._pieces: list[str] = []
        self.opening["a:p"] = lambda _: self._pieces.clear()
        self.opening["a:br"] = lambda _: self._pieces.append("\n")
        self.closing["a:p"] = self._end_line
        self.take("a:t")

    def text(self, data: str) -> None:
        self._pieces.append(data)

    def _end_line(self) -> None:
        line = "".join(self._pieces).strip()
        if line:
            self.lines.append(line)
        self._pieces.clear()


class _DiagramText(_Text):
    """The points of a diagram that a person wrote; points for layout only are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.opening["dgm:pt"] = self._point
        self.ignore("dgm:cxnLst")

    def _point(self, facts: dict[str, str]) -> None:
        if facts.get("type", "node") == "pres":
            self.skip()


class _ChartText(_Text):
    """A chart's titles, its categories and the names of its series; numbers are not prose."""

    def __init__(self) -> None:
        super().__init__()
        self.opening["c:pt"] = lambda _: self._pieces.clear()
        self.closing["c:pt"] = self._end_line
        self.take("c:v")
        self.ignore("c:numRef", "c:numLit")


def shapes_of(package: Package, part: str) -> deque[Block]:
    """The text of the shapes and charts on a sheet."""
    blocks = _blocks(package, part, _Text)
    for chart in package.of_type(part, "chart"):
        blocks.extend(_blocks(package, chart, _ChartText))
    return blocks


def diagram(package: Package, part: str) -> deque[Block]:
    """The text of a diagram's data."""
    return _blocks(package, part, _DiagramText)


def _blocks(package: Package, part: str, kind: type[_Text]) -> deque[Block]:
    reader = kind()
    package.read(part, reader)
    lines = dict.fromkeys(reader.lines) if kind is _ChartText else reader.lines
    return deque([Block(0, "\n".join(lines))] if lines else [])
