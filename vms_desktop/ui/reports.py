"""What the fleet reports, told in banners: notices, the disk's alarm, questions, snapshots."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from vms_desktop.ui import notices

if TYPE_CHECKING:
    from vms_desktop.core.library.retention import Ask
    from vms_desktop.ui.banner import Banner, BannerArea
    from vms_desktop.workers.fleet import Fleet
    from vms_desktop.workers.fleet_parts import Notice

_TOGETHER_MS = 3000
"""Snapshots saved within this of each other are told as one."""


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
        alarm = notices.storage_banner(statuses, self._fleet.adopt_recordings)
        if alarm is None:
            self.remove(notices.STORAGE_KEY)
        elif alarm != self._alarm:
            self.show(alarm)
        self._alarm = alarm

    def _show_notice(self, notice: "Notice") -> None:
        key = notices.notice_key(notice)

        def read_again() -> None:
            self._invalid_before.discard(key)  # The answer is news, even if it is the same.
            self._fleet.sync_camera_threads()

        if notice.kind in notices.TAKEN_BACK:
            self._invalid.add(key)
        if key not in self._invalid_before:  # Every save says it again; it may have been closed.
            self.tell(lambda: notices.notice_banner(notice, read_again))

    def _take_back_notices(self) -> None:
        """What this load of the cameras did not complain about again has been mended."""
        for key in self._invalid_before - self._invalid:
            self.remove(key)
        self._invalid_before, self._invalid = self._invalid, set()

    def _ask(self, ask: "Ask") -> None:
        def answer(yes: bool) -> None:
            self._fleet.answer(ask, yes)

        self.tell(lambda: notices.question_banner(ask, answer))

    def tell(self, banner: "Callable[[], Banner]") -> None:
        """Show a banner that can be made again in another language."""
        made = banner()
        self._told[made.key] = banner
        self.show(made)

    def _show_snapshot(self, _camera_id: str, path: str) -> None:
        self._saved += 1 if path else 0
        QTimer.singleShot(_TOGETHER_MS, self, self._forget_saved)
        self.show(notices.snapshot_banner(path, self._saved))

    def _forget_saved(self) -> None:
        self._saved = 0
