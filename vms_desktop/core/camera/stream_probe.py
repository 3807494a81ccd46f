"""The streams of a camera tried out: what they are, what to improve, or why they fail.

Nothing is recorded and no state is kept. The words for results are `ui`'s.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from vms_desktop.core.base import Inbox, Problem, Size, StreamError
from vms_desktop.core.config import (
    AddressKind,
    CameraConfig,
    NetworkAddress,
    address_kind,
    network_address,
)
from vms_desktop.core.media import Decoder
from vms_desktop.core.stream import (
    COPIED_VIDEO,
    VIDEO_NAMES,
    Packet,
    Stream,
    StreamOpener,
    VideoFacts,
)
from vms_desktop.core.stream.bitstream import ENTRY_PATIENCE_S

# Shortest time over which rates are measured.
MEASURE_S = 1.0
# How long another keyframe is waited for before it counts as not coming.
NEXT_KEYFRAME_S = 5.0
# A stream whose times jump all the while is measured no longer than this.
LONGEST_S = 12.0
# Keyframes further apart (4 s, and a frame's jitter) make a pre-roll that much longer, and the
# picture late after every reconnect.
SPARSE_S = 4.1
# A person before the door fills a quarter of the picture; what has to be larger never comes.
LARGEST_SHARE = 0.25
# Less than a single pixel of 640 x 360 has once the detector has grown it by 4 px all around.
SMALLEST_SHARE = 0.00005
# Every picture of the watched stream is decoded; what is larger is work for nothing.
LARGE_SD_PX = 1280 * 720
# A second of fifteen pictures may be as much shorter.
JITTER_S = 0.05
# Packets closer than this are slices of one picture.
SAME_PICTURE_S = 0.002

_AUDIO_NAMES = {"aac": "AAC", "pcm_alaw": "G.711", "pcm_mulaw": "G.711", "opus": "Opus"}
_COPIED_NAMES = frozenset(VIDEO_NAMES[codec] for codec in COPIED_VIDEO)
_WAIT_S = 60.0

T = TypeVar("T")


class StreamRole(StrEnum):
    """One of a camera's two streams."""

    SD = "sd"
    HD = "hd"


class StreamAdvice(StrEnum):
    """An improvement that a stream that works could have."""

    SPARSE_KEYFRAMES = "sparse_keyframes"
    SMART_CODEC = "smart_codec"
    HD_SMALLER = "hd_smaller"
    SD_LARGE = "sd_large"
    # Neither H.264 nor H.265: recording has to encode it, which costs CPU.
    ENCODED = "encoded"
    SENSITIVITY_LARGE = "sensitivity_large"
    SENSITIVITY_SMALL = "sensitivity_small"


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """The facts of a stream, as measured.

    Attributes:
        codec_name: The field's name of the codec.
        frame_rate: Pictures per second.
        bit_rate_bps: Of the video, in bits per second.
        audio: The field's name of the sound's codec; empty where there is none.
        keyframe_interval_s: None where no second keyframe came in time.
    """

    codec_name: str
    size: Size
    frame_rate: float
    bit_rate_bps: float
    audio: str
    keyframe_interval_s: float | None


@dataclass(frozen=True, slots=True)
class StreamResult:
    """The answer of one stream: its facts, or the problem with it.

    Attributes:
        detail: What may be shown beside the problem (a host, a codec); holds no secret.
    """

    role: StreamRole
    facts: StreamFacts | None
    problem: Problem | None = None
    detail: str = ""
    advice: tuple[StreamAdvice, ...] = ()


@dataclass(slots=True)
class Measure:
    """The video packets of one stream as they arrive, until enough is known.

    Rates are measured from keyframe to keyframe where two have come, since a
    keyframe weighs as much as many other pictures.

    Attributes:
        entered: Whether a keyframe has come.
    """

    _first_at: float | None = None
    _last_at: float = 0.0
    _anchor_at: float = 0.0
    _pictures: list["_Picture"] = field(default_factory=list)
    entered: bool = False

    @property
    def done(self) -> bool:
        """Whether nothing more is to be learnt, or not in reasonable time."""
        if self._first_at is None:
            return False
        if self.keyframe_interval_s and self._span_s(self._window()) >= MEASURE_S - JITTER_S:
            return True
        patience_s = NEXT_KEYFRAME_S if self.entered else ENTRY_PATIENCE_S
        in_vain = self._last_at - self._anchor_at >= patience_s
        return in_vain or self._last_at - self._first_at >= LONGEST_S

    @property
    def frame_rate(self) -> float:
        """Pictures per second; 0 where too little has come."""
        window = self._window()
        span_s = self._span_s(window)
        return (len(window) - 1) / span_s if span_s else 0.0

    @property
    def bit_rate_bps(self) -> float:
        """Bits per second; 0 where too little has come."""
        window = self._window()
        span_s = self._span_s(window)
        return 8 * sum(each.size_bytes for each in window[:-1]) / span_s if span_s else 0.0

    @property
    def keyframe_interval_s(self) -> float | None:
        """Mean distance of keyframes; None where no second one came."""
        window = [each for each in self._window() if each.is_keyframe]
        return self._span_s(window) / (len(window) - 1) if len(window) > 1 else None

    def packet(self, packet: Packet) -> None:
        """Take a video packet."""
        if self._first_at is None:
            self._first_at = self._anchor_at = packet.arrived
        if packet.breaks:
            self._pictures.clear()
        self._last_at = packet.arrived
        at = float(packet.dts * packet.time_base)
        picture = _Picture(at, packet.arrived, packet.size_bytes, packet.is_keyframe)
        if self._pictures and at - self._pictures[-1].at < SAME_PICTURE_S:
            picture = self._pictures.pop().joined(picture)
        self._pictures.append(picture)
        if packet.is_keyframe:
            self._anchor_at, self.entered = packet.arrived, True

    def _window(self) -> list["_Picture"]:
        """From the first keyframe to the last one, or everything where there are not two."""
        keys = [index for index, each in enumerate(self._pictures) if each.is_keyframe]
        return self._pictures[keys[0] : keys[-1] + 1] if len(keys) > 1 else self._pictures

    @staticmethod
    def _span_s(window: list["_Picture"]) -> float:
        """By the stream's own times: at first, cameras send in a burst what they kept.

        Times that stand almost still are no times; then it is that of arrival.
        """
        if not window:
            return 0.0
        arrived_s = window[-1].arrived - window[0].arrived
        span_s = window[-1].at - window[0].at
        return span_s if span_s >= arrived_s / 2 else arrived_s


@dataclass(frozen=True, slots=True)
class _Picture:
    """A picture's time in its stream and of arrival in s, and its weight."""

    at: float
    arrived: float
    size_bytes: int
    is_keyframe: bool

    def joined(self, other: "_Picture") -> "_Picture":
        size_bytes = self.size_bytes + other.size_bytes
        return _Picture(self.at, self.arrived, size_bytes, self.is_keyframe or other.is_keyframe)


def keyframe_advice(facts: StreamFacts, *, is_network: bool) -> Iterator[StreamAdvice]:
    """Advice where keyframes come too seldom and that can be set: in a camera."""
    interval_s = facts.keyframe_interval_s
    if not is_network or (interval_s is not None and interval_s <= SPARSE_S):
        return
    yield StreamAdvice.SPARSE_KEYFRAMES
    # Of H.265+ and its like this is what can be seen: a keyframe only where the scene changes.
    if facts.codec_name == VIDEO_NAMES["hevc"]:
        yield StreamAdvice.SMART_CODEC


def watched_advice(size: Size, sensitivity: float) -> Iterator[StreamAdvice]:
    """Advice on the watched stream; sensitivity in px² of its picture."""
    picture_px = area_px(size)
    if picture_px > LARGE_SD_PX:
        yield StreamAdvice.SD_LARGE
    if sensitivity > LARGEST_SHARE * picture_px > 0:
        yield StreamAdvice.SENSITIVITY_LARGE
    elif 0 < sensitivity < SMALLEST_SHARE * picture_px:
        yield StreamAdvice.SENSITIVITY_SMALL


def area_px(size: Size) -> int:
    """Area in px²; 0 where the size is not known."""
    return size.width * size.height


class CameraProbe:
    """One test of a camera's streams; the hand-over between the threads that carry it out.

    Each role is run once, in a thread of its own. Where both streams need the
    password of one host, HD waits until SD has logged in: two wrong passwords
    lock an account sooner than one.

    Attributes:
        roles: The streams that there are to test; the first is the watched one.
    """

    def __init__(self, opener: StreamOpener, camera: CameraConfig) -> None:
        self._opener = opener
        self._camera = camera
        self._addresses = {StreamRole.SD: camera.url_sd, StreamRole.HD: camera.recorded_url}
        if not camera.url_sd:
            self._addresses = {StreamRole.HD: camera.url_hd}
        self.roles = tuple(role for role, address in self._addresses.items() if address)
        self._inboxes: dict[StreamRole, Inbox[None]] = {role: Inbox() for role in self.roles}
        # An order that waits in its inbox would make a file play without pause: so another one.
        self._from_sd: Inbox[Problem | None] = Inbox()
        self._size_of_sd: Inbox[Size] = Inbox()

    def stop(self) -> None:
        """Ask every stream's test to end. Returns at once."""
        self._from_sd.stop()
        self._size_of_sd.stop()
        for inbox in self._inboxes.values():
            inbox.stop()

    def run(self, role: StreamRole) -> StreamResult | None:
        """Test one stream; None where the test was stopped."""
        try:
            result = self._tested(role)
        except StreamError as err:
            result = StreamResult(role, None, err.kind, err.detail)
        return None if self._inboxes[role].stopped else result

    def _tested(self, role: StreamRole) -> StreamResult:
        waits = role is StreamRole.HD and self._shares_login()
        if waits and _answer(self._from_sd) is Problem.WRONG_PASSWORD:
            raise StreamError(Problem.WRONG_PASSWORD, self._network(role).host)
        size = Size(0, 0)
        try:
            with closing(self._open(role)) as stream:
                facts = self._facts(role, stream)
            size = facts.size
        finally:
            if role is StreamRole.SD:
                self._size_of_sd.post(size)
        return StreamResult(role, facts, advice=tuple(self._advice(role, facts)))

    def _shares_login(self) -> bool:
        if len(self.roles) < 2 or not all(map(self._is_network, self.roles)):
            return False
        sd, hd = map(self._network, self.roles)
        return sd.host.lower() == hd.host.lower() and bool(hd.password)

    def _is_network(self, role: StreamRole) -> bool:
        return address_kind(self._addresses[role]) is AddressKind.NETWORK

    def _network(self, role: StreamRole) -> NetworkAddress:
        camera = self._camera
        return network_address(self._addresses[role], camera.username, camera.password)

    def _open(self, role: StreamRole) -> Stream:
        outcome: Problem | None = Problem.CRASHED
        try:
            stream = self._opener.open(self._camera, self._addresses[role], self._inboxes[role])
            outcome = None
        except StreamError as err:
            outcome = err.kind
            raise
        finally:
            if role is StreamRole.SD:
                self._from_sd.post(outcome)
        return stream

    def _facts(self, role: StreamRole, stream: Stream) -> StreamFacts:
        inbox, measure, size = self._inboxes[role], Measure(), None
        for packet in stream.packets(lambda: inbox.stopped):
            if packet.is_video:
                measure.packet(packet)
                if size is None and packet.is_keyframe:
                    size = _decoded_size(stream.video, packet)
            if measure.done:
                break
        if not (measure.entered or inbox.stopped):
            raise StreamError(Problem.NO_KEYFRAMES)
        facts = stream.video
        return StreamFacts(
            codec_name=facts.codec_name,
            size=size or facts.size,
            frame_rate=measure.frame_rate or facts.frame_rate,
            bit_rate_bps=measure.bit_rate_bps,
            audio=_AUDIO_NAMES[stream.audio.codec] if stream.audio else "",
            keyframe_interval_s=measure.keyframe_interval_s,
        )

    def _advice(self, role: StreamRole, facts: StreamFacts) -> Iterator[StreamAdvice]:
        yield from keyframe_advice(facts, is_network=self._is_network(role))
        if role is self.roles[0]:
            yield from watched_advice(facts.size, self._camera.sensitivity)
        elif area_px(facts.size) < area_px(_answer(self._size_of_sd) or Size(0, 0)):
            yield StreamAdvice.HD_SMALLER
        if role is self.roles[-1] and facts.codec_name not in _COPIED_NAMES:
            yield StreamAdvice.ENCODED


def _answer(inbox: Inbox[T]) -> T | None:
    """The word of the other stream's thread; None where the test is stopped meanwhile."""
    told: list[T] = []
    while not told and not inbox.wait(_WAIT_S):
        told = inbox.take_all()
    return told[0] if told else None


def _decoded_size(facts: VideoFacts, keyframe: Packet) -> Size | None:
    """The true size: what was announced may be missing or that of another picture."""
    decoder = Decoder(facts)
    frames = [*decoder.decode(keyframe), *decoder.flush()]
    return frames[0].size if frames else None
