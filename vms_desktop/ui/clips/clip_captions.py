"""The words about clips: on a picture, in a tooltip, to a screen reader."""

from collections.abc import Collection
from datetime import datetime

from vms_desktop.core.index import ClipState, IndexedClip
from vms_desktop.ui.base import words, words_of

_tr = words_of(__name__)


def time_and_length(clip: IndexedClip) -> str:
    """The words on a clip's picture: 14:24:48 · 0:44."""
    at = words.clock_time(clip.start_at)
    return f"{at} · {words.duration_words(clip.duration_s)}" if clip.duration_s > 0 else at


def spoken(clip: IndexedClip) -> str:
    """A clip for who hears it: 14:24:48, 44 seconds, Alley."""
    parts = [words.clock_time(clip.start_at), spoken_length(clip.duration_s), clip.camera_name]
    parts += [_tr("archived")] if clip.is_archived else []
    parts += [_tr("cannot be played")] if clip.state is ClipState.UNREADABLE else []
    return ", ".join(filter(None, parts))


def unreadable() -> str:
    """The words in the place of a clip's picture that cannot be had."""
    return _tr("Cannot be played")


def no_picture() -> str:
    """The words in the place of a missing thumbnail."""
    return _tr("No picture")


def archived() -> str:
    """The word on a clip that is kept for good."""
    return _tr("Archived")


def spoken_length(seconds: float) -> str:
    """A length in whole words; empty where it is not known."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    parts = [_tr("%n hour(s)", hours)] if hours else []
    parts += [_tr("%n minute(s)", minutes)] if minutes else []
    parts += [_tr("%n second(s)", left)] if left else []
    return " ".join(parts)


def details(clip: IndexedClip) -> str:
    """The tooltip of a clip."""
    lines = [clip.camera_name, time_and_length(clip)]
    size = f"{clip.size.width}×{clip.size.height}" if clip.size.width else ""
    lines.append(" · ".join(filter(None, (words.bytes_words(clip.size_bytes), size))))
    if clip.state is ClipState.UNREADABLE:
        lines.append(_tr("This file cannot be played."))
    elif clip.strength:
        lines.append(_tr("Motion: {percent} %").format(percent=round(100 * clip.strength)))
    if clip.comment:
        lines.append(clip.comment)
    return "\n".join(lines)


def hour_words(start_at: datetime, *, with_offset: bool = False) -> str:
    """An hour of the day: 14:00; with what tells the repeated hour in autumn apart."""
    text = f"{start_at:%H:00}"
    return f"{text} ({start_at:%Z})" if with_offset else text


def spoken_hour(title: str, clips: int, *, is_open: bool) -> str:
    """An hour's heading for who hears it: 14:00, 5 clips, open."""
    return ", ".join((title, clip_count(clips), _tr("open") if is_open else _tr("closed")))


def clips_and_size(clips: Collection[IndexedClip]) -> str:
    """The number and size of clips: 32 clips · 1.4 GB."""
    amount = words.bytes_words(sum(clip.size_bytes for clip in clips))
    return f"{clip_count(len(clips))} · {amount}"


def clip_count(number: int) -> str:
    """A number of clips: 32 clips."""
    return _tr("%n clip(s)", number)
