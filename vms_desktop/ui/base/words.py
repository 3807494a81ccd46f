"""The words and colours for the values of `core`: states, problems, reasons, amounts.

Every function translates when it is called, so that the language may change
while the program runs.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from PySide6.QtCore import QDate, QLocale, QTime

from vms_desktop.core.base import CameraState, Problem, Reason, Status, StorageProblem
from vms_desktop.ui.base.theme import Tone
from vms_desktop.ui.base.translation import words_of

_tr = words_of(__name__)

# From here on nobody counts seconds.
_LONG_WAIT = timedelta(minutes=2)


class Badge(NamedTuple):
    """A tile's badge: a word, and the colour of its dot."""

    text: str
    colour: Tone


class PictureMessage(NamedTuple):
    """The message in the middle of a picture that is not live."""

    icon: str
    title: str
    details: str = ""


COLOURS = {
    CameraState.INITIALIZING: Tone.GREY,
    CameraState.CONNECTING: Tone.GREY,
    CameraState.LIVE: Tone.GREEN,
    CameraState.MOTION: Tone.AMBER,
    CameraState.RECORDING: Tone.RED,
    CameraState.STREAM_LOST: Tone.GREY,
    CameraState.FAILED: Tone.GREY,
    CameraState.PAUSED: Tone.GREY,
    CameraState.INACTIVE: Tone.GREY,
}


def state_word(state: CameraState) -> str:
    """A state as one or two words."""
    return {
        CameraState.INITIALIZING: _tr("Starting"),
        CameraState.CONNECTING: _tr("Connecting"),
        CameraState.LIVE: _tr("Live"),
        CameraState.MOTION: _tr("Motion"),
        CameraState.RECORDING: _tr("REC"),
        CameraState.STREAM_LOST: _tr("Stream lost"),
        CameraState.FAILED: _tr("Failed"),
        CameraState.PAUSED: _tr("Paused"),
        CameraState.INACTIVE: _tr("Inactive"),
    }[state]


def badge(status: Status, now: datetime) -> Badge:
    """The badge of a camera's tile."""
    word = state_word(status.state)
    if status.state is CameraState.RECORDING and status.recording_since_at:
        word = f"{word} {counter_words(now - status.recording_since_at)}"
    return Badge(word, COLOURS[status.state])


def problem_words(problem: Problem, detail: str = "") -> str:
    """The reason why there is no picture, with the host or codec it is about."""
    words = {
        Problem.REFUSED: _tr("The camera refused the connection"),
        Problem.TIMED_OUT: _tr("Connection timed out"),
        Problem.UNKNOWN_HOST: _tr("There is no device of this name"),
        Problem.UNREACHABLE: _tr("The camera cannot be reached"),
        Problem.BUSY: _tr("The camera has no place for another connection"),
        Problem.WRONG_PASSWORD: _tr("Wrong user name or password"),
        Problem.NOT_FOUND: _tr("There is nothing at this address"),
        Problem.NO_VIDEO: _tr("This address has no video"),
        Problem.UNSUPPORTED_CODEC: _tr("The video's format is not supported"),
        Problem.BAD_ADDRESS: _tr("The address is not valid"),
        Problem.BAD_CERTIFICATE: _tr("The camera's certificate is not trusted"),
        Problem.REDIRECTED: _tr("The camera points to another device"),
        Problem.BAD_DATA: _tr("The camera sends data that cannot be read"),
        Problem.NO_KEYFRAMES: _tr("This camera sends no keyframes"),
        Problem.ENDED: _tr("The camera closed the connection"),
        Problem.ASLEEP: _tr("The computer slept or stood still"),
        Problem.CRASHED: _tr("An error in the program; details are in the log"),
    }[problem]
    return f"{words} ({detail})" if detail else words


def remedy_words(problem: Problem | None) -> str:
    """The setting in the camera that helps against a problem; empty where there is none."""
    if problem is Problem.NO_KEYFRAMES:
        return _tr("Set the I-frame interval (GOP) to 1–2 s in the camera's web page.")
    return ""


def storage_words(problem: StorageProblem) -> str:
    """A problem of the disk, for a badge."""
    return {
        StorageProblem.FULL: _tr("Disk full"),
        StorageProblem.READ_ONLY: _tr("Disk is read-only"),
        StorageProblem.MISSING: _tr("Disk missing"),
        StorageProblem.HANGING: _tr("Disk not answering"),
        StorageProblem.SLOW: _tr("Disk too slow"),
        StorageProblem.FAILING: _tr("Disk error"),
        StorageProblem.FORBIDDEN: _tr("No right to write"),
        StorageProblem.TOO_LARGE: _tr("File too large"),
        StorageProblem.BAD_NAME: _tr("Name not accepted"),
    }[problem]


def storage_alarm(problem: StorageProblem) -> str:
    """A problem of the disk, as a sentence that says what it means."""
    return {
        StorageProblem.FULL: _tr("The disk is full: nothing can be recorded."),
        StorageProblem.READ_ONLY: _tr("The disk cannot be written to: nothing is recorded."),
        StorageProblem.MISSING: _tr("The recordings folder is not there: nothing is recorded."),
        StorageProblem.HANGING: _tr(
            "The disk does not answer: what is unwritten waits in memory, while there is room."
        ),
        StorageProblem.SLOW: _tr(
            "The disk takes less than is recorded: what finds no room in memory will be lost."
        ),
        StorageProblem.FAILING: _tr("The disk reports errors: nothing is recorded."),
        StorageProblem.FORBIDDEN: _tr(
            "The program has no right to write into the recordings folder: nothing is recorded."
        ),
        StorageProblem.TOO_LARGE: _tr("The disk takes no larger file: nothing is recorded."),
        StorageProblem.BAD_NAME: _tr("The disk does not accept the names: nothing is recorded."),
    }[problem]


def reason_words(reason: str) -> str:
    """The reason why a value of the configuration cannot be taken."""
    words = {
        Reason.EMPTY: _tr("is missing"),
        Reason.TOO_LONG: _tr("is too long"),
        Reason.NOT_A_NUMBER: _tr("is not a number"),
        Reason.OUT_OF_RANGE: _tr("is out of range"),
        Reason.WRONG_TYPE: _tr("has the wrong form"),
        Reason.UNKNOWN_VALUE: _tr("is not a known choice"),
        Reason.UNKNOWN_SCHEME: _tr("begins with an unknown scheme"),
        Reason.BAD_ADDRESS: _tr("is not a valid address"),
        Reason.TOO_FEW_POINTS: _tr("has an area of fewer than three points"),
        Reason.CROSSES_ITSELF: _tr("has an area whose edges cross"),
        Reason.NOT_READABLE: _tr("cannot be read"),
        Reason.TAKEN: _tr("belongs to another camera"),
    }
    return words.get(Reason(reason), reason) if reason in set(Reason) else reason


def field_words(key: str) -> str:
    """A key of `cameras.json` as the camera dialog calls it."""
    words = {
        "camera": _tr("Entry"),
        "name": _tr("Name"),
        "url_sd": _tr("Live stream (SD)"),
        "url_hd": _tr("Recording stream (HD)"),
        "username": _tr("User name"),
        "password": _tr("Password"),
        "password_in_keyring": _tr("Keep it in the system's keyring"),
        "transport": _tr("Transport"),
        "tls_verify": _tr("Check the camera's certificate"),
        "is_active": _tr("Active"),
        "is_recording_enabled": _tr("Record this camera"),
        "show_detection": _tr("Show detection boxes on the picture"),
        "record_audio": _tr("Record the sound"),
        "sensitivity": _tr("Sensitivity"),
        "recording_mode": _tr("Recording mode"),
        "schedule": _tr("Schedule"),
        "zones": _tr("Areas"),
        "pre_record_seconds": _tr("Seconds before the motion"),
        "post_record_seconds": _tr("Seconds after the motion"),
        "min_recording_time": _tr("Seconds at least"),
        "retention_days": _tr("Keep for"),
        "rotation": _tr("Rotation"),
    }
    return words.get(key, key)


def camera_entry_name(name: str, number: int) -> str:
    """The name of an entry of `cameras.json`; its place, from 1, where it has none."""
    return name or _tr("Camera without a name (entry {number})").format(number=number)


def message(status: Status, now: datetime) -> PictureMessage | None:
    """The message over a picture that is not live; None for one that is."""
    if status.state.has_picture:
        return None
    if status.state is CameraState.STREAM_LOST:
        return PictureMessage("reconnect", _next_try(status, now), _why(status))
    if status.state is CameraState.FAILED:
        return _failure(status, now)
    return {
        CameraState.INITIALIZING: PictureMessage("connecting", _tr("Starting…")),
        CameraState.CONNECTING: PictureMessage("connecting", _tr("Connecting…"), _why(status)),
        CameraState.PAUSED: PictureMessage("pause", _tr("Paused"), _since(status)),
        CameraState.INACTIVE: PictureMessage("inactive", _tr("This camera is switched off")),
    }[status.state]


def stale_message(seconds: float) -> PictureMessage:
    """The message for a camera that should be live and shows nothing new."""
    words = _tr("No new picture for {seconds} s").format(seconds=int(seconds))
    return PictureMessage("warning", words)


def _failure(status: Status, now: datetime) -> PictureMessage:
    symbol = "lock" if status.problem is Problem.WRONG_PASSWORD else "failed"
    title = problem_words(status.problem, status.detail) if status.problem else _tr("Failed")
    details = [_wait(status.next_try_at - now)] if status.next_try_at else []
    if remedy := remedy_words(status.problem):
        details.append(remedy)
    return PictureMessage(symbol, title, " · ".join(details + _last_picture(status)))


def _why(status: Status) -> str:
    reason = [problem_words(status.problem, status.detail)] if status.problem else []
    return " · ".join(reason + _last_picture(status))


def _last_picture(status: Status) -> list[str]:
    if not status.last_picture_at:
        return []
    return [_tr("last picture {time}").format(time=clock_time(status.last_picture_at))]


def _since(status: Status) -> str:
    return _tr("since {time}").format(time=clock_time(status.since_at))


def _next_try(status: Status, now: datetime) -> str:
    if status.next_try_at is None:
        return _tr("Reconnecting…")
    wait = status.next_try_at - now
    if wait >= _LONG_WAIT:
        return _wait(wait)
    return _tr("Reconnecting in {seconds} s (try {number})").format(
        seconds=_seconds(wait), number=max(1, status.attempt)
    )


def _wait(wait: timedelta) -> str:
    """The time until it is tried again."""
    if wait >= _LONG_WAIT:
        return _tr("Next try in {minutes} min").format(minutes=round(wait.total_seconds() / 60))
    return _tr("Next try in {seconds} s").format(seconds=_seconds(wait))


def _seconds(wait: timedelta) -> int:
    return max(0, round(wait.total_seconds()))


def counter_words(length: timedelta) -> str:
    """The time for which something has been going on: 00:18, 1:02:03."""
    seconds = max(0, int(length.total_seconds()))
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes:02}:{seconds % 60:02}"


def duration_words(seconds: float) -> str:
    """The length of a clip: 0:42, 3:07, 1:02:03."""
    return counter_words(timedelta(seconds=round(seconds))).removeprefix("0")


def running_event(*, recorded: bool) -> str:
    """Words in the place of an event's length while it goes on."""
    return _tr("recording…") if recorded else _tr("motion…")


def clock_time(at: datetime) -> str:
    """A moment of today, in local time."""
    local = at.astimezone()
    return QLocale().toString(QTime(local.hour, local.minute, local.second), "HH:mm:ss")


def long_day(day: date) -> str:
    """A day in full: Sunday 22 November 2026."""
    told = QLocale().toString(QDate(day.year, day.month, day.day), "dddd d MMMM yyyy")
    return told[:1].upper() + told[1:]


def short_day(day: date) -> str:
    """A day of this year, in short: Sun 22 Nov."""
    return QLocale().toString(QDate(day.year, day.month, day.day), "ddd d MMM")


def bytes_words(size_bytes: float) -> str:
    """An amount of storage: 850 MB, 4.2 GB, 412 GB; what is there is never none: 0.1 MB."""
    units = (_tr("MB"), _tr("GB"), _tr("TB"))
    amount, unit = (max(size_bytes, 1e5) if size_bytes else 0) / 1e6, 0
    while amount >= 1000 and unit < len(units) - 1:
        amount, unit = amount / 1000, unit + 1
    digits = 1 if (unit and amount < 10) or 0 < amount < 0.95 else 0
    return f"{QLocale().toString(amount, 'f', digits)} {units[unit]}"


def frame_rate_words(frame_rate: float) -> str:
    """The rate of pictures: 25 fps, 0.5 fps."""
    is_slow = frame_rate < 1
    rate = QLocale().toString(frame_rate, "g", 2) if is_slow else str(round(frame_rate))
    return _tr("{rate} fps").format(rate=rate)


def codec_info(width: int, height: int, frame_rate: float, codec: str) -> str:
    """A stream in three facts: 1280×720 · 25 fps · H.264; a rate of 0 is not known yet."""
    rate = frame_rate_words(frame_rate) if frame_rate else ""
    return " · ".join(part for part in (f"{width}×{height}", rate, codec) if part)


def zoom_factor(scale: float) -> str:
    """The enlargement of a picture: 2.4×."""
    return f"{QLocale().toString(scale, 'f', 1)}×"
