"""One cause, one line: repetitions are told seldom, and counted."""

import logging

import pytest

from vms_desktop.app.log_repeats import MOST_ALIKE, MOST_CAUSES, RepeatHandler


class Lines(logging.Handler):
    def __init__(self):
        super().__init__()
        self.said: list[str] = []

    def emit(self, record):
        self.said.append(record.getMessage())


class Log:
    """A log that is told what fails at which second."""

    def __init__(self):
        self.now = 0.0
        self.lines = Lines()
        self._handler = RepeatHandler([self.lines], lambda: self.now)

    def at(self, now, text, *args, level=logging.WARNING, name="recording"):
        self.now = now
        self._handler.handle(logging.LogRecord(name, level, "", 0, text, args, None))


@pytest.fixture
def log():
    return Log()


def test_what_fails_every_second_for_six_hours_is_told_nine_times(log):
    for second in range(21_600):
        log.at(second, "%s: the clip could not be written on", "Gate")
    assert log.lines.said[0] == "Gate: the clip could not be written on"
    assert log.lines.said[1].endswith("(59 more were left out)")
    assert log.lines.said[2].endswith("(599 more were left out)")
    assert log.lines.said[3].endswith("(3599 more were left out)")
    assert len(log.lines.said) == 8


def test_what_was_well_for_a_while_is_news(log):
    log.at(0, "%s lost", "Gate")
    log.at(61, "%s lost", "Gate")
    log.at(400, "%s lost", "Gate")
    assert log.lines.said == ["Gate lost"] * 3


def test_each_camera_is_a_cause_of_its_own(log):
    for second in range(30):
        log.at(second, "%s lost", "Gate")
        log.at(second, "%s lost", "Yard")
    assert log.lines.said == ["Gate lost", "Yard lost"]


def test_a_disk_that_refuses_a_thousand_files_is_one_cause(log):
    for number in range(1_000):
        log.at(number / 100, "no thumbnail for %s", f"{number}.mp4")
    assert log.lines.said == [f"no thumbnail for {number}.mp4" for number in range(MOST_ALIKE)]
    log.at(70, "no thumbnail for %s", "last.mp4")
    assert log.lines.said[-1] == "no thumbnail for last.mp4 (992 more were left out)"


def test_two_parts_that_say_the_same_are_two_causes(log):
    log.at(0, "not read", name="scan")
    log.at(0, "not read", name="store")
    assert log.lines.said == ["not read", "not read"]


def test_debugging_output_is_whole(log):
    for second in range(5):
        log.at(second, "again", level=logging.DEBUG)
    assert log.lines.said == ["again"] * 5


def test_a_traceback_stays_with_its_line(log):
    log.at(0, "crashed", level=logging.CRITICAL)
    log.at(1, "crashed", level=logging.CRITICAL)
    assert log.lines.said == ["crashed"]


def test_the_oldest_of_very_many_causes_is_forgotten(log):
    for number in range(MOST_CAUSES):
        log.at(number / 1_000, f"cause {number}")
    log.at(2, "cause 0")
    assert log.lines.said.count("cause 0") == 2
