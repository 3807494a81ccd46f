"""Streams that FFmpeg opens and reads: files, webcams, HTTP, RTMP, and what RTSP of ours leaves.

One thread opens, reads and closes a stream; closing it from another while it
is being read is a segmentation fault in FFmpeg. Nothing behind this module
sees an FFmpeg error.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import av
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer

from vms_desktop.core.base import Clock, Problem, Size, StreamError
from vms_desktop.core.config import CameraConfig, NetworkAddress
from vms_desktop.core.stream.bitstream import AacTrack, EntryPoints, is_annex_b, parameter_sets_of
from vms_desktop.core.stream.container_reader import ContainerReader, Tracks, demuxed, stream_error
from vms_desktop.core.stream.packets import (
    ARRIVAL_TIME_BASE,
    AUDIO_CODECS,
    CLOCK_SETTLE_S,
    COPIED_VIDEO,
    FIRST_SILENCE_S,
    LONGEST_SILENCE_S,
    VIDEO_CODECS,
    AudioFacts,
    AvPacket,
    Stream,
    VideoFacts,
    av_packet,
    container_aspect,
)
from vms_desktop.core.stream.replay import Replay

LOCAL_VIDEO_CODECS = VIDEO_CODECS | {"rawvideo", "mpeg4", "vp8", "vp9", "av1"}

# A playlist begins with several segments at once, which a slow network takes long to bring.
SEGMENTS_SETTLE_S = 30.0

_IN_SEGMENTS = frozenset({"hls", "dash"})
_MAX_FILE_LAG_S = 1.0  # A machine that slept does not play what it missed all at once.
_STAMPED_ON_ARRIVAL = frozenset({"mpjpeg"})  # Parts of a multipart reply carry no times.
_RTP = "rtsp"
_TO_ANNEX_B = {"h264": "h264_mp4toannexb", "hevc": "hevc_mp4toannexb"}
# FFmpeg ignores an option that it does not know without a word, so a test asks it for each.
_PROBING = {"probesize": "1000000", "analyzeduration": "1000000", "fpsprobesize": "0"}
# Format and protocols by scheme.
_SCHEMES: Mapping[str, tuple[str | None, str]] = {
    "rtsp": ("rtsp", "rtsp,rtp,tcp,udp"),
    "rtsps": ("rtsp", "rtsp,rtp,tcp,tls,udp"),
    "http": (None, "http,https,httpproxy,tcp,tls,crypto"),
    "https": (None, "http,https,httpproxy,tcp,tls,crypto"),
    "rtmp": ("flv", "rtmp,rtmpt,ffrtmphttp,http,tcp"),
    "rtmps": ("flv", "rtmps,rtmp,tls,tcp"),
}


class ContainerStream(Stream):
    """A stream that FFmpeg reads.

    Raises:
        StreamError: It has no video, or none that is known; the container is closed then.
    """

    def __init__(
        self,
        container: InputContainer,
        clock: Clock,
        codecs: frozenset[str],
        host: str,
        *,
        may_rest: bool = False,
        first_s: float = FIRST_SILENCE_S,
    ) -> None:
        self._container = container
        videos = container.streams.video
        codec = videos[0].codec_context.name if videos and videos[0].codec_context else "?"
        if codec not in codecs:
            self.close()
            failure = (Problem.UNSUPPORTED_CODEC, codec) if videos else (Problem.NO_VIDEO, host)
            raise StreamError(*failure, answered=True)
        self._source = videos[0]
        self._sound = _sound(container)
        form = container.format.name
        audio, self._aac = None, None
        if self._sound:
            audio = replace(AudioFacts.of(self._sound), on_picture_clock=form != _RTP)
        if audio and audio.codec == "aac":
            self._aac = AacTrack(audio, is_raw=form == _RTP)
            audio = self._aac.facts
        on_arrival = form in _STAMPED_ON_ARRIVAL
        facts = _video_facts(self._source, on_arrival)
        self._is_in_segments = form.partition(",")[0] in _IN_SEGMENTS
        super().__init__(
            facts,
            audio,
            clock,
            host,
            may_rest=may_rest,
            on_arrival=on_arrival,
            settle_s=SEGMENTS_SETTLE_S if self._is_in_segments else CLOCK_SETTLE_S,
            first_s=first_s,
        )
        try:
            self._to_annex_b = _annex_b_filter(self._source)
        except av.FFmpegError as err:  # Its parameter sets are none.
            self.close()
            raise stream_error(err, host) from None
        is_judged = facts.codec in COPIED_VIDEO
        self._entries = EntryPoints(facts.codec, facts.parameters) if is_judged else None

    def close(self) -> None:
        self._container.close()

    def _read(self, stopped: Callable[[], bool]) -> Iterator[tuple[AvPacket, bool]]:
        tracks: Tracks = [self._source] if self._sound is None else [self._source, self._sound]
        sound_index = -1 if self._sound is None else self._sound.index
        for data in self._demuxed(tracks, stopped):
            is_video = data.stream_index != sound_index
            if is_video:
                yield from ((self._judged(each), True) for each in self._in_annex_b(data))
            else:
                yield from ((each, False) for each in self._without_heads(data))

    def _demuxed(self, tracks: Tracks, stopped: Callable[[], bool]) -> Iterator[AvPacket]:
        yield from demuxed(self._container, tracks, self._host)

    def _in_annex_b(self, data: AvPacket) -> Sequence[AvPacket]:
        if self._to_annex_b is None or not data.size:
            return [data]
        try:
            return self._to_annex_b.filter(data)
        except av.FFmpegError:
            return []  # A unit that is cut off; the decoder would refuse it too.

    def _judged(self, packet: AvPacket) -> AvPacket:
        """The packet as an entry, or as none: containers know of IDR pictures only."""
        if self._entries is None or not packet.size:
            return packet
        data = bytes(packet)
        picture = self._entries.take(data, self._clock.monotonic())
        if picture.data is not data:
            return _around(packet, picture.data, is_keyframe=picture.is_keyframe)
        packet.is_keyframe = picture.is_keyframe
        return packet

    def _without_heads(self, data: AvPacket) -> Sequence[AvPacket]:
        """AAC as raw frames, as it is in MP4 and FLV; in MPEG-TS it has heads."""
        if self._aac is None or not data.size:
            return [data]
        frames = self._aac.take(bytes(data))
        self.audio = self._aac.facts
        if len(frames) == 1 and len(frames[0]) == data.size:
            return [data]
        step = self._aac.frame_ticks
        return [
            _around(data, frame, number * step, is_keyframe=True)
            for number, frame in enumerate(frames)
        ]


class LiveStream(ContainerStream):
    """A stream that FFmpeg reads as it comes, in a thread of its own.

    HLS is played from segments that lie on the server for a while: what an earlier
    connection has taken of them is left out.

    Raises:
        StreamError: It could not be opened, or has no video, or none that is known.
    """

    def __init__(
        self,
        reader: ContainerReader,
        container: InputContainer,
        clock: Clock,
        codecs: frozenset[str],
        host: str,
        *,
        may_rest: bool = False,
        first_s: float = FIRST_SILENCE_S,
    ) -> None:
        self._reader = reader
        super().__init__(container, clock, codecs, host, may_rest=may_rest, first_s=first_s)
        self._replay: Replay[AvPacket] = Replay(None)

    def close(self) -> None:
        self._reader.close()

    def go_on_from(self, left_off_s: float | None) -> None:
        # A connection that takes nothing new does not forget it.
        self.left_off_s = left_off_s if self._is_in_segments else None
        self._replay = Replay(self.left_off_s)

    def _demuxed(self, tracks: Tracks, stopped: Callable[[], bool]) -> Iterator[AvPacket]:
        for data in self._reader.packets(tracks, stopped, self._wait):
            self._wait()
            if not self._is_in_segments or data.dts is None or not data.time_base:
                yield data
                continue
            is_video = data.stream_index == self._source.index
            at_s = float(data.dts * data.time_base)
            fresh = self._replay.fresh(data, at_s, is_video=is_video, is_keyframe=data.is_keyframe)
            yield from fresh
            if is_video and fresh:
                self.left_off_s = at_s

    def _wait(self) -> None:
        self._bear_silence(self._clock.monotonic())


class FileStream(ContainerStream):
    """A video file that plays in a loop at its own pace, as a camera would send it."""

    def __init__(
        self, container: InputContainer, clock: Clock, wait: Callable[[float], bool], name: str
    ) -> None:
        super().__init__(container, clock, LOCAL_VIDEO_CODECS, name)
        self._wait = wait
        # One turn of the loop lasts as long as its video; sound that is longer is cut.
        self._begun = clock.monotonic()
        self._turn_start_s = 0.0
        self._turn_end_s = 0.0

    def _read(self, stopped: Callable[[], bool]) -> Iterator[tuple[AvPacket, bool]]:
        while not stopped():
            count = 0
            for data, is_video in super()._read(stopped):
                if data.size:
                    count += 1
                    self._place(data, count, is_video)
                    yield data, is_video
            if self._turn_end_s <= self._turn_start_s:
                return  # Without a picture no time passes, and it would be played without a rest.
            self._turn_start_s = self._turn_end_s
            self._rewind()

    def _place(self, data: AvPacket, count: int, is_video: bool) -> None:
        """Move the packet's times to this turn of the loop and wait until it is due."""
        tick = float(data.time_base)
        frame_s = 1 / (self.video.frame_rate or 25)
        first_s = float((self._source.start_time or 0) * self.video.time_base)
        shift = round((self._turn_start_s - first_s) / tick)
        if data.dts is None:  # Elementary streams have no times of their own.
            data.dts = data.pts = round(count * frame_s / tick) - shift
        data.dts += shift
        if data.pts is not None:
            data.pts += shift
        due_s = data.dts * tick
        if is_video:
            self._turn_end_s = max(self._turn_end_s, due_s + frame_s)
        ahead_s = self._begun + due_s - self._clock.monotonic()
        if ahead_s < -_MAX_FILE_LAG_S:
            self._begun -= ahead_s
        elif ahead_s > 0:
            self._wait(ahead_s)

    def _rewind(self) -> None:
        try:
            self._container.seek(self._source.start_time or 0, stream=self._source)
            self._to_annex_b = _annex_b_filter(self._source)
        except av.FFmpegError as err:
            raise stream_error(err, self._host) from None


def open_options(
    address: NetworkAddress, camera: CameraConfig, *, verify: bool
) -> tuple[str | None, dict[str, str]]:
    """FFmpeg's name of the format, None to let it probe, and its options for the address."""
    form, protocols = _SCHEMES[address.scheme]
    options = _PROBING | {"protocol_whitelist": protocols}
    # Silence is measured by us; FFmpeg's limits only end threads that nobody waits for.
    microseconds = str(round(LONGEST_SILENCE_S * 1e6))
    if form == "rtsp":
        options |= {
            "rtsp_transport": str(camera.transport),
            "timeout": microseconds,
            "allowed_media_types": "video+audio",
        }
    elif form is None:
        # Of HLS the newest segment: what is older is no live picture.
        options |= {"rw_timeout": microseconds, "live_start_index": "-1"}
    if address.is_encrypted and verify:
        import ssl  # Takes 3 MB; few cameras encrypt.

        options["tls_verify"] = "1"
        if authorities := ssl.get_default_verify_paths().cafile:
            options["ca_file"] = authorities
    return form, options


def _video_facts(source: av.VideoStream, on_arrival: bool) -> VideoFacts:
    context = source.codec_context
    parameters = context.extradata or b""
    if context.name in COPIED_VIDEO:
        is_theirs = is_annex_b(parameters)
        parameters = parameter_sets_of(parameters, context.name) if is_theirs else b""
    return VideoFacts(
        codec=context.name,
        size=Size(context.width, context.height),
        time_base=ARRIVAL_TIME_BASE if on_arrival else source.time_base or ARRIVAL_TIME_BASE,
        frame_rate=float(source.average_rate or 0),
        parameters=parameters,
        pixel_format=context.pix_fmt or "",
        pixel_aspect=container_aspect(source),
    )


def _around(packet: AvPacket, data: bytes, later: int = 0, *, is_keyframe: bool) -> AvPacket:
    """A packet of other bytes in place of this one, `later` by so many ticks."""
    dts = None if packet.dts is None else packet.dts + later
    pts = None if packet.pts is None else packet.pts + later
    return av_packet(data, packet.time_base, dts, pts, packet.duration, is_keyframe=is_keyframe)


def _sound(container: InputContainer) -> av.AudioStream | None:
    """The first sound of a codec that is known; FFmpeg has no context for those that it is not."""
    for stream in container.streams.audio:
        if stream.codec_context and stream.codec_context.name in AUDIO_CODECS:
            return stream
    return None


def _annex_b_filter(source: av.VideoStream) -> BitStreamFilterContext | None:
    """The filter that turns length-prefixed units into Annex B; None where they come so already."""
    context = source.codec_context
    extradata = context.extradata or b""
    if context.name not in COPIED_VIDEO or not extradata or is_annex_b(extradata):
        return None
    return BitStreamFilterContext(_TO_ANNEX_B[context.name], in_stream=source)
