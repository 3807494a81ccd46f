"""The places of everything in the data folder; the only module that knows them.

Pure arithmetic on paths but for `free_clip_path`, which looks what exists.
See docs/file-formats.md.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from pathlib import Path

from unidecode import unidecode

# Leaves room for `_2` and for the rest of a path on Windows (260 characters).
MAX_FOLDER_CHARS = 100

CLIP_SUFFIX = ".mp4"
PART_SUFFIX = ".part"

# Names that Windows gives to devices, whatever their case.
_DEVICES = frozenset({"con", "prn", "aux", "nul"}) | {
    f"{port}{number}" for port in ("com", "lpt") for number in range(10)
}
_CLIP_NAME = re.compile(r"(\d\d-\d\d-\d\d)(?:-\d{1,4})?\.(?:mp4|part)")
_DAY_NAME = re.compile(r"\d{4}-\d\d-\d\d")


def folder_name(name: str) -> str:
    """A camera's name as a folder: ASCII letters and digits, all else an underscore.

    Never empty, never a path, at most `MAX_FOLDER_CHARS` long; different names
    may give one folder (see `folders`).
    """
    whole = name.encode("utf-8", "ignore").decode()  # lone surrogates make Unidecode warn
    plain = re.sub(r"[^0-9A-Za-z]", "_", unidecode(whole))[:MAX_FOLDER_CHARS] or "camera"
    return f"{plain}_" if plain.lower() in _DEVICES else plain


def parse_clip_path(path: Path) -> tuple[str, datetime] | None:
    """Folder and naive local start of a clip or of its `.part`; None for any other file."""
    name = _CLIP_NAME.fullmatch(path.name)
    if not name or len(path.parts) < 3:
        return None
    try:
        start = datetime.strptime(  # noqa: DTZ007 - a name tells local time without its offset
            f"{path.parts[-2]} {name[1]}", "%Y-%m-%d %H-%M-%S"
        )
    except ValueError:
        return None
    return path.parts[-3], start


def parse_day(name: str) -> date | None:
    """The day that a folder `YYYY-MM-DD` holds; None for any other name."""
    try:
        return date.fromisoformat(name) if _DAY_NAME.fullmatch(name) else None
    except ValueError:
        return None


def snapshot_path(pictures: Path, name: str, at: datetime) -> Path:
    """The file of a camera's snapshot, named to the millisecond so that none replaces another."""
    return pictures / f"{folder_name(name)}_{f'{at:%Y-%m-%d_%H-%M-%S-%f}'[:-3]}.png"


def part_path(clip_path: Path) -> Path:
    """The file in which a clip is written until it is whole."""
    return clip_path.with_suffix(PART_SUFFIX)


class _Inside:
    """A path inside the data folder, by its name there."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, layout: "Layout", _kind: type) -> Path:
        return layout.root / self._name


@dataclass(frozen=True, slots=True)
class Layout:
    """The data folder.

    Attributes:
        root: The data folder itself, absolute.
        recordings_root: Where the recordings lie if not in the data folder;
            everything else stays.
    """

    root: Path
    recordings_root: Path | None = None

    # Thumbnails and side-cars of the recordings.
    thumbnails = _Inside("thumbnails")
    # Clips kept for good, each with its thumbnail and side-car beside it.
    archives = _Inside("archives")
    # The files that an export is writing, wherever they are.
    exports_json = _Inside("exports.json")
    # The journals of what was not watched.
    gaps = _Inside("gaps")
    # Log files and crash reports.
    logs = _Inside("logs")
    # The last versions of the JSON files.
    backups = _Inside("backups")
    # The cameras.
    cameras_json = _Inside("cameras.json")
    # The settings of the program.
    settings_json = _Inside("settings.json")
    # When the program last ran, and the gaps open then.
    heartbeat_json = _Inside("heartbeat.json")
    # The habits of cameras, as connections have shown them.
    habits_json = _Inside("habits.json")
    # The index of the library, a cache.
    index_file = _Inside("index.sqlite3")
    # The old bytes of a clip that is being repaired; there for a moment only.
    sound_repair_json = _Inside("sound-repair.json")
    # Held by the one instance that uses this data folder.
    lock_file = _Inside(".lock")

    @property
    def recordings(self) -> Path:
        """Recorded clips, by camera and day."""
        return self.recordings_root or self.root / "recordings"

    @property
    def unreadable(self) -> Path:
        """The files that a crash left behind and nobody can play."""
        return self.recordings / ".unreadable"

    @property
    def recordings_mark(self) -> Path:
        """The file that tells this recordings folder from an empty mount point."""
        return self.recordings / ".vms"

    def camera_mark(self, folder: str) -> Path:
        """The file that says whose folder this is."""
        return self.recordings / folder / ".camera"

    def trees(self) -> tuple[Path, ...]:
        """The folders that hold a folder per camera, the recordings last."""
        return self.thumbnails, self.archives, self.gaps, self.recordings

    def clip_path(self, folder: str, start_at: datetime) -> Path:
        """The clip that begins at `start_at`, named for its local time (its own UTC offset)."""
        return self.recordings / folder / f"{start_at:%Y-%m-%d}" / f"{start_at:%H-%M-%S}.mp4"

    def free_clip_path(self, folder: str, start_at: datetime) -> Path:
        """The first of HH-MM-SS.mp4, -2, -3, … that no clip, `.part` or archived clip has.

        A proposal: another thread may take it before the file is created.
        """
        first = self.clip_path(folder, start_at)
        names = (first if n == 1 else first.with_stem(f"{first.stem}-{n}") for n in count(1))
        return next(path for path in names if not self._taken(path))

    def thumbnail_path(self, clip_path: Path) -> Path:
        """The `.jpg` of a recorded or archived clip."""
        if self.is_archived(clip_path):
            return clip_path.with_suffix(".jpg")
        return self._beside(self.thumbnails, clip_path).with_suffix(".jpg")

    def sidecar_path(self, clip_path: Path) -> Path:
        """The `.json` of a recorded clip, the `.meta.json` of an archived one."""
        if self.is_archived(clip_path):
            return clip_path.with_suffix(".meta.json")
        return self._beside(self.thumbnails, clip_path).with_suffix(".json")

    def restored_mark(self, clip_path: Path) -> Path:
        """The file that says when a clip came back from the archives; beside its thumbnail."""
        return self._beside(self.thumbnails, clip_path).with_suffix(".restored")

    def belongings(self, clip_path: Path) -> tuple[Path, ...]:
        """The files beside a clip, there or not: thumbnail, side-car, marks."""
        always = self.thumbnail_path(clip_path), self.sidecar_path(clip_path)
        marks = () if self.is_archived(clip_path) else (self.restored_mark(clip_path),)
        return always + marks

    def archive_path(self, clip_path: Path) -> Path:
        """The place of a recorded clip among the archives."""
        return self._beside(self.archives, clip_path)

    def recorded_path(self, folder: str, clip_path: Path) -> Path:
        """The place of a recorded clip once its camera's folder is `folder`."""
        return self.recordings / folder / Path(*clip_path.parts[-2:])

    def gaps_path(self, folder: str, day: date) -> Path:
        """The journal of a camera's local day."""
        return self.gaps / folder / f"{day:%Y-%m-%d}.jsonl"

    def is_archived(self, clip_path: Path) -> bool:
        """True if the clip lies among the archives."""
        return clip_path.is_relative_to(self.archives)

    def relative(self, path: Path) -> str:
        """The path from the data folder with forward slashes; the whole path where outside."""
        if path.is_relative_to(self.root):
            path = path.relative_to(self.root)
        return path.as_posix()

    def _beside(self, tree: Path, clip_path: Path) -> Path:
        return tree.joinpath(*clip_path.parts[-3:])

    def _taken(self, path: Path) -> bool:
        return any(p.exists() for p in (path, part_path(path), self.archive_path(path)))
