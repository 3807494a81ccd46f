"""Pieces of clips one behind the other in one MP4, copied or encoded.

Gaps between clips close up. The index stands before the pictures, so that the
file plays while it is still being loaded.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from typing import Any, Protocol

import av
from av.container import OutputContainer

from vms_desktop.core.base import Problem, StorageError, StreamError
from vms_desktop.core.export.encoder import TIME_BASE, PictureEncoder
from vms_desktop.core.export.file import ExportFile
from vms_desktop.core.export.plan import FilePlan, Piece
from vms_desktop.core.export.source import MICROSECOND, SoundKind, SourcePacket, SourceReader
from vms_desktop.core.library import Obstacle
from vms_desktop.core.stream import AvPacket

_HEADER_BYTES = 16_384
# An MP4's index takes at most: time, offset, size, chunk and place of the packet.
_INDEX_BYTES_PER_PACKET = 48
_SOUND_CODECS = frozenset({"aac", "opus", "mp3"})
_AAC_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_USUAL_RATE = 48_000
_MAX_SOUND_HOLE = Fraction(1, 10)
# Sound of two clips that overlaps by more than this is left out of the second.
_MAX_OVERLAP = Fraction(1, 100)


class _Sound(Protocol):
    def packets(self, packet: AvPacket, at: Fraction) -> Sequence[AvPacket]: ...
    def flush(self) -> Sequence[AvPacket]: ...


class LostPieceError(Exception):
    """A clip cannot stand in the file: it is gone since, damaged, or of a kind MP4s have not.

    Attributes:
        codec: That of its pictures, where that is the reason.
    """

    def __init__(self, piece: Piece, kind: Problem | Obstacle, codec: str = "") -> None:
        super().__init__(str(kind))
        self.piece = piece
        self.kind = kind
        self.codec = codec


class Concatenator:
    """One file of an export being written; used by one thread.

    Args:
        tell: Called with the µs of the plan that are done; raises to give up.

    Attributes:
        reached_us: So many µs of the plan are done.
    """

    def __init__(
        self,
        file: ExportFile,
        plan: FilePlan,
        tags: Mapping[str, str],
        encoder: PictureEncoder | None,
        tell: Callable[[int], None],
    ) -> None:
        options = {
            "movflags": "use_metadata_tags",
            "moov_size": str(_index_bytes(plan)),
            "max_interleave_delta": "500000",
        }
        self.reached_us = 0
        self._file = file
        self._is_begun = False
        self._container: OutputContainer = av.open(file, "w", format="mp4", options=options)
        self._container.metadata.update(tags)
        self._plan = plan
        self._encoder = encoder
        self._tell = tell
        self._video: Any = None
        self._sound: _Sound | None = None
        self._end = Fraction(0)  # Of what is written of the pictures, in seconds.
        self._sound_end = Fraction(0)
        self._last_dts: int | None = None
        self._done_us = 0

    def write(self) -> None:
        """Write every piece and complete the file.

        Raises:
            LostPieceError: Without this clip the others may be written.
            StorageError: The disk.
        """
        for piece in self._plan.pieces:
            self._reach(self._done_us)
            with self._troubles(piece), SourceReader.opened(piece.source.path) as reader:
                self._write_whole(piece, reader)
            self._done_us += piece.length_us
        with self._troubles(self._plan.pieces[-1]):
            if self._encoder is not None:
                self._container.mux(self._encoder.flush())
            if self._sound is not None:
                self._container.mux(self._sound.flush())
            self._container.close()

    def abandon(self) -> None:
        """Let go of everything; the file is good for nothing."""
        # A container left open keeps its memory.
        with suppress(OSError, av.FFmpegError, ValueError, StorageError):
            self._container.close()

    @contextmanager
    def _troubles(self, piece: Piece) -> Iterator[None]:
        """Whatever FFmpeg says: the disk's failure where the disk has refused, else the clip's."""
        try:
            yield
        except StreamError as err:
            raise LostPieceError(piece, err.kind) from None
        except MemoryError:
            raise LostPieceError(piece, Obstacle.NO_MEMORY) from None
        except (OSError, av.FFmpegError, ValueError, StorageError):
            if self._file.error is not None:
                raise self._file.error from None
            raise LostPieceError(piece, Problem.BAD_DATA) from None

    def _write_whole(self, piece: Piece, reader: SourceReader) -> None:
        begins = self._end
        try:
            self._begin_tracks(reader)
            self._write_piece(piece, reader)
        except (av.FFmpegError, ValueError):
            if self._is_begun or self._encoder is not None or self._file.error is not None:
                raise
            raise LostPieceError(piece, Obstacle.NOT_FOR_MP4, reader.codec()) from None
        if self._end <= begins:
            nothing = Problem.BAD_DATA if piece.source.keyframes_us else Problem.NO_KEYFRAMES
            raise LostPieceError(piece, nothing)

    def _reach(self, done_us: int) -> None:
        self.reached_us = done_us
        self._tell(done_us)

    def _begin_tracks(self, reader: SourceReader) -> None:
        if self._video is not None:
            return
        if self._encoder is not None:
            self._video = self._encoder.begin(self._container)
        else:
            # Opaque: nobody has to be able to encode what is copied.
            self._video = self._container.add_stream_from_template(reader.video, opaque=True)
            if told := reader.video.sample_aspect_ratio:
                # The template has the codec's word for it, not the header's.
                self._video.codec_context.sample_aspect_ratio = told
            if reader.video.codec_context.name == "hevc":
                self._video.codec_context.codec_tag = "hvc1"  # What Apple's players ask for.
            self._video.set_display_rotation(-self._plan.pieces[0].source.video.turn % 360)
        self._video.time_base = TIME_BASE
        self._sound = _sound_track(self._container, self._plan.pieces)

    def _write_piece(self, piece: Piece, reader: SourceReader) -> None:
        begins = self._end
        shift = begins - piece.from_us * MICROSECOND
        if self._encoder is not None:
            self._encoder.begin_piece(piece, reader, begins)
        for packet in reader.packets(piece.from_us, piece.until_us):
            if packet.is_video:
                self._write_picture(packet, shift)
                done_us = int(packet.shown / MICROSECOND) - piece.from_us
                self._reach(self._done_us + max(0, min(done_us, piece.length_us)))
            else:
                self._write_sound(packet, shift, begins)
        if self._encoder is not None:
            self._container.mux(self._encoder.end_piece())
            self._end = self._encoder.end

    def _write_picture(self, packet: SourcePacket, shift: Fraction) -> None:
        if self._encoder is not None:
            self._container.mux(self._encoder.packets(packet.data))
            return
        ticks = round((packet.decoded + shift) / TIME_BASE)
        if self._last_dts is not None and ticks <= self._last_dts:
            ticks = self._last_dts + 1
        self._last_dts = ticks
        shown = max(ticks, round((packet.shown + shift) / TIME_BASE))
        self._end = max(self._end, packet.shown + packet.duration + shift)
        self._container.mux(
            _placed(packet.data, self._video, TIME_BASE, ticks, shown, packet.duration)
        )
        self._is_begun = True

    def _write_sound(self, packet: SourcePacket, shift: Fraction, begins: Fraction) -> None:
        at = packet.shown + shift
        if self._sound is None or at < begins or at < self._sound_end - _MAX_OVERLAP:
            return
        at = max(at, self._sound_end)
        self._sound_end = at + packet.duration
        try:
            ready = self._sound.packets(packet.data, at)
        except (av.FFmpegError, ValueError):
            return  # A packet that cannot be decoded; the next one can.
        self._container.mux(ready)


def _placed(
    data: AvPacket, stream: Any, base: Fraction, dts: int, pts: int, duration: Fraction
) -> AvPacket:
    data.time_base = base
    data.dts, data.pts, data.duration = dts, pts, round(duration / base)
    data.stream = stream
    return data


class _CopiedSound:
    """Sound as it was recorded."""

    def __init__(self, stream: Any, rate: int) -> None:
        self._stream = stream
        self._base = Fraction(1, rate)

    def packets(self, packet: AvPacket, at: Fraction) -> Sequence[AvPacket]:
        ticks = round(at / self._base)
        duration = Fraction((packet.duration or 0) * (packet.time_base or self._base))
        return [_placed(packet, self._stream, self._base, ticks, ticks, duration)]

    def flush(self) -> Sequence[AvPacket]:
        return []


class _EncodedSound:
    """Sounds of different kinds, or of one that no MP4 has, as AAC of the first one's rate."""

    def __init__(self, container: OutputContainer, kind: SoundKind) -> None:
        self._rate = kind.rate if kind.rate in _AAC_RATES else _USUAL_RATE
        self._layout = "mono" if kind.layout == "mono" else "stereo"
        stream: Any = container.add_stream("aac", rate=self._rate, layout=self._layout)
        self._stream = stream
        self._resampler = self._new_resampler()
        self._form: tuple[str, str, int] | None = None
        self._expected = Fraction(0)
        self._encoded_until = Fraction(0)

    def packets(self, packet: AvPacket, at: Fraction) -> Sequence[AvPacket]:
        frames: Iterable[Any] = packet.decode()
        return [found for frame in frames for found in self._encoded(frame, at)]

    def flush(self) -> Sequence[AvPacket]:
        rest = self._packets(self._resampler.resample(None))
        return [*rest, *self._stream.encode(None)]

    def _encoded(self, frame: Any, at: Fraction) -> list[AvPacket]:
        form = frame.format.name, frame.layout.name, frame.sample_rate
        if form != self._form or abs(at - self._expected) > _MAX_SOUND_HOLE:
            # Its times follow from the first samples of a run.
            self._resampler = self._new_resampler()
            self._form, self._expected = form, max(at, self._encoded_until)
        base = Fraction(1, frame.sample_rate)
        frame.pts, frame.time_base = round(self._expected / base), base
        self._expected += frame.samples * base
        return self._packets(self._resampler.resample(frame))

    def _packets(self, parts: Iterable[Any]) -> list[AvPacket]:
        found: list[AvPacket] = []
        for part in parts:
            self._encoded_until = (part.pts + part.samples) * Fraction(1, self._rate)
            found += self._stream.encode(part)
        return found

    def _new_resampler(self) -> av.AudioResampler:
        return av.AudioResampler("fltp", self._layout, self._rate, frame_size=1024)


def _sound_track(container: OutputContainer, pieces: Sequence[Piece]) -> _Sound | None:
    kinds = [piece.source.sound for piece in pieces if piece.source.sound]
    if not kinds:
        return None
    if len(set(kinds)) > 1 or kinds[0].codec not in _SOUND_CODECS:
        return _EncodedSound(container, kinds[0])
    for path in (piece.source.path for piece in pieces if piece.source.sound):
        with suppress(StreamError), SourceReader.opened(path) as reader:
            source: Any = reader.sound
            stream: Any = container.add_stream_from_template(source)
            stream.time_base = Fraction(1, kinds[0].rate)
            return _CopiedSound(stream, kinds[0].rate)
    return None


def _index_bytes(plan: FilePlan) -> int:
    sources = {piece.source.path: piece.source for piece in plan.pieces}
    packets = sum(source.packets for source in sources.values())
    return _HEADER_BYTES + _INDEX_BYTES_PER_PACKET * (packets + 2 * len(plan.pieces))
