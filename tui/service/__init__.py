"""The app's side of its child processes: requests, answers, and long work that can be followed and stopped.

Open `service.py` first; `jobs.py` follows long work, `training.py` a training run, `messages.py` has the messages that
parts of the app send each other.
"""

from .encoding import ENCODING, Encoding, Told
from .hints import for_the_app
from .jobs import Jobs
from .messages import (
    JobEnded,
    JobProgress,
    JudgedArrived,
    LibraryFailed,
    LibraryOpened,
    RankingArrived,
    SentenceFound,
    StudyEvent,
    TrainingEvent,
    Wanted,
)
from .service import Answerer, OnProgress, Service, ServiceError
from .training import COMMAND, STUDY, Training

__all__ = [
    "COMMAND",
    "ENCODING",
    "STUDY",
    "Answerer",
    "Encoding",
    "JobEnded",
    "JobProgress",
    "Jobs",
    "JudgedArrived",
    "LibraryFailed",
    "LibraryOpened",
    "OnProgress",
    "RankingArrived",
    "SentenceFound",
    "Service",
    "ServiceError",
    "StudyEvent",
    "Told",
    "Training",
    "TrainingEvent",
    "Wanted",
    "for_the_app",
]
