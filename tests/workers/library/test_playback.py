from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event
from time import monotonic

import cv2
import numpy as np
import pytest
from shiboken6 import delete

from tests.support.playing import DAY, ROOM, Recorded, write_files
from tests.support.stand_in import picture
from tests.support.video import read_number
from tests.support.waiting import wait_until
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import Problem
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.media.audio import SoundBuffer
from vms_desktop.core.player import open_clips
from vms_desktop.core.player.orders import TrackReport
from vms_desktop.core.player.picture import PlayedPicture
from vms_desktop.core.player.player import Player, PlayState
from vms_desktop.core.player.track import TrackSource
from vms_desktop.core.player.track_player import TrackPlayer
from vms_desktop.workers.latest import Latest
from vms_desktop.workers.library.playback import Playback
from vms_desktop.workers.library.playback_worker import PlaybackWorker

KEYS = "pqrs"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_files(tmp_path_factory.mktemp("files"))


class FakeSpeaker:
    def __init__(self):
        self.volume = 0.0
        self.buffer = None

    def open(self):
        self.buffer = SoundBuffer()
        return self.buffer

    def close(self):
        self.buffer = None


@pytest.fixture
def speaker():
    return FakeSpeaker()


@pytest.fixture
def playback(qtbot, tmp_path, speaker):
    playback = Playback(Layout(tmp_path), speaker)
    yield playback
    assert playback.stop(monotonic() + 5)
    # Left to Python's collector it would be destroyed in whichever thread that runs.
    delete(playback)


@pytest.fixture
def source(files):
    def make(key, *line):
        clips = [
            Recorded(files / f"{name}.mp4", at(start_s), at(start_s + 4)) for name, start_s in line
        ]
        return TrackSource(key, tuple(clips))

    return make


def at(seconds):
    return DAY + timedelta(seconds=seconds)


def newest(playback, key, found):
    """Take the newest picture, as a tile does; what it shows now."""
    played = playback.pictures(key).take()
    if played is not None:
        found[key] = played
    return found.get(key)


def shows(playback, key, number, found=None):
    found = {} if found is None else found

    def is_shown():
        played = newest(playback, key, found)
        return played is not None and read_number(played.picture.pixels) == number

    return is_shown


def test_a_seek_shows_its_frame(qtbot, playback, source):
    playback.set_viewport("cam", ROOM)
    playback.set_tracks([source("cam", ("a", 0), ("b", 10))])
    with qtbot.waitSignal(playback.position_changed) as told:
        playback.seek(at(12))
    assert told.args == [at(12)]
    wait_until(shows(playback, "cam", 1030))
    playback.step(1)
    wait_until(shows(playback, "cam", 1031))
    playback.step(-1)
    playback.step(-1)
    wait_until(shows(playback, "cam", 1029))
    assert (playback.position - at(12)).total_seconds() == pytest.approx(-1 / 15, abs=1e-5)


def test_while_scrubbing_the_newest_seek_wins(qtbot, playback, source):
    playback.set_viewport("cam", ROOM)
    playback.set_tracks([source("cam", ("long-gop", 0))])
    for tenth in range(40):
        playback.seek(at(tenth / 10))
    wait_until(shows(playback, "cam", 58))


def test_the_window_is_told_how_it_plays(qtbot, playback, source):
    states: list[PlayState] = []
    positions: list[datetime] = []
    playback.state_changed.connect(states.append)
    playback.position_changed.connect(positions.append)
    playback.set_tracks([source("cam", ("a", 0))])
    playback.seek(at(0))
    playback.play(4)
    qtbot.waitUntil(lambda: bool(states) and not states[-1].is_playing, timeout=5000)
    assert states == [PlayState(True, 4.0), PlayState(False, 4.0)]
    assert positions == sorted(positions)
    assert len(positions) > 10
    assert playback.position == at(4) - timedelta(microseconds=1)


def test_play_pause_and_the_rate_are_told_at_once(qtbot, playback, source):
    playback.set_tracks([source("cam", ("a", 0))])
    playback.seek(at(1))
    with qtbot.waitSignal(playback.state_changed) as told:
        playback.play(-0.5)
    assert told.args == [PlayState(True, -0.5)]
    assert (playback.is_playing, playback.rate) == (True, -0.5)
    with qtbot.waitSignal(playback.state_changed) as told:
        playback.pause()
    assert told.args == [PlayState(False, -0.5)]


def test_four_tracks_play_in_step_in_real_time(qtbot, playback, source):
    names = ["a", "b", "c", "slow"]
    playback.set_tracks([source(k, (name, 0)) for k, name in zip(KEYS, names, strict=True)])
    for key in KEYS:
        playback.set_viewport(key, ROOM)
    playback.seek(at(0))
    found: dict[str, PlayedPicture] = {}
    seen: dict[str, list[datetime]] = {key: [] for key in KEYS}
    apart = []

    def sampled():
        times = [played.at for key in KEYS if (played := newest(playback, key, found))]
        if len(times) == len(KEYS):
            apart.append((max(times) - min(times)).total_seconds())
            for key in KEYS:
                seen[key].append(found[key].at)
        return not playback.is_playing

    playback.play(1)
    qtbot.waitUntil(sampled, timeout=8000)
    # One interval of the slowest track; a busy machine may wake a thread late now and then.
    assert np.percentile(apart, 95) <= 0.1
    assert all(earlier <= later for key in KEYS for earlier, later in pairwise(seen[key]))


def test_tracks_tell_what_they_show_and_what_failed(qtbot, playback, source, files):
    changed, failed = [], []
    playback.track_changed.connect(lambda *told: changed.append(told))
    playback.clip_failed.connect(lambda *told: failed.append(told))
    playback.set_tracks([source("one", ("a", 0)), source("two", ("broken", 0))])
    playback.seek(at(1))
    qtbot.waitUntil(lambda: bool(failed) and ("one", files / "a.mp4") in changed)
    assert failed == [("two", files / "broken.mp4", Problem.BAD_DATA)]
    assert changed[-1][1] is None or changed[-1] == ("one", files / "a.mp4")


def test_a_picture_that_waits_is_not_seen_where_nothing_was_recorded(qapp):
    reports: list[TrackReport] = []
    pictures: Latest[PlayedPicture] = Latest()

    def make_track(report: TrackReport) -> TrackPlayer:
        reports.append(report)
        player = Player(Clock(), lambda: None)
        return TrackPlayer("p", player, report, Layout(Path()).sidecar_path, Clock())

    worker = PlaybackWorker("p", make_track, pictures)
    told = []
    worker.track_changed.connect(lambda key, path: told.append((key, path)))
    (report,) = reports
    report.show(PlayedPicture(picture(4, 4, value=0), at(0), Path("clip.mp4")))
    report.changed(Path("clip.mp4"))
    report.changed(None)
    assert pictures.take() is None
    assert told == [("p", Path("clip.mp4")), ("p", None)]


def test_clips_that_are_open_are_in_use(qtbot, playback, source, files):
    playback.set_tracks([source("cam", ("a", 0), ("b", 10))])
    playback.seek(at(1))
    wait_until(lambda: playback.in_use() == {files / "a.mp4"})
    playback.set_tracks([])
    wait_until(lambda: not playback.in_use())


def test_a_track_that_stays_plays_on_while_others_come_and_go(qtbot, playback, source):
    playback.set_viewport("cam", ROOM)
    playback.set_tracks([source("cam", ("a", 0))])
    playback.seek(at(0))
    playback.play(1)
    found: dict[str, PlayedPicture] = {}
    wait_until(lambda: newest(playback, "cam", found) and found["cam"].at > at(0.3))
    playback.set_tracks([source("cam", ("a", 0), ("b", 4)), source("new", ("c", 0))])
    before = playback.position
    wait_until(lambda: newest(playback, "cam", found) and found["cam"].at > at(0.8))
    assert playback.position >= before
    playback.set_tracks([source("cam", ("a", 0), ("b", 4))])
    wait_until(lambda: newest(playback, "cam", found) and found["cam"].at > at(1.2))
    assert playback.is_playing


def test_the_way_from_clip_to_clip(qtbot, playback, source):
    playback.set_tracks([source("cam", ("a", 0), ("b", 10), ("c", 20))])
    playback.seek(at(1))
    ways = []
    for way in (
        lambda: playback.go_to_clip(1),
        playback.last,
        lambda: playback.go_to_clip(1),
        lambda: playback.go_to_clip(-1),
        playback.first,
    ):
        way()
        ways.append((playback.position - DAY).total_seconds())
    assert ways == [10, 20, 20, 10, 0]


def test_without_any_clip_nothing_happens(qtbot, playback):
    playback.set_tracks([])
    for way in (playback.first, playback.last, lambda: playback.step(1), lambda: playback.play(1)):
        way()
    playback.go_to_clip(1)
    qtbot.waitUntil(lambda: not playback.is_playing)
    with qtbot.waitSignal(playback.snapshot_saved) as told:
        playback.snapshot("none", Path("x.png"))
    assert told.args == ["none", ""]


def test_a_snapshot_is_the_full_frame(qtbot, playback, source, tmp_path):
    playback.set_tracks([source("cam", ("a", 0))])
    playback.seek(at(2))
    with qtbot.waitSignal(playback.track_changed, check_params_cb=lambda _, path: path is not None):
        pass
    with qtbot.waitSignal(playback.snapshot_saved) as told:
        playback.snapshot("cam", tmp_path / "shot.png")
    assert told.args == ["cam", str(tmp_path / "shot.png")]
    saved = cv2.imread(told.args[1])
    assert saved is not None
    assert read_number(saved.astype(np.uint8)) == 30


def test_one_track_is_heard_at_the_volume(qtbot, playback, source, speaker):
    playback.set_tracks([source("cam", ("sound", 0)), source("other", ("a", 0))])
    playback.set_sound("cam", 0.5)
    assert speaker.volume == 0.5
    playback.seek(at(1))
    playback.play(1)
    wait_until(lambda: any(speaker.buffer.take(960)))
    playback.set_sound("cam", 0.7)
    assert speaker.volume == 0.7
    playback.set_sound(None, 0.7)
    assert speaker.buffer is None


@pytest.mark.expects_log_errors
def test_a_bug_costs_a_clip_and_no_more(qtbot, playback, source, files, monkeypatch):
    advance, failed = TrackPlayer._show, []

    def buggy(self, place, frame):
        if place.opened.path.stem == "a":
            raise RuntimeError("a bug")
        advance(self, place, frame)

    monkeypatch.setattr(TrackPlayer, "_show", buggy)
    playback.clip_failed.connect(lambda *told: failed.append(told))
    playback.set_viewport("cam", ROOM)
    playback.set_tracks([source("cam", ("a", 0), ("b", 10))])
    playback.seek(at(1))
    qtbot.waitUntil(lambda: failed == [("cam", files / "a.mp4", Problem.CRASHED)])
    playback.seek(at(10))
    wait_until(shows(playback, "cam", 1000))


@pytest.fixture
def hanging_share(monkeypatch):
    """The share of clip b does not answer until this is set."""
    answers, real = Event(), open_clips.ClipReader

    def hanging(path):
        if path.stem == "b":
            answers.wait()
        return real(path)

    monkeypatch.setattr(open_clips, "ClipReader", hanging)
    yield answers
    answers.set()


def test_a_track_whose_share_hangs_does_not_stop_the_others(qtbot, playback, source, hanging_share):
    playback.set_viewport("one", ROOM)
    playback.set_tracks([source("one", ("a", 0)), source("two", ("b", 0))])
    playback.seek(at(0))
    playback.play(2)
    found: dict[str, PlayedPicture] = {}
    wait_until(lambda: newest(playback, "one", found) and found["one"].at > at(1))
    assert not playback.stop(monotonic() + 0.1)


def test_the_clock_waits_while_no_track_has_a_picture_and_says_so(
    qtbot, playback, source, hanging_share
):
    playback.set_viewport("cam", ROOM)
    playback.set_tracks([source("cam", ("b", 0))])
    playback.seek(at(0))
    playback.play(1)
    qtbot.waitUntil(lambda: playback.state == PlayState(True, 1.0, is_waiting=True))
    assert playback.position == at(0)
    hanging_share.set()
    qtbot.waitUntil(lambda: playback.state == PlayState(True, 1.0))
    wait_until(shows(playback, "cam", 1010))
