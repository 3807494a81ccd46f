"""Cameras that misbehave, each in its own way, all at once under one program.

Pictures are read from the files by PyAV alone; each has its camera and its number in it.
"""

import itertools
import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from time import monotonic, time
from typing import Any

import av
import pytest

from tests.support.camera_entries import always
from tests.support.camera_thread import CameraThread, FaultyCamera, deaf_port
from tests.support.exporting import blocks
from tests.support.fakes import Behaviour, FakeCamera
from tests.support.numbered_cameras import FPS, GOP
from tests.support.numbered_pictures import Recorded
from tests.support.program import Program, program
from tests.support.sent_and_recorded import fault_video
from tests.support.sentinel import (
    LOGIN,
    PASSWORD,
    has_password,
    leaks,
    leaks_of_processes,
    with_login,
)
from tests.support.video import write_clip
from tests.support.waiting import wait_until
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.clips.sidecar import read_sidecar
from vms_desktop.core.export.exporter import Exporter
from vms_desktop.core.export.record import ExportRecord
from vms_desktop.core.export.request import ExportRequest, ExportTrack

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="platform: signals"),
    pytest.mark.timeout(120),
]

# Of a picture's way through reading in groups and through this computer.
WAY_S = 0.8
KEYFRAME_S = GOP / FPS
HOUR = 3600 * 90_000
REFUSED_S = 3.0
DEADLINE_S = 5.0
UNKNOWN_HOST_URL = "rtsp://no-such-camera.invalid/live"

# Faults of a stream that runs; the camera's number is its place.
SOUND = {"mute", "never heard"}
HD = {"hd silent", "wrong password"}
KEYS = [
    "good",
    "silent",
    "reset",
    "ended",
    "refused",
    "sets",
    "stamps",
    "mute",
    "never heard",
    "garbled",
    "lost",
    "hd silent",
    "wrong password",
    "slow answers",
]
# Cameras that never come to send a picture, and what is to be told of them.
HOPELESS = {
    "deaf": "timed_out",
    "no host": "unknown_host",
    "no video": "no_video",
    "strange codec": "unsupported_codec",
    "moved away": "redirected",
}
EXPORTS: dict[str, dict[str, Any]] = {
    "copied": {"comment": "for the neighbours"},
    "each clip": {"concat": False},
    "burnt in": {"burn_in": True},
    "exact": {"exact": True},
}
UNHURT = ["good", "sets", "stamps", "mute", "never heard"]
ANSWERS_AFTER_S = 3.0


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the program's about a camera's state; in monotonic s."""

    at: float
    state: str
    reason: str


@dataclass(slots=True)
class Outcome:
    """What happened, in monotonic s.

    Attributes:
        began, stopped: When the program was started, and asked to end.
        at: When each fault began.
        mended: When its camera was well again.
        hanging: How many cameras had a connection and sent nothing when the program ended.
        data: The data folder.
        elsewhere: What the host was asked to which a camera points.
    """

    cameras: dict[str, FaultyCamera]
    data: Path
    began: float = 0.0
    stopped: float = 0.0
    ended: tuple[int, float] = (-1, 0.0)
    hanging: int = 0
    at: dict[str, float] = field(default_factory=dict)
    mended: dict[str, float] = field(default_factory=dict)
    told: dict[str, list[Told]] = field(default_factory=dict)
    clips: dict[str, list[Path]] = field(default_factory=dict)
    parts: list[Path] = field(default_factory=list)
    recorded: Recorded = field(default_factory=Recorded)
    elsewhere: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)

    def first(self, key: str, state: str, after: float) -> Told:
        """The first line of a camera with this state, after a moment."""
        return next(told for told in self.told[key] if told.state == state and told.at > after)

    def missing(self, key: str, after: float = 0.0) -> list[int]:
        """The pictures that a camera has sent and that are in no file, before the program's end."""
        sent = [number for at, number in self.cameras[key].sent if after < at < self.stopped - 1]
        count = self.recorded.count(KEYS.index(key), max(sent) + 1)
        return [number for number in sent if not count[number]]

    def twice(self, key: str) -> list[int]:
        count = self.recorded.count(KEYS.index(key), 10**6)
        return [number for number, times in enumerate(count) if times > 1]


class Scene:
    """The program, its cameras, and what is done to them."""

    def __init__(self, running: Program, cameras: CameraThread, outcome: Outcome) -> None:
        self._running, self._thread, self._outcome = running, cameras, outcome

    def play(self) -> None:
        for key in KEYS:
            if key not in ("wrong password", "slow answers"):
                self._running.until_state("recording", key, 20)
        Event().wait(1.5)
        self._begin()
        Event().wait(REFUSED_S)
        self._go_on()
        silent = self._cameras["silent"]
        wait_until(lambda: self._came_since("silent") >= 1, 10)
        self._mend("silent", silent.wake)
        for key in ("silent", "refused", "slow answers", *UNHURT, "hd silent", "garbled", "lost"):
            self._running.until_state("recording", key, 20)
        Event().wait(3)
        self._outcome.leaks = leaks_of_processes(self._running.process.pid)
        self._hang_and_end()

    @property
    def _cameras(self) -> dict[str, FaultyCamera]:
        return self._outcome.cameras

    def _came_since(self, key: str) -> int:
        return sum(at > self._outcome.at[key] for at in self._cameras[key].came)

    def _begin(self) -> None:
        cameras = self._cameras
        self._fault("silent", cameras["silent"].fall_silent)
        self._fault("reset", cameras["reset"].hang_up)
        self._fault("ended", cameras["ended"].end_all)
        self._fault("refused", cameras["refused"].shut)
        self._fault("sets", lambda: setattr(cameras["sets"], "variant", 1))
        self._fault("stamps", lambda: shift(cameras["stamps"], HOUR))
        self._fault("mute", lambda: setattr(cameras["mute"], "is_mute", True))
        self._fault("garbled", lambda: setattr(cameras["garbled"], "garbles", 3))
        self._fault("lost", lambda: setattr(cameras["lost"], "loses", 3))
        self._fault("hd silent", lambda: setattr(cameras["hd silent"], "silent_stream", "hd"))

    def _go_on(self) -> None:
        cameras = self._cameras
        self._outcome.mended["refused"] = self._thread.listen(cameras["refused"])
        self._thread.do(lambda: setattr(cameras["sets"], "variant", 2))
        self._thread.do(lambda: shift(cameras["stamps"], -24 * HOUR))
        self._thread.do(lambda: stray(cameras["stamps"], 10 * HOUR))
        self._mend("hd silent", lambda: setattr(cameras["hd silent"], "silent_stream", ""))

    def _fault(self, key: str, act) -> None:
        self._outcome.at[key] = self._thread.do(act)

    def _mend(self, key: str, act) -> None:
        self._outcome.mended[key] = self._thread.do(act)

    def _hang_and_end(self) -> None:
        self._outcome.stopped = monotonic()
        for camera in self._cameras.values():
            self._thread.do(camera.fall_silent)
        Event().wait(1.0)
        self._outcome.hanging = sum(camera.connections > 0 for camera in self._cameras.values())
        self._outcome.ended = self._running.end()


def shift(camera: FaultyCamera, ticks: int) -> None:
    """Let its timestamps jump for good."""
    camera.shift += ticks
    camera.counts["jumps"] += 1


def stray(camera: FaultyCamera, ticks: int) -> None:
    """Let the timestamp of one picture jump."""
    camera.stray = ticks
    camera.counts["jumps"] += 1


@pytest.fixture(scope="module")
def outcome(tmp_path_factory) -> Outcome:
    data = tmp_path_factory.mktemp("network") / "data"
    data.mkdir(mode=0o700)
    cameras = {
        key: FaultyCamera(number, has_hd=key in HD, has_sound=key in SOUND)
        for number, key in enumerate(KEYS)
    }
    found = Outcome(cameras, data)
    cameras["wrong password"].refuses = True
    cameras["never heard"].is_mute = True
    cameras["slow answers"].answers_after_s = ANSWERS_AFTER_S
    with ExitStack() as stack:
        camera_thread = stack.enter_context(CameraThread(cameras))
        elsewhere = stack.enter_context(FakeCamera(fault_video(), (LOGIN,)))
        urls = {
            "deaf": f"rtsp://127.0.0.1:{stack.enter_context(deaf_port())}/",
            "no host": UNKNOWN_HOST_URL,
        }
        for key, behaviour in {
            "no video": Behaviour(codec=""),
            "moved away": Behaviour(redirect=elsewhere.url().replace("127.0.0.1", "localhost")),
        }.items():
            urls[key] = stack.enter_context(FakeCamera(fault_video(), (behaviour,))).url()
        urls["strange codec"] = str(film := data / "film.mp4")
        write_clip(film, 30, codec="mpeg2")
        entries = {key: camera.entry(key) for key, camera in cameras.items()}
        entries |= {key: with_login(always(url, name=key)) for key, url in urls.items()}
        found.began = monotonic()
        running = stack.enter_context(program(data, entries))
        Scene(running, camera_thread, found).play()
        read(running, found)
        found.elsewhere = [request.method for request in elsewhere.requests]
    found.leaks += leaks(data)
    return found


def read(running: Program, found: Outcome) -> None:
    to_monotonic = monotonic() - time()
    for line in running.lines:
        at = datetime.fromisoformat(line["at"]).timestamp() + to_monotonic
        if "state" in line:
            told = Told(at, line["state"], line["reason"])
            found.told.setdefault(line["id"], []).append(told)
        else:
            found.clips.setdefault(line["id"], []).append(running.folder / line["clip"])
    found.parts = list(running.folder.rglob("*.part"))
    found.recorded.look(running.folder / "recordings")


@pytest.mark.parametrize("key", UNHURT)
def test_no_picture_of_a_camera_that_goes_on_sending_is_lost_or_twice(outcome, key):
    assert outcome.missing(key) == []
    assert outcome.twice(key) == []
    assert len(outcome.cameras[key].came) == 1
    assert outcome.recorded.problems == []


def test_silence_is_told_and_another_connection_tried_in_time(outcome):
    camera, fell_silent = outcome.cameras["silent"], outcome.at["silent"]
    assert camera.counts["withheld"] > 3 * FPS
    assert outcome.first("silent", "stream_lost", fell_silent).at - fell_silent < 4 + WAY_S
    assert next(at for at in camera.came if at > fell_silent) - fell_silent < 6
    woke = outcome.mended["silent"]
    again = outcome.first("silent", "recording", woke).at
    assert again - woke < 5 + KEYFRAME_S + WAY_S


@pytest.mark.parametrize("key", ["reset", "ended"])
def test_a_connection_that_ends_is_made_anew_within_a_second(outcome, key):
    ended = outcome.at[key]
    assert next(at for at in outcome.cameras[key].came if at > ended) - ended < 1 + WAY_S / 2
    again = outcome.first(key, "recording", outcome.first(key, "stream_lost", ended).at).at
    assert again - ended < 5 + KEYFRAME_S + WAY_S


def test_a_port_that_is_closed_and_opens_again_is_recorded_from_in_time(outcome):
    lost = outcome.first("refused", "stream_lost", outcome.at["refused"])
    assert "refused" in {told.reason for told in outcome.told["refused"]}, lost
    opened = outcome.mended["refused"]
    assert opened - outcome.at["refused"] >= REFUSED_S
    again = outcome.first("refused", "recording", opened).at
    assert again - opened < 5 + KEYFRAME_S + WAY_S


def test_sets_that_change_stay_in_the_clip_and_another_size_begins_the_next(outcome):
    assert outcome.cameras["sets"].counts["changed"] == 2
    first, second = outcome.clips["sets"]
    sizes = []
    for path in (first, second):
        with av.open(str(path)) as clip:
            sizes.append(clip.streams.video[0].codec_context.width)
    assert sizes == [160, 176]


def test_stamps_that_jump_stay_in_one_clip(outcome):
    assert outcome.cameras["stamps"].counts["jumps"] == 3
    (clip,) = outcome.clips["stamps"]
    with av.open(str(clip)) as file:
        packets = [packet for packet in file.demux(video=0) if packet.dts is not None]
        times = [
            float(packet.dts * packet.time_base) for packet in packets if packet.dts is not None
        ]
    steps = [after - before for before, after in itertools.pairwise(times)]
    assert min(steps) > 0
    assert max(steps) < 1


@pytest.mark.parametrize("key, has_track", [("mute", True), ("never heard", False)])
def test_sound_that_stops_or_never_comes_stops_no_picture(outcome, key, has_track):
    assert outcome.cameras[key].counts["sound_withheld"] > 3 * FPS
    (clip,) = outcome.clips[key]
    with av.open(str(clip)) as file:
        assert bool(file.streams.audio) is has_track


def test_packets_that_are_damaged_or_lost_cost_their_pictures_and_no_connection(outcome):
    garbled, lost = (outcome.cameras[key] for key in ("garbled", "lost"))
    assert (garbled.counts["garbled"], lost.counts["lost"]) == (3, 3)
    assert len(garbled.came) == len(lost.came) == 1
    assert outcome.missing("garbled") == []
    assert outcome.recorded.damaged == 3
    assert len(outcome.missing("lost")) == 3
    assert outcome.twice("garbled") == outcome.twice("lost") == []


def test_while_hd_is_silent_sd_is_recorded_and_nothing_is_lost_or_twice_in_a_stream(outcome):
    camera, silent = outcome.cameras["hd silent"], outcome.at["hd silent"]
    assert camera.counts["withheld"] > 2 * FPS
    assert outcome.mended["hd silent"] - silent > 2
    # At the start SD waits for HD, and HD for its keyframe.
    assert outcome.missing("hd silent", after=silent - 1) == []
    assert outcome.recorded.of["hd"] > 0
    # SD begins with its last keyframe before.
    assert len(outcome.twice("hd silent")) < 3 * GOP


def test_a_password_is_tried_once_for_both_streams(outcome):
    camera = outcome.cameras["wrong password"]
    assert outcome.stopped - outcome.began > 8
    assert camera.counts["refused"] == 1
    assert outcome.told["wrong password"][-1].reason == "wrong_password"


def test_a_camera_that_answers_slowly_is_waited_for(outcome):
    camera = outcome.cameras["slow answers"]
    assert camera.counts["late answers"] >= 3
    assert camera.counts["plays"] == 1
    recorded = outcome.first("slow answers", "recording", outcome.began)
    assert recorded.at - outcome.began > 3 * ANSWERS_AFTER_S
    assert not {told.reason for told in outcome.told["slow answers"]} - {""}


@pytest.mark.parametrize("key", HOPELESS)
def test_every_failure_is_told_by_its_kind_in_time(outcome, key):
    failed = next(told for told in outcome.told[key] if told.state in ("failed", "stream_lost"))
    assert failed.reason == HOPELESS[key]
    tried = outcome.first(key, "connecting", outcome.began).at
    assert failed.at - tried < 5 + WAY_S
    assert "recording" not in {told.state for told in outcome.told[key]}


def test_no_dead_camera_delays_another(outcome):
    recorded = [outcome.first(key, "recording", outcome.began).at for key in UNHURT]
    assert max(recorded) - outcome.first("deaf", "stream_lost", outcome.began).at < 2


def test_a_redirect_to_another_host_takes_no_password_there(outcome):
    assert outcome.elsewhere == []


def test_it_ends_in_time_with_every_clip_whole_while_every_camera_hangs(outcome):
    assert outcome.hanging >= len(KEYS) - 1
    assert outcome.ended[0] == 0
    assert outcome.ended[1] < DEADLINE_S
    assert outcome.parts == []


def test_no_password_is_anywhere(outcome):
    assert outcome.leaks == []


@pytest.mark.parametrize("how", EXPORTS)
def test_an_export_has_no_password_neither_while_it_is_written_nor_in_what_it_says(outcome, how):
    layout, out = Layout(outcome.data), outcome.data.parent / how.replace(" ", "_")
    tracks = []
    for key in ("good", "sets"):
        # That there was something to give away: nobody gets in without it.
        assert outcome.cameras[key].password == PASSWORD
        clips = [read_sidecar(layout.sidecar_path(path), path) for path in outcome.clips[key]]
        tracks.append(ExportTrack(key, tuple(clip for clip in clips if clip)))
        assert tracks[-1].clips
    request = ExportRequest(tracks=tuple(tracks), folder=out, **EXPORTS[how])
    looks: list[int] = []

    def look(_done: int, _whole: int) -> None:
        written = [*out.glob("*"), *outcome.data.glob("exports.json")]
        assert not [path for path in written if has_password(path.read_bytes())]
        looks.append(len(written))

    record = ExportRecord(layout.exports_json)
    result = Exporter(request, look, lambda: False, blocks, record).run()
    assert not result.failed
    assert max(looks) > 0  # Unfinished files were looked into too.
    assert {path.name.partition("_")[0] for path in result.outputs} == {"good", "sets"}
    for path in result.outputs:
        assert not has_password(told_by(path).encode())
    assert leaks(outcome.data) == []


def told_by(path: Path) -> str:
    """Everything that a file says of itself, as a reader gives it."""
    with av.open(str(path)) as file:
        said = [file.metadata, *(stream.metadata for stream in file.streams)]
    assert any("start_utc" in each for each in said)
    return f"{path} {said}"
