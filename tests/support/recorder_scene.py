"""A recorder with a list as its sink and a clock set by hand, and a stream that runs into it."""

from dataclasses import dataclass, field, replace
from typing import Any

from tests.support.packets import HandClock, audio_packet, camera, facts, small, video_packet
from tests.support.video import Encoded
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.camera.recorder import Recorder
from vms_desktop.core.camera.shared import CameraShared
from vms_desktop.core.clips.clip import ClipEnd, ClipSpec
from vms_desktop.core.motion.events import Event
from vms_desktop.core.stream.packets.packet import AudioFacts, Packet

FPS = 15
VIDEO = small(15)
LARGE = small(1, width=320)
OTHER_RATE = small(1, fps=12)
SOUND_BASE = facts(VIDEO).time_base
SOUND = AudioFacts("aac", 8_000, 1, SOUND_BASE)


@dataclass
class Clip:
    """What a sink was told of one clip."""

    spec: ClipSpec
    audio: AudioFacts | None
    packets: list[Packet] = field(default_factory=list)
    end: ClipEnd | None = None

    @property
    def pictures(self) -> list[Packet]:
        return [packet for packet in self.packets if packet.is_video]

    @property
    def ended(self) -> ClipEnd:
        """How it ended."""
        assert self.end is not None
        return self.end


class Shelf:
    """A sink that keeps clips in a list, and fails when it is told to."""

    def __init__(self) -> None:
        self.ready = True
        self.fails = False
        self.refuses = False
        self.refuses_sound = False
        self.clips: list[Clip] = []

    def begin(self, spec: ClipSpec, first: Packet, audio: AudioFacts | None) -> int:
        if self.refuses:
            raise StreamError(Problem.BAD_DATA)
        self.clips.append(Clip(spec, audio))
        return len(self.clips) - 1

    def write(self, number: int, packet: Packet) -> bool:
        clip = self.clips[number]
        assert clip.end is None
        if not self.fails:
            clip.packets.append(bare(packet))
        return not (self.fails or (self.refuses_sound and clip.audio))

    def finish(self, number: int, end: ClipEnd) -> None:
        assert self.clips[number].end is None
        self.clips[number].end = end


def bare(packet: Packet) -> Packet:
    """The packet with its bytes, which can be compared."""
    data: Any = bytes(packet.data)
    return packet._replace(data=data)


class Scene:
    """A camera's stream that runs, 15 pictures a second and a keyframe in each."""

    def __init__(self, audio: AudioFacts | None = None, **changes: Any) -> None:
        self.clock = HandClock()
        self.shared = CameraShared(camera(**changes))
        self.shelf = Shelf()
        self.may_record = True
        self.covered_until: float | None = None
        self.recorder = Recorder(
            self.shared,
            self.shelf,
            self.clock,
            lambda _: self.may_record,
            lambda: self.covered_until,
        )
        self.recorder.opened(facts(VIDEO), audio)
        self.number = 0
        self.sent: list[Packet] = []

    @property
    def clips(self) -> list[Clip]:
        return self.shelf.clips

    @property
    def event(self) -> Event:
        """The newest event."""
        assert self.shared.event is not None
        return self.shared.event

    def run(
        self,
        seconds: float,
        *,
        sound: bool = False,
        video: Encoded = VIDEO,
        kind: AudioFacts | None = None,
    ) -> None:
        """Let the stream run, with sound (of a kind that is not the one announced)."""
        for _ in range(round(seconds * FPS)):
            key = self.number % FPS == 0
            unit = video.units[0] if key else VIDEO.units[1]
            self.send(video_packet(unit, self.number, FPS, is_keyframe=key))
            if sound:
                ticks = round(1 / FPS / SOUND_BASE)
                self.send(
                    audio_packet(b"tone", self.number, base=SOUND_BASE, ticks=ticks, sound=kind)
                )
            self.number += 1

    def send(self, packet: Packet) -> None:
        self.clock.time = packet.arrived
        self.sent.append(bare(packet))
        self.recorder.packet(packet)

    def send_broken(self) -> None:
        """Send a picture whose time does not follow on that of the one before."""
        broken = video_packet(VIDEO.units[1], self.number, FPS, is_keyframe=False)
        self.send(broken._replace(breaks=True))
        self.number += 1

    def move(self, seconds_ago: float = 0.0, lasts_s: float = 0.0) -> None:
        start = self.clock.time - seconds_ago
        self.shared.event = Event(start, start + lasts_s)

    def configure(self, **changes: Any) -> None:
        self.shared.camera = replace(self.shared.camera, **changes)
        self.recorder.configure(self.shared.camera)
