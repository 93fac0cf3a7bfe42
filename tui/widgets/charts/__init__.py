"""Widgets that draw figures: bars, curves, heat maps, points.

Numbers come in as plain data, rows of cells go out. Open `language_bar.py` first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....engine.late import late

if TYPE_CHECKING:
    from .batch_view import BatchView
    from .chart import Chart
    from .curves import MOST, Curves, Named
    from .heatmap import Heatmap, difference, matrix_of, on_one_scale
    from .language_bar import LanguageBar, tag
    from .language_bars import LanguageBars
    from .marks import Mark, between, turned
    from .panel import Panel
    from .rank_strip import UNRANKED, RankStrip, Strips
    from .scatter import Scatter
    from .share_gauge import Share, ShareGauge

__all__ = [
    "MOST",
    "UNRANKED",
    "BatchView",
    "Chart",
    "Curves",
    "Heatmap",
    "LanguageBar",
    "LanguageBars",
    "Mark",
    "Named",
    "Panel",
    "RankStrip",
    "Scatter",
    "Share",
    "ShareGauge",
    "Strips",
    "between",
    "difference",
    "matrix_of",
    "on_one_scale",
    "tag",
    "turned",
]

__getattr__ = late(
    __name__,
    {
        "MOST": ".curves",
        "UNRANKED": ".rank_strip",
        "BatchView": ".batch_view",
        "Chart": ".chart",
        "Curves": ".curves",
        "Heatmap": ".heatmap",
        "LanguageBar": ".language_bar",
        "LanguageBars": ".language_bars",
        "Mark": ".marks",
        "Named": ".curves",
        "Panel": ".panel",
        "RankStrip": ".rank_strip",
        "Scatter": ".scatter",
        "Share": ".share_gauge",
        "ShareGauge": ".share_gauge",
        "Strips": ".rank_strip",
        "between": ".marks",
        "difference": ".heatmap",
        "matrix_of": ".heatmap",
        "on_one_scale": ".heatmap",
        "tag": ".language_bar",
        "turned": ".marks",
    },
)
