"""Sound stays with its picture for days, whichever of the two clocks is wrong."""

import math

import pytest

from vms_desktop.core.stream.packets.sound_sync import SLEW, SoundSync
from vms_desktop.core.stream.packets.timestamps import TimestampGuard

PICTURE_HZ, SOUND_HZ = 90_000, 8000
PACKET_S = 0.064
GROUPED_S = 0.35


class Talk:
    """A camera that sends ten pictures a second and sound, each with a clock of its own.

    `offs` has when each sound came, and by how much it was then put before the picture
    that was taken at the same time.
    """

    def __init__(self, apart_s=None, *, picture_speed=1.0, sound_speed=1.0, sound_from_s=30.0):
        self.picture_speed, self.sound_speed = picture_speed, sound_speed
        self.sound_from_s = sound_from_s
        self.picture = TimestampGuard(1 / PICTURE_HZ, PICTURE_HZ // 10)
        self.sound = TimestampGuard(1 / SOUND_HZ, round(PACKET_S * SOUND_HZ), puts_right=False)
        self.sync = SoundSync(apart_s)
        self.report_s = None
        self.wrong_s = 0.0
        self.offs, self.moves = [], []

    def run(self, seconds, *, delay=lambda _: 0.0):
        sounds, next_report, picture_s = 0, 0.0, 0.0
        for number in range(seconds * 10):
            at = number / 10
            now = math.ceil((at + delay(at)) / GROUPED_S) * GROUPED_S
            timed = self.judge(self.picture, at * self.picture_speed, now)
            picture_s = timed.dts / PICTURE_HZ
            self.sync.seen(picture_s, self.picture.shift_s, now)
            if self.report_s and at >= next_report:
                next_report = at + self.report_s
                # At this moment of the camera's, its two clocks say:
                sound, picture = self.sound_from_s + at * self.sound_speed, at * self.picture_speed
                self.sync.told(picture - sound + self.wrong_s)
            while sounds * PACKET_S <= at:
                self.hear(sounds * PACKET_S, now, picture_s, at)
                sounds += 1
        return self

    def hear(self, at, now, picture_s, picture_at):
        timed = self.judge(self.sound, self.sound_from_s + at * self.sound_speed, now)
        moved_s = self.sync.move_s(timed.dts / SOUND_HZ, self.sound.shift_s, now)
        self.moves.append(moved_s)
        off_s = timed.dts / SOUND_HZ + moved_s - (picture_s + at - picture_at)
        self.offs.append((at, off_s))

    @staticmethod
    def judge(guard, stamp_s, now):
        ticks = round(stamp_s / guard.tick_s)
        return guard.judge(ticks, ticks, None, now, True)

    def worst(self, since_s=0.0):
        return max(abs(off_s) for at, off_s in self.offs if at >= since_s)

    @property
    def jumps(self):
        return max(abs(b - a) for a, b in zip(self.moves, self.moves[1:], strict=False))


def reported(**options):
    talk = Talk(**options)
    talk.report_s = 5.0
    return talk


def test_sound_without_reports_lies_where_it_arrives():
    talk = Talk().run(120)
    assert talk.worst() < 0.2
    assert talk.jumps < SLEW * PACKET_S * 1.1


@pytest.mark.parametrize("sound_speed", [1.0146, 0.9854, 1.0002])
@pytest.mark.parametrize("make", [Talk, reported])
def test_clocks_that_drift_apart_are_followed_without_a_gap(make, sound_speed):
    talk = make(sound_speed=sound_speed).run(600)
    assert talk.worst(since_s=5) < (0.1 if make is reported else 0.5)
    assert talk.jumps < 0.06


def test_a_picture_whose_clock_drifts_is_followed_too():
    assert reported(picture_speed=1.0146).run(600).worst(since_s=5) < 0.1


@pytest.mark.parametrize("speeds", [(0.5, 1.0), (1.0, 0.5), (1.4, 1.0), (0.0, 1.0), (1.0, 0.0)])
@pytest.mark.parametrize("make", [Talk, reported])
def test_a_clock_that_is_wrong_keeps_sound_and_picture_together(make, speeds):
    talk = make(picture_speed=speeds[0], sound_speed=speeds[1]).run(300)
    assert talk.worst(since_s=40) < 0.5


@pytest.mark.parametrize("wrong_s", [1.5, -40, 3e9])
def test_reports_that_arrival_contradicts_are_not_believed(wrong_s):
    talk = reported()
    talk.wrong_s = wrong_s
    assert talk.run(120).worst() < 0.2


def test_reports_that_turn_wrong_move_the_sound_back_too_slowly_to_be_heard():
    talk = reported()
    talk.run(60)
    talk.wrong_s = 400.0
    talk.run(60)
    assert talk.worst() < 0.3


def test_sound_and_picture_held_back_together_stay_together():
    talk = reported().run(120, delay=lambda at: 48.3 - at if 46 <= at < 48.3 else 0.0)
    assert talk.worst(since_s=1) < 0.1


class JumpingTalk(Talk):
    """Both clocks jump ahead after a minute."""

    @staticmethod
    def judge(guard, stamp_s, now):
        return Talk.judge(guard, stamp_s + (500 if stamp_s >= 60 else 0), now)


def test_sound_of_a_container_keeps_its_times_to_the_tick():
    talk = Talk(apart_s=0.0, sound_from_s=0.0).run(120)
    assert set(talk.moves) == {0.0}


def test_a_clock_of_a_container_that_jumps_takes_both_along():
    talk = JumpingTalk(apart_s=0.0, sound_from_s=0.0)
    assert talk.run(120).worst(since_s=62) < 0.02


def test_there_is_no_place_for_sound_before_the_first_picture():
    sync = SoundSync()
    assert not sync.has_picture
    assert sync.move_s(5.0, 0.0, 100.0) is None
    sync.seen(0.0, 0.0, 100.0)
    assert sync.has_picture
    assert sync.move_s(5.0, 0.0, 100.5) == -4.5
