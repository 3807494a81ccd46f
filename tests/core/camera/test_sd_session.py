"""What a camera's session makes of its watched stream, packet by packet, on a clock set by hand."""

import itertools
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.support.packets import BEGAN_AT, HandClock, camera, facts, video_packets
from tests.support.video import Encoded, crossing, encode
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.base.inbox import Inbox
from vms_desktop.core.base.sleep_watch import SleepWatch
from vms_desktop.core.base.status import CameraState, Status
from vms_desktop.core.camera.hd_session import HdSession
from vms_desktop.core.camera.preview import Preview, PreviewWishes
from vms_desktop.core.camera.preview_session import PreviewSession
from vms_desktop.core.camera.sd_session import SdSession
from vms_desktop.core.camera.session import CameraReport
from vms_desktop.core.camera.shared import CameraShared
from vms_desktop.core.config.camera import RecordingMode
from vms_desktop.core.library.gaps import gap_reason
from vms_desktop.core.stream.opener import StreamOpener

FPS = 15
RETRY_S = 1.0
STILL = encode(7 * FPS, paint=crossing([]))
CROSSED = encode(20 * FPS, paint=crossing([(7 * FPS, 9 * FPS)]))
CROSSED_TWICE = encode(10 * FPS, paint=crossing([(1 * FPS, 4 * FPS), (7 * FPS, 9 * FPS)]))
CUT_SHORT = encode(8 * FPS, paint=crossing([(7 * FPS, 9 * FPS)]))


class Waiting(Inbox):
    """Waits by setting the clock."""

    def __init__(self, clock):
        super().__init__()
        self._clock = clock

    def wait(self, seconds):
        self._clock.time += seconds
        return self.stopped


class Playing:
    """An open stream of one video, which ends with it."""

    dropped = 0
    audio = None

    def __init__(self, video, clock):
        self.goes_on_from_s = None
        self.interval_s = 4.0
        self.left_off_s = clock.time
        self.video = facts(video)
        self._packets = video_packets(video, begins=clock.time)
        self._clock = clock

    def packets(self, stopped):
        for packet in self._packets:
            self._clock.time = packet.arrived
            if stopped():
                return
            yield packet
        raise StreamError(Problem.ENDED)

    def go_on_from(self, left_off_s):
        self.goes_on_from_s = left_off_s

    def rest_s(self, longest_s):
        return 0.0

    def close(self):
        pass


@dataclass
class Overslept:
    """A video in whose middle nothing runs for a while, the machine or the program alone.

    What the system kept of it comes at once afterwards.
    """

    video: Encoded
    after: int
    stopped_s: float = 0
    suspended_s: float = 0


class PlayingOverslept(Playing):
    """An open stream that was kept over a sleep."""

    def __init__(self, overslept, clock):
        super().__init__(overslept.video, clock)
        self._overslept = overslept

    def packets(self, stopped):
        slept = self._overslept
        for number, packet in enumerate(self._packets):
            if number < slept.after:
                self._clock.time = packet.arrived
            elif number == slept.after:
                self._clock.time += slept.stopped_s
                self._clock.suspended_s += slept.suspended_s
            if stopped():
                return
            yield packet._replace(arrived=self._clock.time)
        raise StreamError(Problem.ENDED)


class Connections(StreamOpener):
    """An opener behind which one video after the other plays; the last one ends the session.

    None is a try that is refused.
    """

    def __init__(self, videos, clock):
        self._videos, self._hand_clock = list(videos), clock
        self.opened_at = []
        self.streams = []
        self.inbox = Waiting(clock)

    def open(self, camera, address, inbox):
        if not self._videos:
            self.inbox.stop()
            raise StreamError(Problem.REFUSED)
        self.opened_at.append(self._hand_clock.time)
        video = self._videos.pop(0)
        if video is None:
            raise StreamError(Problem.REFUSED)
        kind = PlayingOverslept if isinstance(video, Overslept) else Playing
        self.streams.append(kind(video, self._hand_clock))
        return self.streams[-1]


class Disk:
    """A sink that knows whether a clip is being written, and since when."""

    ready = True
    problem = None

    def __init__(self):
        self._since = None
        self.clips = 0
        self.kept = []
        self.specs = []
        self.ends = []

    def begin(self, spec, first, audio):
        self._since = spec.start_at
        self.specs.append(spec)
        self.clips += 1
        return self.clips

    def write(self, number, packet):
        self.kept.append(packet.arrived)
        return True

    def finish(self, number, end):
        self._since = None
        self.ends.append(end)

    def save(self, path, data):
        pass

    def recording_since(self, now):
        return self._since


class Watched:
    """What a session told while these videos played one after the other."""

    def __init__(self, *videos, **changes):
        self.statuses: list[Status] = []
        self.events_s: list[float] = []
        self.disk = Disk()
        clock = HandClock()
        self.opener = Connections(videos, clock)
        report = CameraReport(self.statuses.append, self._began, lambda _: None)
        watched = camera(**{"post_record_seconds": 4, "min_recording_time": 0, **changes})
        self.shared = CameraShared(watched, SleepWatch(clock))
        SdSession(self.shared, self.opener, clock, self.opener.inbox, self.disk, report).run()

    @property
    def states(self):
        """Each state when it began, in order."""
        states = (status.state.value for status in self.statuses)
        return [state for state, _ in itertools.groupby(states)]

    def _began(self, at):
        self.events_s.append((at - BEGAN_AT) / timedelta(seconds=1))


@pytest.mark.parametrize(
    "is_recording_enabled, states",
    [
        (False, ["connecting", "live", "motion", "live"]),
        # Recording goes before motion, and on after it for the post-roll.
        (True, ["connecting", "live", "motion", "recording", "live"]),
    ],
)
def test_a_camera_is_live_moves_and_records_in_that_order(is_recording_enabled, states):
    watched = Watched(CROSSED, is_recording_enabled=is_recording_enabled)
    assert watched.states[: len(states) + 1] == [*states, "stream_lost"]
    assert watched.disk.clips == is_recording_enabled
    (event_s,) = watched.events_s
    assert 7 <= event_s < 7.6


def test_each_connection_is_silent_while_the_detector_settles():
    watched = Watched(STILL, CROSSED_TWICE, is_recording_enabled=False)
    _, opened_s = watched.opener.opened_at
    assert opened_s == pytest.approx(7 - 1 / FPS + RETRY_S, abs=0.25)
    (event_s,) = watched.events_s
    assert 7 <= event_s - opened_s < 7.6


def test_a_lost_stream_ends_its_event():
    watched = Watched(CUT_SHORT, STILL, is_recording_enabled=False)
    assert watched.states == ["connecting", "live", "motion", "stream_lost", "live", "stream_lost"]
    lost = next(status for status in watched.statuses if status.state is CameraState.STREAM_LOST)
    assert (lost.problem, lost.attempt) == (Problem.ENDED, 2)
    assert lost.since_at == lost.last_picture_at
    assert lost.next_try_at is not None
    assert lost.next_try_at - lost.since_at < timedelta(seconds=1.1)


def test_what_was_recorded_when_the_stream_was_lost_goes_on_in_a_clip_of_its_own():
    watched = Watched(CUT_SHORT, STILL)
    assert watched.states[2:5] == ["motion", "recording", "stream_lost"]
    # Wanted for 4 s after the last motion, of which the stream was away for one.
    assert watched.states[5:] == ["recording", "live", "stream_lost"]
    assert watched.disk.clips == 2
    assert len(watched.events_s) == 1


@pytest.mark.parametrize(("url_hd", "begins_s"), [("", 0), ("rtsp://camera/hd", 2)])
def test_hd_is_given_two_seconds_to_come_before_the_watched_stream_is_recorded(url_hd, begins_s):
    watched = Watched(STILL, url_hd=url_hd, recording_mode=RecordingMode.ALWAYS)
    recording = next(each for each in watched.statuses if each.state is CameraState.RECORDING)
    opened_s = watched.opener.opened_at[0]
    assert (recording.since_at - BEGAN_AT).total_seconds() - opened_s == pytest.approx(
        begins_s, abs=0.5
    )
    # The pre-roll has what came meanwhile.
    assert len(watched.disk.kept) == 7 * FPS


def without_keyframes(seconds, after=None):
    """A stream of which no picture is an entry, and what may follow."""
    video = encode(round(seconds * FPS), gop=round(seconds * FPS))
    hidden = replace(video, keyframes=(False,) * len(video.units))
    return hidden + after if after else hidden


@pytest.mark.parametrize("seconds, told", [(9, False), (11, True)])
def test_a_camera_that_sends_no_keyframes_is_told_after_ten_seconds(seconds, told, caplog):
    watched = Watched(without_keyframes(seconds))
    states = ["connecting", *["failed"] * told, "stream_lost"]
    assert watched.states[: len(states)] == states or not told
    said = [each for each in watched.statuses if each.problem is Problem.NO_KEYFRAMES]
    assert len(said) == told
    assert (Problem.NO_KEYFRAMES in caplog.text) is told


def test_it_is_told_once_and_its_connection_is_kept_until_a_keyframe_comes(caplog):
    watched = Watched(without_keyframes(25, after=STILL), is_recording_enabled=False)
    assert watched.states[:3] == ["connecting", "failed", "live"]
    failed = next(each for each in watched.statuses if each.state is CameraState.FAILED)
    assert failed.problem is Problem.NO_KEYFRAMES
    assert (failed.since_at - BEGAN_AT).total_seconds() == pytest.approx(10, abs=0.5)
    assert failed.next_try_at is None
    assert len(watched.opener.opened_at) == 1
    assert caplog.text.count(Problem.NO_KEYFRAMES) == 1


def test_the_preview_of_such_a_camera_tells_it_too():
    clock = HandClock()
    statuses: list[Status] = []
    preview = Preview(PreviewWishes(sensitivity=500, zones=(), rotation=0), lambda _: None)
    opener = Connections([without_keyframes(11)], clock)
    PreviewSession(camera(), preview, opener, clock, opener.inbox, statuses.append).run()
    assert (CameraState.FAILED, Problem.NO_KEYFRAMES) in [(s.state, s.problem) for s in statuses]


def test_a_connection_goes_on_where_the_one_before_it_left_off():
    first, second = Watched(STILL, STILL).opener.streams
    assert first.goes_on_from_s is None
    assert second.goes_on_from_s == first.left_off_s


def test_the_other_threads_know_the_rhythm_of_a_slow_hd_stream():
    clock, shared = HandClock(), CameraShared(camera(url_hd="rtsp://cam/hd"))
    shared.login_settled = True
    report = CameraReport(lambda _: None, lambda _: None, lambda _: None)
    opener = Connections([STILL], clock)
    known = []

    class Watching(Disk):
        def write(self, number, packet):
            known.append((shared.hd_interval_s, shared.hd_serves(clock.time + 5)))
            return True

    shared.manual_since = 0.0
    HdSession(shared, opener, clock, opener.inbox, Watching(), report).run()
    assert known[-1] == (4.0, True)
    assert shared.hd_at is not None
    assert not shared.hd_serves(shared.hd_at + 5)  # The next connection may be another.


@pytest.mark.parametrize("fps, known_after_s", [(FPS, 5 / FPS), (1, 5.0)])
def test_the_other_threads_know_how_late_an_event_is_known(fps, known_after_s):
    watched = Watched(encode(20, gop=5, fps=fps))
    assert watched.shared.known_after_s == pytest.approx(known_after_s, abs=0.01)


SLEPT = [{"stopped_s": 60}, {"suspended_s": 60}, {"suspended_s": 21 * 86_400.0}]


def seconds(at):
    return (at - BEGAN_AT) / timedelta(seconds=1)


@pytest.mark.parametrize("slept", SLEPT)
def test_a_clip_ends_before_a_sleep_and_the_next_begins_with_a_new_connection(slept):
    away_s = sum(slept.values())
    always = {"recording_mode": RecordingMode.ALWAYS}
    watched = Watched(Overslept(STILL, after=45, **slept), STILL, **always)
    first, second = watched.disk.specs
    assert seconds(first.start_at) == pytest.approx(0, abs=0.1)
    # The last picture before it; what had waited meanwhile belongs to no time.
    assert seconds(watched.disk.ends[0].end_at) == pytest.approx(44 / FPS, abs=0.01)
    assert len(watched.disk.kept) == 45 + len(STILL.units)
    assert seconds(second.start_at) == pytest.approx(44 / FPS + away_s, abs=0.1)
    assert len(watched.opener.opened_at) == 2


@pytest.mark.parametrize("slept", SLEPT)
def test_a_sleep_is_told_as_such_from_the_last_moment_before_it(slept):
    away_s = sum(slept.values())
    quiet = {"is_recording_enabled": False}
    watched = Watched(Overslept(STILL, after=45, **slept), STILL, **quiet)
    assert watched.states[:4] == ["connecting", "live", "stream_lost", "live"]
    asleep = next(each for each in watched.statuses if each.problem is Problem.ASLEEP)
    assert gap_reason(camera(), asleep) == "asleep"
    assert seconds(asleep.since_at) == pytest.approx(44 / FPS, abs=0.1)
    assert seconds(asleep.last_picture_at) == pytest.approx(44 / FPS, abs=0.4)
    live = [each for each in watched.statuses if each.state is CameraState.LIVE][-1]
    assert seconds(live.since_at) == pytest.approx(44 / FPS + away_s, abs=0.5)


@pytest.mark.parametrize("slept", SLEPT)
def test_a_camera_that_is_gone_after_a_sleep_is_lost_from_its_end_on(slept):
    watched = Watched(Overslept(STILL, after=45, **slept), None, is_recording_enabled=False)
    asleep, *_, lost = [each for each in watched.statuses if each.problem]
    assert (asleep.problem, lost.problem) == (Problem.ASLEEP, Problem.REFUSED)
    assert seconds(lost.since_at) == pytest.approx(44 / FPS + sum(slept.values()), abs=0.5)


@pytest.mark.parametrize("slept", SLEPT)
def test_an_event_does_not_last_through_a_sleep(slept):
    moving = Overslept(CUT_SHORT, after=8 * FPS - 2, **slept)
    watched = Watched(moving, STILL, post_record_seconds=600)
    assert watched.disk.clips == len(watched.events_s) == 1
    assert watched.states[2:] == ["motion", "recording", "stream_lost", "live", "stream_lost"]


@pytest.mark.parametrize(
    "problem, opened", [(Problem.TIMED_OUT, True), (Problem.WRONG_PASSWORD, False)]
)
def test_after_a_sleep_a_lost_camera_is_tried_at_once_but_a_password_is_not(problem, opened):
    clock, inbox_waits = HandClock(), []

    class Suspended(Waiting):
        def wait(self, seconds):
            inbox_waits.append(seconds)
            clock.suspended_s += 3600 if len(inbox_waits) == 1 else 0
            if len(inbox_waits) == 4:
                self.stop()
            return super().wait(0.01)

    class Refusing(Connections):
        def open(self, camera, address, inbox):
            self.opened_at.append(clock.time)
            raise StreamError(problem, answered=True)

    shared, opener = CameraShared(camera(), SleepWatch(clock)), Refusing([], clock)
    report = CameraReport(lambda _: None, lambda _: None, lambda _: None)
    SdSession(shared, opener, clock, Suspended(clock), Disk(), report).run()
    assert len(opener.opened_at) == (2 if opened else 1)


def test_an_opening_from_before_a_sleep_is_left_off_and_is_no_failure():
    clock = HandClock()

    class Slow(Connections):
        def open(self, camera, address, inbox):
            if not self.opened_at:
                self.opened_at.append(clock.time)
                assert not inbox.stopped
                clock.suspended_s += 3600
                assert inbox.stopped
                raise StreamError(Problem.TIMED_OUT)
            return super().open(camera, address, inbox)

    statuses: list[Status] = []
    opener = Slow([STILL], clock)
    report = CameraReport(statuses.append, lambda _: None, lambda _: None)
    shared = CameraShared(camera(is_recording_enabled=False), SleepWatch(clock))
    SdSession(shared, opener, clock, opener.inbox, Disk(), report).run()
    assert next(each.problem for each in statuses if each.problem) is Problem.ASLEEP
    assert Problem.TIMED_OUT not in {each.problem for each in statuses}
    assert opener.opened_at == [0.0, 0.0]
