"""The store of clips: each is claimed, written as `.part`, made whole, named, described."""

import errno
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import av

from vms_desktop.core.base import (
    CLIP_START_TAG,
    DiskCalls,
    Layout,
    StorageError,
    StorageProblem,
    make_private,
    part_path,
    storage_error,
    sync_folder,
    utc_tag,
    write_whole,
)
from vms_desktop.core.clips.clip import Clip, ClipEnd, ClipSpec
from vms_desktop.core.clips.folders import CameraFolders
from vms_desktop.core.clips.mp4_writer import ClipWriter, check_beginning
from vms_desktop.core.clips.sidecar import write_sidecar
from vms_desktop.core.clips.torn_end import pass_over_torn_end
from vms_desktop.core.clips.unbuffered_file import ClipFile
from vms_desktop.core.stream import AudioFacts, Packet

log = logging.getLogger(__name__)


class ClipStore:
    """Begins and ends clips on the disk.

    Args:
        make_room: Frees space on a full disk, waiting a while; False where there is none.
    """

    def __init__(
        self, layout: Layout, folders: CameraFolders, make_room: Callable[[], bool]
    ) -> None:
        self.layout = layout
        self.folders = folders
        self._make_room = make_room

    def check(self, spec: ClipSpec, first: Packet) -> None:
        """See that a clip can begin with this packet; touches no disk, as `begin`.

        Raises:
            StreamError: It is no keyframe that can be understood.
        """
        check_beginning(spec.video, first)

    def begin(
        self,
        spec: ClipSpec,
        first: Packet,
        audio: AudioFacts | None,
        calls: DiskCalls | None = None,
    ) -> "OpenClip":
        """A clip to write into. Touches no disk: its file is created with the first packet.

        `calls` stand around those of the disk from then on.
        """
        file = ClipFile(lambda: self._claim(spec), self._make_room, calls)
        began = utc_tag(spec.start_at)
        tags = {"camera_id": spec.camera.id, "camera_name": spec.camera.name}
        tags |= {CLIP_START_TAG: began, "creation_time": began}
        writer = ClipWriter(file, spec.video, first, audio, tags, spec.camera.rotation)
        return OpenClip(self.layout, spec, file, writer)

    def _claim(self, spec: ClipSpec) -> tuple[int, Path]:
        """Create the clip's `.part`, for nobody else."""
        if not self.layout.recordings_mark.exists():
            # A mount that is gone: what is written now would lie beneath it.
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        folder = self.folders.folder(spec.camera)
        while True:
            part = part_path(self.layout.free_clip_path(folder, spec.start_at))
            make_private(part.parent)
            try:
                flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_CLOEXEC", 0)
                return os.open(part, flags | getattr(os, "O_BINARY", 0), 0o600), part
            except FileExistsError:
                continue  # Another stream of the camera was faster; the next name is free.


@dataclass(frozen=True, slots=True)
class OpenClip:
    """A clip that is being written; used by the writing thread alone."""

    layout: Layout
    spec: ClipSpec
    file: ClipFile
    writer: ClipWriter

    @property
    def part(self) -> Path | None:
        """The file as long as it is not whole."""
        return self.file.path

    def write(self, packet: Packet) -> None:
        """Write a packet.

        Raises:
            StorageError: The disk does not take it; `salvage()` what there is.
            av.FFmpegError: The muxer does not; likewise.
        """
        try:
            self.writer.write(packet)
        except av.FFmpegError:
            raise
        except OSError as err:
            raise storage_error(err) from None

    def close(self, end: ClipEnd) -> Clip:
        """Make the clip whole: complete, on the disk, named, described. Raises as `write`."""
        try:
            self.writer.close()
            return self._name(end)
        except av.FFmpegError:
            raise
        except OSError as err:
            raise storage_error(err) from None

    def salvage(self, end: ClipEnd) -> Clip | None:
        """End a clip that could not be written on: it is whole up to its last fragment.

        None where there is nothing of it, or where the disk does not even take
        its name: then the `.part` is found at the next start.
        """
        try:
            with self.file.calls:
                return self._salvaged(end)
        except OSError as err:
            log.warning("%s: a clip stays unfinished: %s", self.spec.camera.name, err)
            return None

    def _salvaged(self, end: ClipEnd) -> Clip | None:
        self.writer.abandon()
        if self.part is None:
            return None
        if not self.file.has_pictures:
            self.part.unlink()
            return None
        pass_over_torn_end(self.part)
        return self._name(end)

    def _name(self, end: ClipEnd) -> Clip:
        part = self.part
        if part is None:
            raise StorageError(StorageProblem.FAILING, "nothing was written")
        with self.file.calls:
            return self._named(part, end)

    def _named(self, part: Path, end: ClipEnd) -> Clip:
        path = part.with_suffix(".mp4")
        part.rename(path)
        sync_folder(path.parent)
        clip = _clip(self.spec, end, path, self.writer)
        try:
            write_sidecar(self.layout.sidecar_path(path), clip)
            if end.thumbnail:
                write_whole(self.layout.thumbnail_path(path), end.thumbnail, sync=False)
        except StorageError as err:  # Another disk perhaps; the clip is whole without them.
            log.warning("%s: not described: %s", self.spec.camera.name, err)
        return clip


def _clip(spec: ClipSpec, end: ClipEnd, path: Path, writer: ClipWriter) -> Clip:
    peak = max(end.motions, key=lambda motion: motion.area_px, default=None)
    return Clip(
        camera_id=spec.camera.id,
        camera_name=spec.camera.name,
        path=path,
        start_at=spec.start_at,
        end_at=end.end_at,
        event_start_at=spec.event_start_at,
        trigger=spec.trigger,
        codec=writer.codec,
        size=writer.size,
        size_bytes=path.stat().st_size,
        peak_at=spec.start_at + timedelta(seconds=peak.at) if peak else None,
        peak_area_px=peak.area_px if peak else 0,
        motions=end.motions,
    )
