"""The command line, read before anything heavy is loaded."""

import argparse
from collections.abc import Sequence
from math import inf
from pathlib import Path

from vms_desktop import __version__

PAGES = ("live", "playback", "archives", "cameras")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of a run; ends the program with code 2 where they are wrong.

    `command` is `detect` or None for the program itself.
    """
    parser = argparse.ArgumentParser(
        prog="vms-desktop", description="Watch IP cameras, detect motion, record clips."
    )
    parser.add_argument("--version", action="version", version=f"vms-desktop {__version__}")
    _add_program_options(parser)
    commands = parser.add_subparsers(dest="command", metavar="detect")
    _add_detect(commands.add_parser("detect", help="print the motion in a video file, then end"))
    return parser.parse_args(arguments)


def _add_program_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--data-dir", type=Path, metavar="DIR", help="where cameras and recordings lie")
    add("--headless", action="store_true", help="watch and record without a window")
    add("--demo", action="store_true", help="show the demo cameras; cameras.json stays as it is")
    add("--page", choices=PAGES, help="open the window on this page")
    add("--reindex", action="store_true", help="make the library's index anew, then end")
    add("--fullscreen", action="store_true", help="open the window over the whole screen")
    add("--language", choices=("fr", "en"), help="language of the window")
    add(
        "--log-level",
        default="INFO",
        type=str.upper,
        choices=("DEBUG", "INFO", "WARNING", "ERROR"),
        help="how much the log tells (INFO)",
    )
    add(
        "--log-format",
        default="text",
        choices=("text", "json"),
        help="form of the log, and of what --headless prints",
    )


def _add_detect(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("file", type=Path, metavar="FILE", help="a video file")
    add(
        "--sensitivity",
        type=_not_negative,
        default=0.0,
        metavar="N",
        help="smallest moving area that counts, in px²; 0 chooses by itself",
    )
    add("--from", dest="from_s", type=_not_negative, default=0.0, metavar="S", help="first second")
    add("--to", dest="to_s", type=_not_negative, default=inf, metavar="S", help="last second")
    add("--json", action="store_true", help="one JSON object a line")


def _not_negative(text: str) -> float:
    number = float(text)
    if not 0 <= number < inf:
        raise ValueError
    return number


_not_negative.__name__ = "number"  # argparse names it in its message.
