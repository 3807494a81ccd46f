"""A wall clock for one program, which a test steps; monotonic time stays true (libfaketime)."""

from pathlib import Path

_LIBRARY = "faketime/libfaketimeMT.so.1"


def faketime_library() -> Path | None:
    """The library, where it is installed."""
    found = sorted(Path("/usr/lib").glob(f"*/{_LIBRARY}"))
    return found[0] if found else None


class FalseClock:
    """The difference between a program's wall clock and the true one, in a file that it reads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.step_to(0)

    def step_to(self, offset_s: float) -> None:
        """The wall clock is so much ahead of the true one from now on."""
        temporary = self._file.with_suffix(".new")
        temporary.write_text(f"{offset_s:+.3f}\n")
        temporary.replace(self._file)

    def environment(self, **more: str) -> dict[str, str]:
        """What the program is started with."""
        return {
            "LD_PRELOAD": str(faketime_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
            # Files have the times that their disk gives them.
            "NO_FAKE_STAT": "1",
            **more,
        }
