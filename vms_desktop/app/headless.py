"""The output of `--headless`: a line for every change of state and every clip, nothing else.

Other news for a person goes to standard error, in plain lines.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import QObject

from vms_desktop.app.start_failures import complain
from vms_desktop.core.base import Status, StorageProblem
from vms_desktop.core.clips import Clip
from vms_desktop.core.library import GB, PurgeQuestion, PurgeReason
from vms_desktop.workers.camera import Fleet, Notice

_WHY = {
    PurgeReason.AGE: "too old all at once, deleted in 24 hours unless the window is told otherwise",
    PurgeReason.RESERVE: "the disk is nearly full; deleted only where the window is told to",
    PurgeReason.QUOTA: "the quota is exceeded; deleted only where the window is told to",
}


class HeadlessReport(QObject):
    """Prints what a fleet tells; lives in the main thread."""

    def __init__(self, fleet: Fleet, form: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fleet = fleet
        self._json = form == "json"
        self._told: dict[str, tuple[str, str]] = {}
        self._storage: dict[str, StorageProblem | None] = {}
        self._asked: set[PurgeQuestion] = set()
        fleet.status_changed.connect(self._tell_status)
        fleet.clip_closed.connect(self._tell_clip)
        fleet.notice.connect(self._tell_notice)
        fleet.question.connect(self._tell_question)

    def _tell_status(self, camera_id: str, status: Status) -> None:
        self._follow_storage(camera_id, status.storage)
        told = (str(status.state), str(status.storage or status.problem or ""))
        if self._told.get(camera_id) == told:
            return
        self._told[camera_id] = told
        name = next((c.name for c in self._fleet.cameras() if c.id == camera_id), camera_id)
        reason = f" ({told[1].replace('_', ' ')})" if told[1] else ""
        text = f"{told[0].replace('_', ' ')}{reason}"
        self._print(name, camera_id, {"state": told[0], "reason": told[1]}, text)

    def _tell_clip(self, clip: Clip) -> None:
        path = self._fleet.layout.relative(clip.path)
        facts = {
            "clip": path,
            "start": _iso(clip.start_at),
            "event_start": _iso(clip.event_start_at),
            "duration_s": round(clip.duration_s, 3),
            "trigger": str(clip.trigger),
        }
        text = f"clip {path}, {clip.duration_s:.1f} s, {clip.trigger}"
        self._print(clip.camera_name, clip.camera_id, facts, text)

    def _tell_notice(self, notice: Notice) -> None:
        # Not a state, not a clip: standard output has no place for it.
        facts = ", ".join(f"{key}: {value}" for key, value in notice.text_args.items())
        complain(f"{notice.kind.replace('_', ' ')} ({facts})")

    def _tell_question(self, ask: PurgeQuestion) -> None:
        if ask in self._asked:
            return
        self._asked.add(ask)
        where = f" in {ask.folder}" if ask.folder else ""
        complain(f"{ask.clips} clips{where}, {ask.size_bytes / GB:.1f} GB: {_WHY[ask.kind]}")

    def _follow_storage(self, camera_id: str, problem: StorageProblem | None) -> None:
        """Tell of trouble with the disk once, whatever the number of cameras that have it."""
        before = set(self._storage.values())
        self._storage[camera_id] = problem
        after = set(self._storage.values())
        for new in after - before - {None}:
            is_kept = new is not None and new.keeps
            kept = "what is not yet written waits in memory, while there is room"
            what = kept if is_kept else "nothing is recorded"
            complain(f"disk {str(new).replace('_', ' ')}: {what}")
        if before - {None} and not after - {None}:
            complain("the disk is well again")

    def _print(self, name: str, camera_id: str, facts: Mapping[str, object], text: str) -> None:
        at = _iso(datetime.now().astimezone())
        line = {"at": at, "camera": name, "id": camera_id, **facts}
        form = json.dumps(line, ensure_ascii=False) if self._json else f"{at}  {name}: {text}"
        print(form, flush=True)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
