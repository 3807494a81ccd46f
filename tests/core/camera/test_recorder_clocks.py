"""From a camera's wire to the file: nothing that arrived is lost, and the file says how long."""

import itertools
import os

import av
import pytest

from tests.support.packets import HandClock, camera
from tests.support.rtsp_camera import PICTURE, SOUND, SPROP, VIDEO, Scripted, never, payloads
from tests.support.wire import framed, rtp
from vms_desktop.core.camera.recorder import Recorder
from vms_desktop.core.camera.shared import CameraShared
from vms_desktop.core.clips.mp4_writer import ClipWriter
from vms_desktop.core.clips.unbuffered_file import ClipFile
from vms_desktop.core.config.camera import RecordingMode

FPS = 5
MINUTES = 3
HZ = 90_000


class Shelf:
    """A sink that writes clips into a folder at once."""

    ready = True

    def __init__(self, folder):
        self.folder = folder
        self.writers, self.lengths_s = [], []

    @property
    def paths(self):
        return [self.folder / f"{number}.mp4" for number in range(len(self.writers))]

    def begin(self, spec, first, audio):
        path = self.folder / f"{len(self.writers)}.mp4"
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
        file = ClipFile(lambda: (os.open(path, flags, 0o600), path), lambda: False)
        self.writers.append((ClipWriter(file, spec.video, first, audio, {}), spec))
        return len(self.writers) - 1

    def write(self, number, packet):
        self.writers[number][0].write(packet)
        return True

    def finish(self, number, end):
        writer, spec = self.writers[number]
        writer.close()
        self.lengths_s.append((end.end_at - spec.start_at).total_seconds())


class Recording:
    """What becomes of a camera's pictures, sent at their times with these stamps in s."""

    def __init__(self, dial, folder, *, with_sound=False):
        self.clock = HandClock(100.0)
        lines = (*PICTURE, SPROP, *SOUND) if with_sound else (*PICTURE, SPROP)
        stream, self.wire = dial(Scripted(*lines), clock=self.clock)
        self.shelf = Shelf(folder)
        shared = CameraShared(camera(recording_mode=RecordingMode.ALWAYS))
        self.recorder = Recorder(shared, self.shelf, self.clock, lambda _: True)
        self.recorder.opened(stream.video, stream.audio)
        self.packets = stream.packets(never)
        self.sequence = 0

    def picture(self, number, stamp_s, arrives_s, *, skipped=0):
        self.clock.time = 100 + arrives_s
        self.sequence += skipped
        for nal, is_last in payloads(VIDEO.units[number % len(VIDEO.units)]):
            packet = rtp(nal, self.sequence, round(stamp_s * HZ) % 2**32, marker=is_last)
            self.wire.feed(framed(0, packet))
            self.sequence += 1
        self.recorder.packet(next(self.packets))

    def sound(self, stamp_s, arrives_s):
        self.clock.time = 100 + arrives_s
        ticks = round(stamp_s * 8000) % 2**32
        self.wire.feed(framed(2, rtp(bytes([0xD5]) * 1600, 0, ticks, payload_type=8)))
        self.recorder.packet(next(self.packets))

    def files(self):
        """Pictures, and the length of each track in s, of every file."""
        self.recorder.closed()
        return [_contents(path) for path in self.shelf.paths]


def _contents(path):
    with av.open(str(path)) as container:
        times: dict[str, list[float]] = {stream.type: [] for stream in container.streams}
        for packet in container.demux():
            if packet.dts is not None:
                times[packet.stream.type].append(float(packet.dts * packet.time_base))
    assert all(a < b for each in times.values() for a, b in itertools.pairwise(each))
    return len(times["video"]), {kind: each[-1] - each[0] for kind, each in times.items()}


CLOCKS = {
    "right": lambda at, _: at,
    "half": lambda at, _: at / 2,
    "fast": lambda at, _: at * 1.4,
    "a thousandth": lambda at, _: at / 1000,
    "standing": lambda *_: 7.0,
    "strays": lambda at, number: at + (9800 if number % 20 == 13 else 0),
    "strays back": lambda at, number: at - (9800 if number % 10 == 3 else 0),
    "stray keyframes": lambda at, number: at + (9800 if number % 15 == 0 and number else 0),
    "jumping": lambda at, number: at + number // 200 * 500,
    "near the wrap": lambda at, number: at + 47_700 + (9800 if number % 20 == 13 else 0),
}


@pytest.mark.parametrize("stamp", CLOCKS.values(), ids=CLOCKS)
def test_a_file_says_how_long_its_pictures_arrived(stamp, dial, tmp_path):
    recording = Recording(dial, tmp_path)
    count = MINUTES * 60 * FPS
    for number in range(count):
        recording.picture(number, stamp(number / FPS, number), number / FPS)
    ((pictures, lengths_s),) = recording.files()
    assert pictures == count
    assert recording.shelf.lengths_s == [pytest.approx((count - 1) / FPS, abs=0.01)]
    assert lengths_s["video"] == pytest.approx((count - 1) / FPS, abs=0.3)


def test_a_clip_ends_where_numbers_and_time_break_and_loses_nothing(dial, tmp_path):
    recording = Recording(dial, tmp_path)
    for number in range(200):
        is_later = number >= 100
        stamp_s = number / FPS + 500 * is_later
        recording.picture(number, stamp_s, number / FPS, skipped=30 * (number == 100))
    (first, _), (second, _) = recording.files()
    assert first + second == 200
    assert first == 105  # Up to the next keyframe.


def test_sound_on_a_clock_that_runs_away_is_as_long_as_its_picture(dial, tmp_path):
    recording = Recording(dial, tmp_path, with_sound=True)
    for number in range(2 * 60 * FPS):
        at = number / FPS
        recording.picture(number, at, at)
        recording.sound(at * 1.0146, at + 0.05)
    ((_, lengths_s),) = recording.files()
    assert lengths_s["audio"] == pytest.approx(lengths_s["video"], abs=0.5)


@pytest.mark.parametrize(
    "stamp, told",
    [
        (lambda at, _: at / 2, "runs 0.5 times as fast as it should"),
        (lambda at, number: at + 7919 * number % 1009, "has no order"),
        (lambda at, number: at + number // 50 * 500, None),
    ],
    ids=["half", "by chance", "jumping"],
)
def test_a_wrong_clock_is_told_once(stamp, told, dial, tmp_path, caplog):
    recording = Recording(dial, tmp_path)
    for number in range(60 * FPS):
        recording.picture(number, stamp(number / FPS, number), number / FPS)
    lines = [record.getMessage() for record in caplog.records if "clock" in record.getMessage()]
    assert lines == ([f"10.0.0.9: the clock of the picture {told}: arrival counts"] if told else [])
