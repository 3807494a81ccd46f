"""`vms-desktop detect FILE`: the motion in a video file, on standard output."""

import json
import logging
import sys
from argparse import Namespace
from collections.abc import Callable

from vms_desktop.core.base import StreamError
from vms_desktop.core.motion import DetectedEvent, detect_file


def detect(options: Namespace) -> int:
    """Print a file's events; the exit code."""
    logging.getLogger("libav").setLevel(logging.CRITICAL)
    progress = _show_progress if sys.stderr.isatty() else None
    try:
        for event in detect_file(
            options.file,
            sensitivity=options.sensitivity,
            from_s=options.from_s,
            to_s=options.to_s,
            progress=progress,
        ):
            _clear(progress)
            print(_line(event, options.json), flush=True)
    except StreamError as err:
        _clear(progress)
        print(f"vms-desktop: {options.file}: {err.kind.replace('_', ' ')}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    _clear(progress)
    return 0


def _line(event: DetectedEvent, as_json: bool) -> str:
    if as_json:
        return json.dumps(
            {
                "start_s": round(event.start_s, 3),
                "end_s": round(event.end_s, 3),
                "peak_area_px": round(event.peak_area_px, 1),
            }
        )
    return f"{event.start_s:9.2f} s – {event.end_s:9.2f} s   {event.peak_area_px:8.0f} px²"


def _show_progress(share: float) -> None:
    print(f"\r{share:4.0%}", end="", file=sys.stderr, flush=True)


def _clear(progress: Callable[[float], None] | None) -> None:
    if progress:
        print("\r    \r", end="", file=sys.stderr, flush=True)
