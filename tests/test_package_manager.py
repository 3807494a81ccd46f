"""The scripts wait for the package manager, tried with one that is a script itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENT = Path(__file__).parents[1] / "scripts" / "environment.sh"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="has no such package manager")

LISTS = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)"
FRONTEND = "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (unattended)"
INTERRUPTED = "E: dpkg was interrupted, you must manually run 'dpkg --configure -a'"

UPDATE = "apt-get update -qq"
INSTALLATION = "apt-get install -y -qq --no-install-recommends libgl1"
MENDING = "dpkg --configure -a"

# Each call takes the next line of `answers`: what it says on standard error before it fails.
APT_GET = """#!/bin/sh
echo "apt-get $*" >>"$HERE/calls"
answer="$(head -n 1 "$HERE/answers")"
sed -i 1d "$HERE/answers"
[ -z "$answer" ] || { echo "$answer" >&2; exit 100; }
"""
DPKG = '#!/bin/sh\necho "dpkg $*" >>"$HERE/calls"\n'
SUDO = '#!/bin/sh\nshift\nexec "$@"\n'

# A sleep takes ten minutes of the script's clock, and no time.
INSTALL = f"""
set -euo pipefail
source {ENVIRONMENT}
sleep() {{ SECONDS=$((SECONDS + 600)); }}
install_packages libgl1
"""


class PackageManager:
    """Stands where apt-get, dpkg and sudo are looked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name, text in {"apt-get": APT_GET, "dpkg": DPKG, "sudo": SUDO}.items():
            program = folder / name
            program.write_text(text)
            program.chmod(0o755)

    def install(self, *answers: str) -> subprocess.CompletedProcess[str]:
        """Install a package while the calls of apt-get are answered so, and then well."""
        (self._folder / "answers").write_text("".join(f"{answer}\n" for answer in answers))
        path = f"{self._folder}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-c", INSTALL],
            env=os.environ | {"PATH": path, "HERE": str(self._folder)},
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        return (self._folder / "calls").read_text().splitlines()


@pytest.fixture
def packages(tmp_path):
    return PackageManager(tmp_path)


def test_a_package_manager_that_is_free_is_asked_once(packages):
    done = packages.install()
    assert done.returncode == 0
    assert packages.calls() == [UPDATE, INSTALLATION]
    assert "waiting" not in done.stderr


@pytest.mark.parametrize(
    "answers, calls",
    [
        ((LISTS, LISTS), [UPDATE] * 3 + [INSTALLATION]),
        (("", FRONTEND, FRONTEND), [UPDATE] + [INSTALLATION] * 3),
    ],
    ids=["lists", "packages"],
)
def test_it_is_waited_for_while_somebody_else_has_its_lock_and_said_once(packages, answers, calls):
    done = packages.install(*answers)
    assert done.returncode == 0
    assert packages.calls() == calls
    assert done.stderr.count("waiting until it is free") == 1


def test_a_lock_that_nobody_lets_go_is_named_in_the_end(packages):
    done = packages.install("", *[FRONTEND] * 9)
    assert done.returncode == 1
    assert FRONTEND in done.stderr
    assert "failed: apt-get install libgl1" in done.stderr


def test_what_it_began_before_is_ended_first_and_once(packages):
    done = packages.install("", INTERRUPTED)
    assert done.returncode == 0
    assert packages.calls()[1:] == [INSTALLATION, MENDING, INSTALLATION]


def test_what_cannot_be_ended_is_not_tried_again_and_again(packages):
    done = packages.install("", *[INTERRUPTED] * 5)
    assert done.returncode == 1
    assert packages.calls().count(MENDING) == 1


def test_any_other_failure_is_told_at_once(packages):
    done = packages.install("", "E: Unable to locate package libgl1")
    assert done.returncode == 1
    assert "Unable to locate" in done.stderr
    assert packages.calls() == [UPDATE, INSTALLATION]
