"""Trains an encoder: settings come in, a registered encoder with its card goes out.

Open `training.py` first; `model.py` prepares the model, `encoding.py` encodes with it, `loss.py` has the losses,
`trainer.py` adapts sentence-transformers' trainer, `checkpoints.py` writes checkpoints, `outcome.py` saves the result,
`stopping.py` handles requests to stop. Names are imported on first use, since most need torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late

if TYPE_CHECKING:
    from . import checkpoints
    from .card import verdict
    from .checkpoints import write_json
    from .event_table import EVENTS, EventKind
    from .model import choose_device
    from .outcome import readable
    from .result import RunResult
    from .stopping import listen
    from .training import fit, is_first_process, resumed_config

__all__ = [
    "EVENTS",
    "EventKind",
    "RunResult",
    "checkpoints",
    "choose_device",
    "fit",
    "is_first_process",
    "listen",
    "readable",
    "resumed_config",
    "verdict",
    "write_json",
]

__getattr__ = late(
    __name__,
    {
        "checkpoints": ".",
        "EVENTS": ".event_table",
        "EventKind": ".event_table",
        "RunResult": ".result",
        "choose_device": ".model",
        "fit": ".training",
        "is_first_process": ".training",
        "listen": ".stopping",
        "readable": ".outcome",
        "resumed_config": ".training",
        "verdict": ".card",
        "write_json": ".checkpoints",
    },
)
