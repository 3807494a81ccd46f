"""The writer of an MP4 that survives a kill: the container's tracks and their times.

Knows nothing of where clips lie or when one begins. Why the container has its flags:
docs/decisions/0023-a-clip-survives-a-kill.md.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from io import BytesIO
from typing import Any

import av
from av.container import OutputContainer

from vms_desktop.core.base import Size
from vms_desktop.core.clips.sound_track import SoundTrack, sound_track
from vms_desktop.core.clips.unbuffered_file import ClipFile
from vms_desktop.core.clips.video_track import video_track
from vms_desktop.core.stream import COPIED_VIDEO, AudioFacts, AvPacket, Packet, VideoFacts
from vms_desktop.core.stream.bitstream import nal_types, picture_head

log = logging.getLogger(__name__)

# Fragments reach the disk at once, so that a kill loses a second at most, counted from what the
# camera sent: 0.4 s here, up to 0.35 s that packets wait to be read in groups, and the way.
# Closing turns the file into an ordinary MP4 with a seekable index.
MUXER_OPTIONS = {
    "movflags": ("hybrid_fragmented+frag_keyframe+empty_moov+default_base_moof+use_metadata_tags"),
    "frag_duration": "400000",
    "flush_packets": "1",
    # Pictures wait for no sound, whether it comes late, seldom or never again: the one track's
    # packets may stand before the other's. In µs; 0 would be for ever, ten seconds if not given.
    "max_interleave_delta": "1",
}
_MAX_APART_S = 1.0
_MAX_APART_IN_A_CONTAINER_S = 15.0  # Segments of HLS come at once, ten seconds of them.


def check_beginning(video: VideoFacts, first: Packet) -> None:
    """See that a clip can begin with a packet.

    Raises:
        StreamError: It is no keyframe that can be understood.
    """
    with av.open(BytesIO(), "w", format="mp4") as nowhere:
        video_track(nowhere, video, first, rotation=0)


class ClipWriter:
    """One clip being muxed, by the thread that makes it.

    Nothing touches the disk before the first `write`.

    Args:
        first: The keyframe that the clip begins with.
        audio: The sound to take along, if it can be; give it only after its first real
            packet, since an announced track that stays silent spoils the fragments.
        tags: Metadata of the file.
        rotation: Clockwise turn that players apply, in degrees.

    Raises:
        StreamError: The first packet is no keyframe that can be understood.

    Attributes:
        size, codec: Of the picture in the file; `h264` or `hevc`.
    """

    def __init__(
        self,
        file: ClipFile,
        video: VideoFacts,
        first: Packet,
        audio: AudioFacts | None,
        tags: Mapping[str, str],
        rotation: int = 0,
    ) -> None:
        self._file = file
        self._container: OutputContainer = av.open(
            file, "w", format="mp4", options=dict(MUXER_OPTIONS)
        )
        self._container.metadata.update(tags)
        self._first = first
        self._zero = first.dts * first.time_base
        self._may_lead = video.codec in COPIED_VIDEO
        self._video = video_track(self._container, video, first, rotation)
        context: Any = self._container.streams.video[0].codec_context
        self.size = Size(context.width, context.height)
        self.codec = video.codec if video.codec in COPIED_VIDEO else "h264"
        self._sound = sound_track(self._container, audio) if audio is not None else None
        self._sound_zero: Fraction | None = None
        self._last_sample = -1

    def write(self, packet: Packet) -> None:
        """Mux a packet; a broken sound never stops the picture.

        Raises:
            OSError: The disk's word.
            av.FFmpegError: The muxer refuses the picture.
        """
        if packet.is_video:
            if self._leads(packet):
                return
            self._container.mux(self._video.packets(_placed(packet, self._zero)))
        elif self._sound is not None:
            self._write_sound(self._sound, packet)

    def close(self) -> None:
        """Complete the file and have the disk keep it. Raises as `write` does."""
        try:
            self._container.mux(self._video.flush())
            if self._sound is not None:
                self._mux_sound(self._sound.flush)
            self._container.close()
            self._file.sync()
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Close the file as it is: whole up to its last fragment."""
        self._file.close()

    def _leads(self, packet: Packet) -> bool:
        """True if it is shown before the clip's keyframe, and needs pictures from before that.

        An open group of pictures begins with such ones, which nobody can decode here.
        """
        if not self._may_lead or packet.pts == self._first.pts:
            return False
        types = nal_types(self.codec)
        begins, kind = (
            picture_head(bytes(each.data), types).slice_type for each in (self._first, packet)
        )
        self._may_lead = packet.pts < self._first.pts and begins not in types.closed
        return self._may_lead and kind not in types.decodable_leading

    def _write_sound(self, track: SoundTrack, packet: Packet) -> None:
        if packet.sound is not None and packet.sound != track.sound:
            return  # Sound of another kind, which the next clip takes along.
        if self._sound_zero is None or packet.breaks:
            self._sound_zero = self._zero_of_sound(packet)
        time_s = packet.dts * packet.time_base - self._sound_zero
        # In samples: two times within one are the same to the muxer.
        sample = round(time_s * track.sound.rate_hz)
        if sample <= self._last_sample:
            return
        if self._last_sample < 0:
            self._mux_sound(lambda: track.lead(time_s))
        self._last_sample = sample
        placed = _placed(packet, self._sound_zero)
        self._mux_sound(lambda: track.packets(placed))

    def _mux_sound(self, packets: Callable[[], Sequence[AvPacket]]) -> None:
        try:
            ready = packets()
        except av.FFmpegError:
            return  # A packet that cannot be decoded; the next one can.
        try:
            self._container.mux(ready)
        except av.FFmpegError as err:
            log.warning("%s: the clip goes on without sound: %s", self._file.path, err.strerror)
            self._sound = None

    def _zero_of_sound(self, packet: Packet) -> Fraction:
        """The sound's time at the clip's beginning.

        Both tracks share a clock, except where a camera has not yet told how
        they belong together; there the arrival of the packets is what is known.
        """
        by_clock = packet.dts * packet.time_base - self._zero
        by_arrival = Fraction(packet.arrived - self._first.arrived).limit_denominator(90_000)
        is_shared = packet.sound is not None and packet.sound.on_picture_clock
        most_s = _MAX_APART_IN_A_CONTAINER_S if is_shared else _MAX_APART_S
        if abs(by_clock - by_arrival) <= most_s:
            return self._zero
        return packet.dts * packet.time_base - by_arrival


def _placed(packet: Packet, zero: Fraction) -> Packet:
    """A copy of the packet with its times in the clip: another thread may decode the packet."""
    return packet.around(memoryview(packet.data), earlier=round(zero / packet.time_base))
