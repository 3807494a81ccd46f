"""The banners for what the fleet reports: notices, alarms of the disk, questions, snapshots."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from vms_desktop.core.base import Status, StorageProblem
from vms_desktop.core.library import PurgeQuestion, PurgeReason
from vms_desktop.ui.base import (
    bytes_words,
    camera_entry_name,
    field_words,
    reason_words,
    storage_alarm,
    words_of,
)
from vms_desktop.ui.widgets import AnswerButton, Banner, snapshot_banner
from vms_desktop.workers.camera import Notice, NoticeKind

if TYPE_CHECKING:
    from vms_desktop.ui.widgets import BannerArea
    from vms_desktop.workers.camera import Fleet

STORAGE_KEY = "storage"
QUITS_KEY = "quits_later"
# These hold until the cameras are read again without them.
TAKEN_BACK = frozenset(
    {
        NoticeKind.CAMERA_INVALID,
        NoticeKind.KEYRING_LOCKED,
        NoticeKind.KEYRING_REFUSED,
        NoticeKind.ID_TWICE,
    }
)
_DONE_S = 15


_tr = words_of(__name__)


def notice_key(notice: Notice) -> str:
    """The key that tells one notice's banner from another's."""
    return f"{notice.kind} {sorted(notice.text_args.items())}"


def notice_banner(notice: Notice, read_again: Callable[[], None] | None = None) -> Banner:
    """The banner of a notice; `read_again` has the fleet read the cameras once more."""
    kind, args = notice.kind, notice.text_args
    sentence = _SENTENCES[kind](args)
    key = notice_key(notice)
    if kind is NoticeKind.RECORDINGS_DELETED and not args.get("problem"):
        return Banner(key, sentence, seconds=_DONE_S)
    answers: tuple[AnswerButton, ...] = ()
    if kind is NoticeKind.KEYRING_LOCKED and read_again:
        answers = ((_tr("Try again"), read_again),)
    return Banner(key, sentence, icon="warning", urgent=True, answers=answers)


def storage_banner(
    statuses: Iterable[Status], adopt: Callable[[], None] | None = None
) -> Banner | None:
    """The alarm of the disk, while a camera has one; `adopt` takes the folder as it is."""
    problems = [status.storage for status in statuses if status.storage is not None]
    if not problems:
        return None
    answers: tuple[AnswerButton, ...] = ()
    if problems[0] is StorageProblem.MISSING and adopt:
        answers = ((_tr("Record here all the same"), adopt),)
    alarm = storage_alarm(problems[0])
    return Banner(STORAGE_KEY, alarm, icon="warning", urgent=True, answers=answers)


def quits_later_banner(take_back: Callable[[], None]) -> Banner:
    """Tells that the program ends once its work is done, with a button against it."""
    words = _tr("The program quits when the work under way is done.")
    return Banner(QUITS_KEY, words, answers=((_tr("Do not quit"), take_back),))


def interrupted_banner() -> Banner:
    """Tells that the program ended in the middle of an export."""
    words = _tr(
        "An export was interrupted when the program ended. "
        "Its unfinished file was deleted: export it again."
    )
    return Banner("interrupted", words, icon="warning", urgent=True)


def unread_settings_banner(path: Path) -> Banner:
    """Tells that the settings could not be read, and so are not written either."""
    text = _tr("The settings could not be read. What you change now is not kept: {path}")
    return Banner("settings", text.format(path=path), icon="warning", urgent=True)


def question_banner(ask: PurgeQuestion, answer: Callable[[bool], None]) -> Banner:
    """Tells that clips would be deleted, and wait for a yes."""
    text = _question(ask)
    answers = (
        (_tr("Delete"), lambda: answer(True)),
        (_tr("Not now"), lambda: answer(False)),
    )
    return Banner(
        f"question {ask.kind} {ask.folder}", text, icon="warning", urgent=True, answers=answers
    )


def _question(ask: PurgeQuestion) -> str:
    words = {
        PurgeReason.AGE: _tr(
            "In “{folder}”, %n clip(s) ({amount}) are too old all at once. Delete them?", ask.clips
        ),
        PurgeReason.RESERVE: _tr(
            "The disk is nearly full. Delete the oldest %n clip(s), {amount}?", ask.clips
        ),
        PurgeReason.QUOTA: _tr(
            "Recordings exceed their quota. Delete the oldest %n clip(s), {amount}?", ask.clips
        ),
    }[ask.kind]
    return words.format(folder=ask.folder, amount=bytes_words(ask.size_bytes))


def _restored(args: Mapping[str, str]) -> str:
    told = _tr("cameras.json was damaged. It was set aside and the last good version loaded.")
    if not args.get("restored"):
        told = _tr("cameras.json was damaged and has been set aside. No earlier version was found.")
    if line := args.get("line"):
        return " ".join((told, _tr("The mistake is in line {line}.").format(line=line)))
    return told


def _id_twice(args: Mapping[str, str]) -> str:
    words = _tr("{name} had another camera's id in cameras.json and got one of its own.")
    return words.format(name=_quoted(args))


def _invalid(args: Mapping[str, str]) -> str:
    words = _tr("The camera “{name}” cannot be used: “{field}” {reason}.")
    name = camera_entry_name(args.get("name", ""), int(args.get("number", 0)))
    field, reason = field_words(args.get("field", "")), reason_words(args.get("reason", ""))
    return words.format(name=name, field=field, reason=reason)


def _shared(args: Mapping[str, str]) -> str:
    words = _tr("The name “{name}” meets another camera's folder; it records into “{folder}”.")
    return words.format(name=args.get("name", ""), folder=args.get("folder", ""))


def _not_saved(args: Mapping[str, str]) -> str:
    words = _tr("The changes could not be saved: {reason}.")
    return words.format(reason=_disk_words(args.get("problem", "")))


def _locked(args: Mapping[str, str]) -> str:
    words = _tr("The system's keyring does not give the password of {name}. Unlock it first.")
    return words.format(name=_quoted(args))


def _refused(args: Mapping[str, str]) -> str:
    words = _tr("The password of {name} stays in cameras.json: the keyring has not taken it.")
    return words.format(name=_quoted(args))


def _deleted(args: Mapping[str, str]) -> str:
    clips, remaining = int(args.get("clips", 0)), int(args.get("remaining", 0))
    words = _tr("Recordings of {name} deleted: %n clip(s), {amount}.", clips)
    told = [words.format(name=_quoted(args), amount=bytes_words(int(args.get("size_bytes", 0))))]
    if remaining:
        told.append(_tr("%n file(s) remain in the folder.", remaining))
    if problem := args.get("problem"):
        reason = _disk_words(problem)
        told.append(_tr("Not everything could be deleted: {reason}.").format(reason=reason))
    return " ".join(told)


def _quoted(args: Mapping[str, str]) -> str:
    return ", ".join(
        _tr("“{name}”").format(name=name) for name in args.get("name", "").splitlines()
    )


def _disk_words(problem: str) -> str:
    words = {
        StorageProblem.FULL: _tr("the disk is full"),
        StorageProblem.READ_ONLY: _tr("the disk cannot be written to"),
        StorageProblem.MISSING: _tr("the folder is not there"),
        StorageProblem.HANGING: _tr("the disk does not answer"),
        StorageProblem.SLOW: _tr("the disk is too slow"),
        StorageProblem.FAILING: _tr("the disk reports errors"),
        StorageProblem.FORBIDDEN: _tr("there is no right to write there"),
        StorageProblem.TOO_LARGE: _tr("the disk takes no file of that size"),
        StorageProblem.BAD_NAME: _tr("the disk does not accept the name"),
    }
    return words[StorageProblem(problem)] if problem in set(StorageProblem) else problem


_SENTENCES: Mapping[NoticeKind, Callable[[Mapping[str, str]], str]] = {
    NoticeKind.CAMERAS_RESTORED: _restored,
    NoticeKind.CAMERA_INVALID: _invalid,
    NoticeKind.FOLDER_SHARED: _shared,
    NoticeKind.NOT_SAVED: _not_saved,
    NoticeKind.KEYRING_LOCKED: _locked,
    NoticeKind.KEYRING_REFUSED: _refused,
    NoticeKind.ID_TWICE: _id_twice,
    NoticeKind.RECORDINGS_DELETED: _deleted,
}


# Snapshots saved within this of each other are told as one.
_TOGETHER_MS = 3000


class Reports(QObject):
    """Listens to the fleet for as long as the window lives, whatever banners it shows them in."""

    def __init__(self, fleet: "Fleet", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fleet = fleet
        self._banners: BannerArea | None = None
        self._told: dict[str, Callable[[], Banner]] = {}
        self._invalid: set[str] = set()
        self._invalid_before: set[str] = set()
        self._saved = 0
        self._alarm: Banner | None = None
        fleet.cameras_changed.connect(self._take_back_notices)
        fleet.cameras_changed.connect(self._show_alarm)
        fleet.status_changed.connect(self._show_alarm)
        fleet.notice.connect(self._show_notice)
        fleet.snapshot_saved.connect(self._show_snapshot)
        fleet.question.connect(self._ask)

    def show_in(self, banners: "BannerArea") -> None:
        """Tell in other banners from now on, what is still told in the old ones too."""
        told = self._banners.names() if self._banners else []
        self._banners, self._alarm = banners, None
        self._show_alarm()
        for key in told:
            if key in self._told:
                banners.show_banner(self._told[key]())

    def show(self, banner: "Banner") -> None:
        """Tell something that passes."""
        if self._banners:
            self._banners.show_banner(banner)

    def remove(self, key: str) -> None:
        """Tell no more of something."""
        if self._banners:
            self._banners.remove(key)

    def _show_alarm(self, *_told: object) -> None:
        statuses = [self._fleet.status(camera.id) for camera in self._fleet.cameras()]
        alarm = storage_banner(statuses, self._fleet.adopt_recordings)
        if alarm is None:
            self.remove(STORAGE_KEY)
        elif alarm != self._alarm:
            self.show(alarm)
        self._alarm = alarm

    def _show_notice(self, notice: "Notice") -> None:
        key = notice_key(notice)

        def read_again() -> None:
            self._invalid_before.discard(key)  # The answer is news, even if it is the same.
            self._fleet.sync_camera_threads()

        if notice.kind in TAKEN_BACK:
            self._invalid.add(key)
        if key not in self._invalid_before:  # Every save says it again; it may have been closed.
            self.tell(lambda: notice_banner(notice, read_again))

    def _take_back_notices(self) -> None:
        """Take back what this load of the cameras did not complain about again."""
        for key in self._invalid_before - self._invalid:
            self.remove(key)
        self._invalid_before, self._invalid = self._invalid, set()

    def _ask(self, ask: "PurgeQuestion") -> None:
        def answer(yes: bool) -> None:
            self._fleet.answer(ask, yes)

        self.tell(lambda: question_banner(ask, answer))

    def tell(self, banner: "Callable[[], Banner]") -> None:
        """Show a banner that can be made again in another language."""
        made = banner()
        self._told[made.key] = banner
        self.show(made)

    def _show_snapshot(self, _camera_id: str, path: str) -> None:
        self._saved += 1 if path else 0
        QTimer.singleShot(_TOGETHER_MS, self, self._forget_saved)
        self.show(snapshot_banner(path, self._saved))

    def _forget_saved(self) -> None:
        self._saved = 0
