"""Tracks that follow the clock, without threads: the test is the clock."""

import pytest

from tests.support.playing import DAY, FPS, Rig, write_files
from vms_desktop.core.player import open_clips
from vms_desktop.core.player.track import TrackSource, epoch_us


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_files(tmp_path_factory.mktemp("files"))


@pytest.fixture
def rig(files):
    rig = Rig(files)
    yield rig
    rig.close()


# Seeking and stepping.


@pytest.mark.parametrize(
    "seconds, number",
    [(0, 0), (0.066, 0), (0.0667, 1), (1, 15), (2.9999, 44), (3.99, 59), (10, 1000), (13.95, 1059)],
)
def test_a_seek_shows_the_last_frame_at_or_before_the_time(rig, seconds, number):
    rig.play_clips(cam=[("a", 0), ("b", 10)])
    rig.seek(seconds)
    assert rig.number() == number


def test_a_seek_to_the_time_that_a_picture_tells_shows_that_picture(rig):
    rig.play_clips(cam=[("a", 0.123457), ("b", 4.3)])
    for seconds in (0.5, 1.777, 3.9, 4.1, 4.29, 4.5, 7.1):
        rig.seek(seconds)
        number, at = rig.number(), rig.shown["cam"][-1].at
        rig.seek(0.2)
        rig.player.seek(epoch_us(at))
        rig.settle()
        assert (rig.number(), rig.shown["cam"][-1].at) == (number, at)
        rig.player.seek(epoch_us(at) - 1)
        rig.settle()
        assert rig.number() != number


@pytest.mark.parametrize("b_starts_s", [3.7, 4.0, 4.067, 4.8])
def test_steps_pass_every_frame_over_the_cut_of_a_recording(rig, b_starts_s):
    rig.play_clips(cam=[("a", 0), ("b", b_starts_s)])
    rig.seek(3.5)
    first, seen = rig.number(), []
    for _ in range(12):
        rig.step(1)
        seen.append(rig.number())
    expected = [*range(first + 1, 60), *range(1000, 1060)][:12]
    assert seen == expected
    seen.clear()
    for _ in range(12):
        rig.step(-1)
        seen.append(rig.number())
    assert seen == [*reversed([first, *expected[:-1]])]


def test_steps_go_over_time_without_a_recording(rig):
    rig.play_clips(cam=[("a", 0), ("b", 60)])
    rig.seek(3.99)
    rig.step(1)
    assert (rig.number(), rig.seconds) == (1000, 60)
    rig.step(-1)
    assert rig.number() == 59
    rig.seek(30)
    rig.step(-1)
    assert rig.number() == 59
    rig.seek(30)
    rig.step(1)
    assert rig.number() == 1000


def test_steps_at_the_ends_stay(rig):
    rig.play_clips(cam=[("a", 0)])
    rig.seek(0)
    rig.step(-1)
    assert rig.number() == 0
    rig.seek(3.99)
    rig.step(1)
    assert rig.number() == 59


def test_many_steps_at_once_are_as_many(rig):
    rig.play_clips(cam=[("a", 0), ("b", 4)])
    rig.seek(1)
    rig.step(20)
    assert rig.number() == 35
    rig.step(-30)
    assert rig.number() == 5


def test_the_later_clip_is_shown_where_two_overlap(rig):
    rig.play_clips(cam=[("a", 0), ("b", 2)])
    rig.seek(1.99)
    assert rig.number() == 29
    rig.step(1)
    assert rig.number() == 1000
    rig.step(-1)
    assert rig.number() == 29


def test_the_other_tracks_go_along_with_a_step(rig):
    rig.play_clips(one=[("a", 0)], two=[("slow", 0)])
    rig.seek(1)
    rig.step(1, key="one")
    assert (rig.number("one"), rig.number("two")) == (16, 3010)
    rig.step(1, key="one")
    assert (rig.number("one"), rig.number("two")) == (17, 3011)
    rig.step(1, key="two")
    assert (rig.number("one"), rig.number("two")) == (18, 3012)


# Playing.


@pytest.mark.parametrize("rate", [0.25, 0.5, 1, 2])
def test_play_shows_every_frame_in_its_time(rig, rate):
    rig.play_clips(cam=[("a", 0)])
    rig.seek(0.5)
    rig.player.play(rate)
    rig.settle()
    seen = rig.run(2 / rate, pace_s=0.01 / rate)
    assert seen == [*range(8, 8 + len(seen))]
    assert rig.seconds == pytest.approx(2.5, abs=0.05)
    assert seen[-1] == pytest.approx(2.5 * FPS, abs=1)


@pytest.mark.parametrize("rate", [-0.25, -1, -2])
@pytest.mark.parametrize("name", ["a", "long-gop"])
def test_play_backwards_shows_every_frame_in_its_time(rig, rate, name):
    rig.play_clips(cam=[(name, 0)])
    rig.seek(3.5)
    rig.player.play(rate)
    rig.settle()
    seen = rig.run(-2 / rate, pace_s=-0.01 / rate)
    assert seen == [*range(51, 51 - len(seen), -1)]
    assert rig.seconds == pytest.approx(1.5, abs=0.05)
    assert seen[-1] == pytest.approx(1.5 * FPS, abs=1)


@pytest.mark.parametrize("b_starts_s", [3.7, 4.0, 4.067, 4.8])
@pytest.mark.parametrize("rate", [1, -1])
def test_play_goes_over_the_cut_of_a_recording_without_losing_a_frame(rig, b_starts_s, rate):
    rig.play_clips(cam=[("a", 0), ("b", b_starts_s)])
    rig.seek(3 if rate > 0 else 5.5)
    rig.player.play(rate)
    rig.settle()
    seen = rig.run(2.3)
    either = [*range(60), *range(1000, 1060)]
    first = either.index(seen[0])
    expected = either[first:] if rate > 0 else either[first::-1]
    assert seen == expected[: len(seen)]
    assert {59, 1000} <= set(seen)


def test_the_clip_that_follows_is_open_before_it_is_needed(rig):
    rig.play_clips(cam=[("a", 0), ("b", 4)])
    rig.seek(2.5)
    rig.player.play(1)
    rig.settle()
    rig.run(0.5)
    assert {path.stem for path in rig.open["cam"]} == {"a", "b"}
    assert rig.changes() == ["a"]
    rig.run(1.5)
    assert rig.changes() == ["a", "b"]


def test_few_clips_are_open_at_a_time(rig):
    rig.play_clips(cam=[("a", 0), ("b", 10), ("c", 20), ("slow", 30), ("long-gop", 40)])
    for seconds in (1, 11, 21, 31, 41):
        rig.seek(seconds)
    assert len(rig.open["cam"]) == open_clips.MAX_OPEN


@pytest.mark.parametrize("rate, from_s, to", [(1, 3.5, 1003), (-1, 60.4, 54)])
def test_time_without_any_recording_is_jumped_over(rig, rate, from_s, to):
    rig.play_clips(cam=[("a", 0), ("b", 60)])
    rig.seek(from_s)
    rig.player.play(rate)
    rig.settle()
    seen = rig.run(0.75)
    assert seen[-1] == pytest.approx(to, abs=1)
    assert rig.changes()[-2:] == (["a", "b"] if rate > 0 else ["b", "a"])


def test_time_without_a_recording_passes_where_it_is_not_to_be_jumped_over(rig):
    rig.player.skip_empty = False
    rig.play_clips(cam=[("a", 0), ("b", 6)])
    rig.seek(3.5)
    rig.player.play(1)
    rig.settle()
    rig.run(1)
    assert rig.changes()[-1] is None
    rig.run(2)
    assert (rig.changes()[-1], rig.number()) == ("b", 1007)


@pytest.mark.parametrize("rate, end", [(4, 1059), (-4, 0)])
def test_play_ends_at_the_ends(rig, rate, end):
    rig.play_clips(cam=[("a", 0), ("b", 4)])
    rig.seek(4)
    rig.player.play(rate)
    rig.settle()
    rig.run(2)
    assert (rig.player.playing, rig.number()) == (False, end)


@pytest.mark.parametrize("rate", [8, 16, -8, -16])
def test_where_decoding_cannot_keep_up_keyframes_alone_are_shown(rig, rate, monkeypatch):
    monkeypatch.setattr(open_clips.OpenClip, "effort", lambda *_: 0.5)
    rig.play_clips(cam=[("a", 0), ("b", 4)])
    rig.seek(0 if rate > 0 else 7.99)
    rig.player.play(rate)
    rig.settle()
    seen = rig.run(7 / abs(rate), pace_s=0.01)
    keyframes = [0, 15, 30, 45, 1000, 1015, 1030, 1045]
    wanted = keyframes if rate > 0 else keyframes[::-1]
    assert [number for number in seen if number in keyframes] == wanted[1:]
    assert len([number for number in seen if number not in keyframes]) <= 1


def test_a_fast_machine_shows_more_than_keyframes_at_8_times(rig, monkeypatch):
    monkeypatch.setattr(open_clips.OpenClip, "effort", lambda *_: 0.01)
    rig.play_clips(cam=[("a", 0)])
    rig.seek(0)
    rig.player.play(8)
    rig.settle()
    assert len(rig.run(0.4)) > 20


def test_a_track_that_was_held_up_leaves_frames_out_and_does_not_drag_the_clock(rig):
    rig.play_clips(one=[("a", 0)], two=[("slow", 0)])
    rig.seek(0)
    rig.player.play(1)
    rig.settle()
    held_up = rig.tracks.pop("two")
    rig.run(2)
    assert rig.seconds == pytest.approx(2, abs=0.01)
    rig.tracks["two"] = held_up
    rig.run(0.1)
    assert rig.number("two") == 3021
    assert len(rig.numbers("two")) <= 3


def test_four_tracks_show_frames_within_a_frame_of_each_other(rig):
    rig.play_clips(p=[("a", 0)], q=[("b", 0)], r=[("c", 0.02)], s=[("slow", 0.05)])
    rig.seek(0.2)
    rig.player.play(1)
    rig.settle()
    apart = []
    for _ in range(150):
        rig.clock.time += 0.02
        rig.settle()
        times = [rig.shown[key][-1].at for key in "pqrs"]
        apart.append((max(times) - min(times)).total_seconds())
    assert max(apart) <= 0.1


def test_each_track_tells_where_it_has_no_recording(rig):
    rig.play_clips(one=[("a", 0)], two=[("b", 2)])
    rig.seek(1)
    assert (rig.changes("one"), rig.changes("two")) == (["a"], [])
    rig.player.play(1)
    rig.settle()
    rig.run(2)
    assert (rig.changes("one"), rig.changes("two")) == (["a"], ["b"])
    rig.run(2)
    assert (rig.changes("one"), rig.changes("two")) == (["a", None], ["b"])


def test_a_clip_that_comes_while_it_plays_does_not_disturb(rig):
    rig.play_clips(cam=[("a", 0)])
    rig.seek(1)
    rig.player.play(1)
    rig.settle()
    before = rig.run(1)
    generation = rig.player.generation
    rig.play_clips(cam=[("a", 0), ("b", 4)])
    seen = before + rig.run(2.5)
    assert seen == [*range(16, 60), *range(1000, 1008)][: len(seen)]
    assert rig.player.generation == generation


def test_a_newer_seek_ends_an_older_one_and_the_picture_moves_on_the_way(rig):
    rig.play_clips(cam=[("long-gop", 0)])
    rig.player.seek(epoch_us(DAY) + 3_900_000)
    newer = iter([3_500_000])
    looked = rig.player.scene

    def scene(key):
        found = looked(key)
        if (moment := next(newer, None)) is not None:
            rig.player.seek(epoch_us(DAY) + moment)
        return found

    rig.player.scene = scene
    rig.tracks["cam"].advance()
    on_the_way = rig.number()
    rig.settle()
    assert on_the_way < 52
    assert rig.number() == 52


# Going from clip to clip.


@pytest.mark.parametrize(
    "from_s, steps, to_s",
    [
        (1, 1, 10), (1, 2, 20), (21, 1, None), (5, 1, 10),
        (12, -1, 10), (10.5, -1, 0), (10, -1, 0), (0.5, -1, 0), (23, -2, 10), (15, -1, 10),
    ],
)  # fmt: skip
def test_the_clip_beside_begins_at(rig, from_s, steps, to_s):
    rig.play_clips(cam=[("a", 0), ("b", 10), ("c", 20)])
    rig.seek(from_s)
    found = rig.player.clip_start(steps)
    assert (None if found is None else (found - epoch_us(DAY)) / 1e6) == to_s


def test_the_ends_are_where_the_first_and_the_last_clip_begin(rig):
    rig.play_clips(one=[("a", 5)], two=[("b", 1), ("c", 20)])
    assert [(end - epoch_us(DAY)) / 1e6 for end in rig.player.ends()] == [1, 20]
    rig.play_clips(one=[], two=[])
    assert rig.player.ends() is None


def test_more_than_four_tracks_are_refused(rig):
    with pytest.raises(ValueError, match="four"):
        rig.player.set_tracks([TrackSource(str(key), ()) for key in range(5)])


@pytest.mark.parametrize(
    "chosen, at_s, key",
    [(None, 1, "one"), (None, 11, "two"), ("two", 1, "two"), ("gone", 30, "one")],
)
def test_frames_are_stepped_on_the_chosen_track_or_one_with_a_recording(rig, chosen, at_s, key):
    rig.play_clips(one=[("a", 0)], two=[("b", 10)])
    rig.player.choose(chosen)
    rig.seek(at_s)
    assert rig.player.stepped_key == key
