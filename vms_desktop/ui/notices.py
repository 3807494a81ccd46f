"""The banners for what the fleet reports: notices, alarms of the disk, questions, snapshots."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from vms_desktop.core.state import Status
from vms_desktop.ui.banner import Banner
from vms_desktop.ui.desktop import open_path
from vms_desktop.ui.words import bytes_words, reason_words, storage_alarm

if TYPE_CHECKING:
    from vms_desktop.core.retention import Ask
    from vms_desktop.workers.fleet import Notice

STORAGE_KEY = "storage"
INVALID_KIND = "camera_invalid"
_SNAPSHOT_S = 6


def _tr(text: str, n: int = -1) -> str:
    return QCoreApplication.translate("notices", text, None, n)


def notice_banner(notice: "Notice") -> Banner:
    """What the fleet found when it read the configuration."""
    args = notice.text_args
    sentence = _SENTENCES.get(notice.kind, _unknown)(notice.kind, args)
    return Banner(f"{notice.kind} {sorted(args.items())}", sentence, icon="warning", urgent=True)


def storage_banner(statuses: Iterable[Status]) -> Banner | None:
    """The alarm of the disk, while a camera has one."""
    problems = [status.storage for status in statuses if status.storage is not None]
    if not problems:
        return None
    return Banner(STORAGE_KEY, storage_alarm(problems[0]), icon="warning", urgent=True)


def snapshot_banner(path: str, saved: int) -> Banner:
    """That a snapshot, or several, were saved; with a button that shows them."""
    if not path:
        return Banner("snapshot", _tr("The snapshot could not be saved."), icon="warning")
    text = _tr("Snapshot saved: {name}").format(name=Path(path).name)
    if saved > 1:
        text = _tr("%n snapshots saved", saved)
    show = (_tr("Show folder"), lambda: _show(Path(path).parent))
    return Banner("snapshot", text, icon="snapshot", answers=(show,), seconds=_SNAPSHOT_S)


def question_banner(ask: "Ask", answer: Callable[[bool], None]) -> Banner:
    """That clips would be deleted, and wait for a yes."""
    text = _question(ask)
    answers = (
        (_tr("Delete"), lambda: answer(True)),
        (_tr("Not now"), lambda: answer(False)),
    )
    return Banner(
        f"question {ask.kind} {ask.folder}", text, icon="warning", urgent=True, answers=answers
    )


def _show(folder: Path) -> None:
    open_path(folder)


def _question(ask: "Ask") -> str:
    words = {
        "age": _tr(
            "In “{folder}”, %n clip(s) ({amount}) are too old all at once. Delete them?", ask.clips
        ),
        "reserve": _tr(
            "The disk is nearly full. Delete the oldest %n clip(s), {amount}?", ask.clips
        ),
        "quota": _tr(
            "Recordings exceed their quota. Delete the oldest %n clip(s), {amount}?", ask.clips
        ),
    }[ask.kind]
    return words.format(folder=ask.folder, amount=bytes_words(ask.size_bytes))


def _restored(_kind: str, args: Mapping[str, str]) -> str:
    if not args.get("restored"):
        return _tr("cameras.json was damaged and has been set aside. No earlier version was found.")
    return _tr("cameras.json was damaged. It was set aside and the last good version loaded.")


def _invalid(_kind: str, args: Mapping[str, str]) -> str:
    words = _tr("The camera “{name}” cannot be used: “{field}” {reason}.")
    reason = reason_words(args.get("reason", ""))
    return words.format(name=args.get("name", ""), field=args.get("field", ""), reason=reason)


def _shared(_kind: str, args: Mapping[str, str]) -> str:
    words = _tr("The name “{name}” meets another camera's folder; it records into “{folder}”.")
    return words.format(name=args.get("name", ""), folder=args.get("folder", ""))


def _unknown(kind: str, args: Mapping[str, str]) -> str:
    told = ", ".join(f"{key}: {value}" for key, value in args.items())
    return f"{kind} – {told}" if told else kind


_SENTENCES: Mapping[str, Callable[[str, Mapping[str, str]], str]] = {
    "cameras_restored": _restored,
    INVALID_KIND: _invalid,
    "folder_shared": _shared,
}
