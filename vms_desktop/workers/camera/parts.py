"""The parts that a fleet works with, and the notices that it has for a person."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from PySide6.QtCore import SignalInstance

from vms_desktop.core.base import Clock, Layout, SleepWatch
from vms_desktop.core.clips import ClipStore, DiskBuffer
from vms_desktop.core.config import CameraConfig, InvalidCamera, LoadedCameras
from vms_desktop.core.library import GapJournal, RemovalResult, StorageWatch
from vms_desktop.core.stream import StreamOpener
from vms_desktop.workers import SoundOutput, StoreWorker
from vms_desktop.workers.library import LibraryWorker


class CameraSource(Protocol):
    """The source of the configuration: the store's thread, or the demo."""

    @property
    def cameras_loaded(self) -> SignalInstance:
        """Carries `LoadedCameras`."""

    @property
    def save_failed(self) -> SignalInstance:
        """Carries the `StorageProblem`; the cameras are told as they are."""

    def read_cameras(self) -> None:
        """Read them; the signal follows."""

    def save_cameras(
        self, cameras: tuple[CameraConfig, ...], deleted: Collection[str] = ()
    ) -> None:
        """Keep these instead; the signal follows."""


class NoticeKind(StrEnum):
    """The kinds of notice and their arguments; several names are a line each.

    CAMERAS_RESTORED: `set_aside`, `restored`, `line`.
    CAMERA_INVALID: `id`, `name`, `number` (its place in the file), `field`, `reason`.
    FOLDER_SHARED: `name`, `folder`.
    NOT_SAVED: `problem`.
    KEYRING_LOCKED: `name`s of the cameras whose passwords are out of reach.
    KEYRING_REFUSED: `name`s of those whose passwords stay in the file.
    ID_TWICE: `name`s of those that got another id than the file says.
    RECORDINGS_DELETED: `name`, `clips`, `size_bytes`, `remaining`, `problem`.
    """

    CAMERAS_RESTORED = "cameras_restored"
    CAMERA_INVALID = "camera_invalid"
    FOLDER_SHARED = "folder_shared"
    NOT_SAVED = "not_saved"
    KEYRING_LOCKED = "keyring_locked"
    KEYRING_REFUSED = "keyring_refused"
    ID_TWICE = "id_twice"
    RECORDINGS_DELETED = "recordings_deleted"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know; `ui` has the words for every kind."""

    kind: NoticeKind
    text_args: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)


@dataclass(frozen=True, slots=True)
class FleetParts:
    """The parts that the fleet works with, made by `app`.

    Attributes:
        source: Where the cameras come from.
        store: The files' thread, for what is imported and exported.
        sleeps: Tells when nothing ran.
        buffer: What waits for the disk, of all cameras.
    """

    layout: Layout
    clock: Clock
    opener: StreamOpener
    clip_store: ClipStore
    watch: StorageWatch
    journal: GapJournal
    source: CameraSource
    library: LibraryWorker
    sound: SoundOutput
    store: StoreWorker
    sleeps: SleepWatch = field(default_factory=SleepWatch)
    buffer: DiskBuffer = field(default_factory=DiskBuffer)


def load_notices(loaded: LoadedCameras) -> Iterator[Notice]:
    """The notices that follow from the file that was read."""
    if loaded.notice:
        args = {
            "set_aside": loaded.notice.set_aside.name if loaded.notice.set_aside else "",
            "restored": "yes" if loaded.notice.is_restored else "",
        }
        if loaded.notice.line:
            args["line"] = str(loaded.notice.line)
        yield Notice(NoticeKind.CAMERAS_RESTORED, args)
    yield from invalid_notices(loaded.invalid)
    named = {
        NoticeKind.KEYRING_LOCKED: loaded.locked,
        NoticeKind.KEYRING_REFUSED: loaded.refused,
        NoticeKind.ID_TWICE: loaded.repeated,
    }
    for kind, ids in named.items():
        if ids:
            names = "\n".join(camera.name for camera in loaded.cameras if camera.id in ids)
            yield Notice(kind, {"name": names})


def invalid_notices(invalid: Iterable[InvalidCamera]) -> Iterator[Notice]:
    """The notices of entries that are no cameras."""
    for each in invalid:
        entry = {"id": each.id, "name": each.name, "number": str(each.number)}
        error = {"field": each.error.field, "reason": str(each.error.reason)}
        yield Notice(NoticeKind.CAMERA_INVALID, entry | error)


def removal_notice(removed: RemovalResult) -> Notice:
    """The notice of what became of a deleted camera's recordings."""
    args = {
        "name": removed.name,
        "clips": str(removed.clips),
        "size_bytes": str(removed.size_bytes),
        "remaining": str(removed.remaining),
        "problem": str(removed.problem or ""),
    }
    return Notice(NoticeKind.RECORDINGS_DELETED, args)
