"""The log: to standard error and to a file of the data folder, without secrets."""

import json
import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

import av.logging

from vms_desktop.app.log_repeats import RepeatHandler
from vms_desktop.core.config import redact

MAX_BYTES = 5_000_000
KEPT_FILES = 3


class _Text(logging.Formatter):
    """Lines for people. What an address hides is hidden here once more, stack traces included."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "thread": record.threadName,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return redact(json.dumps(entry, ensure_ascii=False))


def start_logging(folder: Path, level: str, form: str) -> None:
    """Log from here on. A folder that cannot be written leaves standard error alone."""
    # FFmpeg's own log, written from many threads at once, can deadlock with Python's lock.
    av.logging.set_level(None)
    formatter = _Json() if form == "json" else _Text()
    writers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    try:
        writers.append(
            RotatingFileHandler(
                folder / "vms.log", maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8"
            )
        )
    except OSError as err:
        sys.stderr.write(f"vms-desktop: no log file: {err.strerror}\n")
    for writer in writers:
        writer.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[RepeatHandler(writers)], force=True)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught


def _log_uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """An exception that nobody caught, in a slot for instance: into the log like every other."""
    logging.getLogger(__name__).critical("uncaught", exc_info=(kind, error, traceback))
