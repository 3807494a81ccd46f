"""The few clips of a track that are open, and what decoding them costs."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from vms_desktop.core.player.clip_frames import ClipFrames
from vms_desktop.core.player.clip_reader import ClipReader
from vms_desktop.core.player.picture import ClipBoxes

# The clip that is shown and one on either side.
MAX_OPEN = 3
# For the decoded frames of all tracks: two seconds of 1080p before the one shown and after.
PLAYBACK_BYTES = 320 * 2**20
# What a frame costs per pixel before anything was measured: 4 ms in 1080p.
DECODE_S_PER_PX = 2e-9
_MEASURED = 8
_YUV_BYTES_PER_PX = 1.5


class OpenClip:
    """An open clip.

    Attributes:
        length_us: The length by which its frames are placed in time.
        boxes: Around what moved in it.
    """

    def __init__(self, path: Path, sidecar: Path, budget_bytes: int) -> None:
        self.path = path
        reader = ClipReader(path)
        self.frames = ClipFrames(reader, budget_bytes)
        self.length_us = reader.length_us
        self.boxes = ClipBoxes.read(sidecar, path)
        self._budget = budget_bytes

    def was_cut_short(self) -> bool:
        """Whether the file has turned out to hold less than it says; its length follows."""
        found_us = self.frames.reader.length_us
        changed, self.length_us = found_us != self.length_us, found_us
        return changed

    def effort(self, rate: float) -> float:
        """Seconds of decoding per second of recording."""
        reader = self.frames.reader
        pixels = reader.size.width * reader.size.height
        per_frame_s = DECODE_S_PER_PX * pixels
        if reader.decoded >= _MEASURED:
            per_frame_s = reader.decoding_s / reader.decoded
        frame_rate = reader.frame_rate or 25.0
        return per_frame_s * frame_rate * (self._repeats(pixels) if rate < 0 else 1.0)

    def _repeats(self, pixels: int) -> float:
        """The number of times a stretch is decoded to play it backwards within the budget."""
        reader = self.frames.reader
        seconds = reader.length_us / 1e6 / len(reader.keyframes_us)
        stretch_bytes = seconds * (reader.frame_rate or 25.0) * pixels * _YUV_BYTES_PER_PX
        return max(1.0, stretch_bytes / (self._budget / 2) / 2 + 0.5)


class OpenClips:
    """Opens clips lazily and keeps the last few; owned by one thread.

    Attributes:
        touched: The file that was asked for last, to be blamed for a failure.
    """

    def __init__(
        self,
        sidecar_of: Callable[[Path], Path],
        opened: Callable[[frozenset[Path]], object],
    ) -> None:
        self.touched: Path | None = None
        self._sidecar_of = sidecar_of
        self._opened = opened
        self._clips: OrderedDict[Path, OpenClip] = OrderedDict()
        self._budget = PLAYBACK_BYTES

    def __contains__(self, path: Path) -> bool:
        return path in self._clips

    def divide(self, tracks: int) -> None:
        """Share the memory among so many tracks; clips opened from now on keep to it."""
        self._budget = PLAYBACK_BYTES // tracks

    def open(self, path: Path) -> tuple[OpenClip, bool]:
        """The clip, and whether it was opened just now. Raises StreamError."""
        self.touched = path
        is_new = path not in self._clips
        if is_new:
            # Told first: the file may not be deleted between.
            self._opened(frozenset({*self._clips, path}))
            try:
                self._clips[path] = OpenClip(path, self._sidecar_of(path), self._budget)
            finally:
                self._opened(frozenset(self._clips))
        self._clips.move_to_end(path)
        while len(self._clips) > MAX_OPEN:
            self.forget(next(iter(self._clips)))
        return self._clips[path], is_new

    def shrink_all_but(self, path: Path | None) -> None:
        """Keep few frames of the clips that are not shown."""
        for other, clip in self._clips.items():
            if other != path:
                clip.frames.shrink()

    def forget(self, path: Path) -> None:
        """Close a clip, if it is open."""
        clip = self._clips.pop(path, None)
        if clip is not None:
            clip.frames.close()
            self._opened(frozenset(self._clips))

    def close(self) -> None:
        """Close them all."""
        for path in list(self._clips):
            self.forget(path)
