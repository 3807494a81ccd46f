from dataclasses import fields
from datetime import timedelta

import pytest

from tests.support.stand_in import NOON, status
from vms_desktop.core.base.errors import Problem, Reason, StorageProblem
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.ui.base import words
from vms_desktop.ui.base.translation import Language

SOON = NOON + timedelta(seconds=4)
FIELDS = [
    "camera",
    *(each.name for each in fields(CameraConfig) if each.name not in ("id", "extra")),
]


pytestmark = pytest.mark.usefixtures("english")


@pytest.mark.parametrize("state", CameraState)
def test_every_state_has_a_word_and_a_colour(state):
    assert words.badge(status(state), NOON).text
    assert words.COLOURS[state]


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_has_words_of_its_own(problem):
    others = [words.problem_words(other) for other in Problem if other is not problem]
    assert words.problem_words(problem) not in others


@pytest.mark.parametrize("problem", StorageProblem)
def test_every_trouble_of_the_disk_has_words(problem):
    assert words.storage_words(problem)
    assert words.storage_alarm(problem).endswith(".")


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_to_refuse_a_value_has_words(reason):
    assert words.reason_words(str(reason)) != str(reason)


@pytest.mark.parametrize("key", FIELDS)
def test_every_field_of_a_camera_has_words(key):
    assert words.field_words(key) not in ("", key)


def test_a_frame_rate_that_is_not_known_yet_is_not_told():
    assert words.codec_info(640, 360, 0.0, "H.264") == "640×360 · H.264"
    assert words.codec_info(640, 360, 11.9, "H.264") == "640×360 · 12 fps · H.264"
    assert words.codec_info(640, 360, 0.5, "MJPEG") == "640×360 · 0.5 fps · MJPEG"


def test_a_recording_tells_how_long_it_is():
    recording = status(CameraState.RECORDING, recording_since_at=NOON - timedelta(seconds=18))
    assert words.badge(recording, NOON) == ("REC 00:18", "red")


def test_a_lost_stream_tells_why_since_when_and_the_next_try():
    lost = status(
        CameraState.STREAM_LOST,
        problem=Problem.TIMED_OUT,
        next_try_at=SOON,
        attempt=3,
        last_picture_at=NOON - timedelta(seconds=136),
    )
    message = words.message(lost, NOON)
    assert message is not None
    assert message.title == "Reconnecting in 4 s (try 3)"
    assert message.details.startswith("Connection timed out · last picture ")


@pytest.mark.parametrize(
    "wait, title",
    [
        (timedelta(seconds=-3), "Reconnecting in 0 s (try 1)"),
        (timedelta(seconds=119), "Reconnecting in 119 s (try 1)"),
        (timedelta(seconds=120), "Next try in 2 min"),
        (None, "Reconnecting…"),
    ],
)
def test_the_next_try_is_counted_down(wait, title):
    at = NOON + wait if wait is not None else None
    message = words.message(status(CameraState.STREAM_LOST, next_try_at=at), NOON)
    assert message is not None
    assert message.title == title


@pytest.mark.parametrize(
    "wait, details",
    [
        (timedelta(seconds=-1), "Next try in 0 s"),
        (timedelta(seconds=11), "Next try in 11 s"),
        (timedelta(seconds=150), "Next try in 2 min"),
        (timedelta(hours=1), "Next try in 60 min"),
    ],
)
def test_a_failed_camera_says_why_and_when_it_is_tried_again(wait, details):
    failed = status(
        CameraState.FAILED, problem=Problem.WRONG_PASSWORD, next_try_at=NOON + wait, attempt=2
    )
    message = words.message(failed, NOON)
    assert message is not None
    assert message.title == "Wrong user name or password"
    assert message.details == details


def test_a_camera_without_keyframes_says_what_to_set():
    failed = status(CameraState.FAILED, problem=Problem.NO_KEYFRAMES)
    message = words.message(failed, NOON)
    assert message is not None
    assert message.title == "This camera sends no keyframes"
    assert message.details == "Set the I-frame interval (GOP) to 1–2 s in the camera's web page."


@pytest.mark.parametrize("state", [s for s in CameraState if s.has_picture])
def test_nothing_is_said_over_a_live_picture(state):
    assert words.message(status(state), NOON) is None


@pytest.mark.parametrize(
    "seconds, text", [(0, "0:00"), (42, "0:42"), (187, "3:07"), (600, "10:00"), (3723, "1:02:03")]
)
def test_lengths_are_written_as_minutes_and_seconds(seconds, text):
    assert words.duration_words(seconds) == text


@pytest.mark.parametrize(
    "size, text",
    [
        (0, "0 MB"),
        (20e3, "0.1 MB"),
        (420e3, "0.4 MB"),
        (1e6, "1 MB"),
        (850e6, "850 MB"),
        (4.24e9, "4.2 GB"),
        (412e9, "412 GB"),
        (2.5e12, "2.5 TB"),
    ],
)
def test_amounts_have_a_fitting_unit(size, text):
    assert words.bytes_words(size) == text


def test_french_writes_amounts_its_own_way(qapp):
    language = Language(qapp)
    language.speak("fr")
    assert words.bytes_words(4.24e9) == "4,2 Go"
    language.fall_silent()
