"""The one password of the fault suite, and where on a disk or in a process it stands."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from tests.support.fakes import Behaviour

USER = "watchman"
PASSWORD = "S3ntinel/of:the@suite 4711"
# Answers nobody else.
LOGIN = Behaviour(login=(USER, PASSWORD))

# The configuration, its versions, and the copies of what a person wrote into it.
_HOMES = re.compile(r"cameras\.json(\.(broken|edited)-[\d-]+)?|backups/cameras\.\d+\.json")


def with_login(entry: dict[str, Any]) -> dict[str, Any]:
    """A camera of `cameras.json` that logs in."""
    return entry | {"username": USER, "password": PASSWORD}


def _forms() -> tuple[bytes, ...]:
    """The password plain, in an address, and within a Basic login at any of three offsets."""
    plain = PASSWORD.encode()
    coded = [base64.b64encode(b"-" * lead + plain)[lead + 2 : -4] for lead in range(3)]
    whole = [base64.b64encode(f"{USER}:{PASSWORD}".encode())]
    # The beginning alone is enough: a text may be cut.
    return (plain, plain[:12], quote(PASSWORD, safe="").encode()[:12], *whole, *coded)


FORMS = _forms()


def has_password(data: bytes) -> bool:
    """Whether it stands there, in whatever form."""
    return any(form in data for form in FORMS)


def files_with_password(folder: Path) -> Iterator[Path]:
    """The files of a tree in which it stands."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and has_password(path.read_bytes()):
            yield path


def leaks(data_folder: Path) -> list[str]:
    """Where the password stands and should not, or stands open to others, beside a data folder.

    The output of the program lies beside it too.
    """
    found = []
    for path in files_with_password(data_folder.parent):
        name = path.relative_to(data_folder).as_posix() if data_folder in path.parents else None
        if name is None or not _HOMES.fullmatch(name):
            found.append(f"the password is in {path.relative_to(data_folder.parent)}")
        elif path.stat().st_mode & 0o077:
            found.append(f"others can read {name}")
    return found


def leaks_of_processes(pid: int) -> list[str]:
    """The same for the command lines and environments of a process and all below it."""
    found = []
    parent = psutil.Process(pid)
    for process in (parent, *parent.children(recursive=True)):
        shown = " ".join([*process.cmdline(), *process.environ().values()])
        if has_password(shown.encode()):
            found.append(f"the password is shown by process {process.name()}")
    return found
