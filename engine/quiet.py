"""Switches off telemetry and update checks of third-party libraries before any of them is imported."""

from __future__ import annotations

import os

# Each is read by its library while that is imported, so importing `engine` sets them; child processes inherit them.
# A value that the user has set stays.
SWITCHES = {
    # onnxruntime keeps a device id under ~/.cache/Microsoft, queues events there and looks its collector up; its own
    # `disable_telemetry_events()` does not stop that, this variable does.
    "ORT_DISABLE_TELEMETRY": "1",
    # huggingface_hub, transformers, sentence-transformers, datasets.
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # What several libraries agree on.
    "DO_NOT_TRACK": "1",
}


def switch_off() -> None:
    """Set the switches that are not set."""
    for name, value in SWITCHES.items():
        os.environ.setdefault(name, value)
