"""What a training run is: one frozen value of settings, shared by recipes, command line and model card.

Open `config.py` first.
"""

from .config import SAMPLINGS, RunConfig, SourceConfig, from_dict, load_recipe, smoothing

__all__ = ["SAMPLINGS", "RunConfig", "SourceConfig", "from_dict", "load_recipe", "smoothing"]
