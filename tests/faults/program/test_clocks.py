"""Wall clocks that are moved under the program while it records, each under its own program."""

import json
import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, time
from zoneinfo import ZoneInfo

import av
import pytest

from tests.support.camera_entries import always
from tests.support.fakes import FakeCamera
from tests.support.false_clock import FalseClock
from tests.support.program import program
from tests.support.sent_and_recorded import FPS, Journalled, fault_video, journalled, pictures_in
from tests.support.sentinel import LOGIN, leaks, with_login
from tests.support.video import clip_bytes
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="platform: TZ and signals"),
    pytest.mark.timeout(180),
]

HOUR_S, DAY_S = 3600.0, 86_400.0
YEARS_S = 3652 * DAY_S
# When Paris sets its clocks back in 2026.
CHANGE_AT = datetime(2026, 10, 25, 1, tzinfo=UTC)
# Between two steps; a clip begins with a keyframe, of which there is one a second.
APART_S = 3.0
# How far a step may be from what it was to be, as seen in the clips' starts.
NEAR_S = 12.0
RETENTION_DAYS = 30
# Days that clips are old which lie there before: a few are due by the true clock.
YOUNG, DUE = range(1, 13), range(40, 44)


@dataclass(frozen=True, slots=True)
class Scene:
    """What happens to a clock.

    Attributes:
        steps: Its distances from the true one, one after the other; or the moment that it is
            set to, after which it goes twice as long.
        then: The same at a second start.
        zone: Where the computer stands.
        starts_at: The wall's time at distance 0; the true one where there is none.
        has_due: Some clips are too old already; not where the program is to delete them.
    """

    steps: tuple[float | datetime, ...]
    then: float | None = None
    zone: str = "Europe/Paris"
    starts_at: datetime | None = None
    has_due: bool = False


SCENES = {
    "an hour ahead": Scene((0, HOUR_S)),
    "an hour back": Scene((0, -HOUR_S), has_due=True),
    "a day ahead and back": Scene((0, DAY_S, 0), then=0),
    "a day back": Scene((0, -DAY_S), has_due=True),
    "ten years ahead": Scene((0, YEARS_S), then=0),
    # 02:30 in summer time, the change itself, and 02:30 once more.
    "the repeated hour": Scene(
        (0, CHANGE_AT - timedelta(seconds=APART_S), HOUR_S),
        starts_at=CHANGE_AT - timedelta(minutes=30),
    ),
    "the same second again and again": Scene(tuple(-APART_S * n for n in range(6))),
}


@dataclass(slots=True)
class Outcome:
    """What is there in the end.

    Attributes:
        starts: Of the clips of the first run, in the order in which they were recorded.
        names: Of all clips.
        twice: How many pictures are in two clips.
        lost: Pictures that are in none, by run.
        old: How many of the clips that lay there before are left, of how many.
    """

    starts: list[datetime] = field(default_factory=list)
    names: list[Path] = field(default_factory=list)
    tags: dict[Path, datetime] = field(default_factory=dict)
    twice: int = 0
    lost: list[int] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)
    gaps: list[Journalled] = field(default_factory=list)
    old: tuple[int, int] = (0, 0)
    log: str = ""
    leaks: list[str] = field(default_factory=list)
    parts: int = 0


def until_sent(camera: FakeCamera, pictures: float) -> None:
    """Wait until it has sent more than so many in all."""
    wait_until(lambda: camera.pictures_sent > pictures)


class Stage:
    """One program and its clock."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        self.scene = scene
        self.data = folder / "data"
        self.data.mkdir(parents=True, mode=0o700)
        self.clock = FalseClock(folder / "clock")
        self.zero_s = scene.starts_at.timestamp() - time() if scene.starts_at else 0.0
        self.outcome = Outcome()

    def play(self) -> Outcome:
        old = self._lay_old_clips()
        with FakeCamera(fault_video(), (LOGIN,)) as camera:
            self._run(camera, self.scene.steps)
            if self.scene.then is not None:
                self._run(camera, (self.scene.then,))
        outcome = self.outcome
        outcome.old = sum(path.exists() for path in old), len(old)
        outcome.gaps = journalled(self.data, "Door")
        outcome.parts = len(list(self.data.rglob("*.part")))
        outcome.leaks = leaks(self.data)
        return outcome

    def _lay_old_clips(self) -> list[Path]:
        """Clips of the last days, and files of their times."""
        found, clip = [], clip_bytes(FPS, width=160, height=96)
        now = datetime.fromtimestamp(time() + self.zero_s, UTC)
        for days in (*YOUNG, *(DUE if self.scene.has_due else ())):
            at = now - timedelta(days=days)
            path = self.data / "recordings" / "Door" / f"{at:%Y-%m-%d}" / "12-00-00.mp4"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(clip)
            ended = at.replace(hour=12, minute=0, second=1).timestamp()
            os.utime(path, (ended, ended))
            found.append(path)
        (self.data / "settings.json").write_text(json.dumps({"purge_hour": 0}))
        return found

    def _run(self, camera: FakeCamera, steps: tuple[float | datetime, ...]) -> None:
        before = set(self._clips())
        camera.sent.clear()
        clients = len(camera.clients)
        cameras = {"a": with_login(always(camera.url(), retention_days=RETENTION_DAYS))}
        self._step(steps[0])
        zone = {"TZ": self.scene.zone}
        with program(self.data, cameras, more=self.clock.environment(**zone)) as running:
            running.until_state("recording", timeout_s=20)
            for step in steps:
                self._step(step)
                apart_s = APART_S * (2 if isinstance(step, datetime) else 1)
                until = camera.pictures_sent + apart_s * FPS
                until_sent(camera, until)
            ended = monotonic()
            assert running.end()[0] == 0, running.log
            self.outcome.log += running.log
        self.outcome.connections.append(len(camera.clients) - clients)
        self._count(set(self._clips()) - before, [s for s in camera.sent if s[0] < ended - 1])

    def _step(self, step: float | datetime) -> None:
        if isinstance(step, datetime):
            self.clock.step_to(step.timestamp() - time())
        else:
            self.clock.step_to(self.zero_s + step)

    def _count(self, new: set[Path], sent: list[tuple[float, int]]) -> None:
        pictures = {path: pictures_in(path) for path in new}
        found = [index for indices in pictures.values() for index in indices]
        self.outcome.twice += len(found) - len(set(found))
        self.outcome.lost.append(sum(index not in found for _, index in sent))
        self.outcome.names += new
        for path in new:
            with av.open(str(path)) as clip:
                self.outcome.tags[path] = datetime.fromisoformat(clip.metadata["start_utc"])
        in_order = sorted(new, key=lambda path: pictures[path][0])
        self.outcome.starts = self.outcome.starts or [self.outcome.tags[path] for path in in_order]

    def _clips(self) -> list[Path]:
        return list((self.data / "recordings").glob("*/*/*-*-*.mp4"))


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, Future[Outcome]]:
    fault_video()
    with ThreadPoolExecutor(4) as pool:
        return {
            name: pool.submit(Stage(scene, tmp_path_factory.mktemp("clock")).play)
            for name, scene in SCENES.items()
        }


@pytest.mark.parametrize("name", SCENES)
def test_a_moved_clock_costs_nothing(outcomes, name):
    scene, found = SCENES[name], outcomes[name].result()
    # That it was moved shows in when the clips say they began.
    moved = [
        (start - (step if isinstance(step, datetime) else expected(found, step))).total_seconds()
        for start, step in zip(found.starts, scene.steps, strict=True)
    ]
    assert min(moved) > -1, found.starts
    assert max(moved) < NEAR_S + APART_S * len(scene.steps), found.starts
    assert set(found.lost) == {0}
    assert found.twice == 0
    assert set(found.connections) == {1}
    assert found.parts == 0
    assert found.leaks == []
    assert [gap for gap in found.gaps if gap.reason != "not_running"] == []
    assert all(gap.begins < gap.ends < gap.begins + DAY_S + NEAR_S for gap in found.gaps)
    assert found.old[0] == found.old[1], found.log


def expected(found: Outcome, offset_s: float) -> datetime:
    """When a clip begins that begins at once, of a clock at this distance."""
    return found.starts[0] + timedelta(seconds=offset_s)


@pytest.mark.parametrize("name", SCENES)
def test_a_clip_is_named_for_when_the_moved_clock_said_it_began(outcomes, name):
    found = outcomes[name].result()
    for path, began_at in found.tags.items():
        local = began_at.astimezone(ZoneInfo(SCENES[name].zone))
        assert path.parts[-2:-1] == (f"{local:%Y-%m-%d}",)
        assert path.name.startswith(f"{local:%H-%M-%S}")


def test_clips_that_begin_in_one_second_lie_side_by_side(outcomes):
    found = outcomes["the same second again and again"].result()
    assert any(len(path.stem) > len("hh-mm-ss") for path in found.names), found.names


def test_the_hour_of_the_change_is_recorded_in_both_its_times(outcomes):
    found = outcomes["the repeated hour"].result()
    local = [start.astimezone(ZoneInfo("Europe/Paris")) for start in found.starts]
    hours = [start.strftime("%H %z") for start in local]
    assert hours == ["02 +0200", "02 +0200", "02 +0100"]


def test_where_ten_years_passed_at_once_a_person_is_asked_before_anything_goes(outcomes):
    assert "too old all at once" in outcomes["ten years ahead"].result().log
