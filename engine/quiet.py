"""Switches off telemetry and update checks of third-party libraries before any of them is imported."""

from __future__ import annotations

import os

# Libraries read these variables when they are imported, so importing `engine` sets them, unless the user has; child
# processes inherit them.
SWITCHES = {
    # onnxruntime stores a device id and queues events under ~/.cache/Microsoft, and resolves its collector's address;
    # its own `disable_telemetry_events()` does not prevent that, this variable does.
    "ORT_DISABLE_TELEMETRY": "1",
    # huggingface_hub, transformers, sentence-transformers, datasets.
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # A convention of several libraries.
    "DO_NOT_TRACK": "1",
}


def switch_off() -> None:
    """Set the variables that are not set."""
    for name, value in SWITCHES.items():
        os.environ.setdefault(name, value)
