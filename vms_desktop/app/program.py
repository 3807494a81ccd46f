"""The wiring: the only place that knows every layer."""

import faulthandler
import gc
import json
import linecache
import logging
import os
import sys
from argparse import Namespace
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import cv2
import platformdirs
from PySide6.QtCore import QTimer

from vms_desktop.app.data_folder import FolderInUseError, data_folder, folder_lock
from vms_desktop.app.demo import DemoSource
from vms_desktop.app.headless import HeadlessReport
from vms_desktop.app.lifeline import Lifeline
from vms_desktop.app.logs import start_logging
from vms_desktop.app.screen import application, has_display
from vms_desktop.app.start_failures import already_running, cannot_use, complain
from vms_desktop.app.supervisor import STACKS
from vms_desktop.core.base import (
    Clock,
    DiskService,
    Inbox,
    Layout,
    StorageError,
    make_private,
    tell_refusal,
)
from vms_desktop.core.clips import MB, CameraFolders, ClipStore, DiskBuffer
from vms_desktop.core.config import CameraStore, Settings, SettingsStore
from vms_desktop.core.library import (
    HEARTBEAT_S,
    GapJournal,
    Heartbeat,
    LibraryMaintainer,
    MaintainerOrder,
    MaintainerReport,
    StorageWatch,
)
from vms_desktop.core.stream import HabitBook, HabitFile, StreamOpener
from vms_desktop.workers import SoundOutput, StoreWorker, join_all
from vms_desktop.workers.camera import Fleet, FleetParts, stop_stream_probes
from vms_desktop.workers.library import LibraryWorker

if TYPE_CHECKING:
    from vms_desktop.ui import MainWindow
    from vms_desktop.ui.clips import LibraryServices

log = logging.getLogger(__name__)

# Closing takes at most 5 s, whatever hangs.
STOP_S = 4.0
# The first pictures go before the first look at the library.
INDEX_MS = 1500
STATS_VARIABLE = "VMS_STATS_FILE"


def run(options: Namespace) -> int:
    """Run the program with or without its window; the exit code."""
    folder = data_folder(options.data_dir)
    if not options.headless and not has_display():
        complain("no display; --headless watches and records without one.")
        return 1
    home = Layout(folder)
    with ExitStack() as stack:
        try:
            make_private(home.logs)
            is_locked_by_pulse = stack.enter_context(folder_lock(home.lock_file))
            stacks = stack.enter_context((home.logs / STACKS).open("w"))
        except FolderInUseError:
            return already_running(options, folder)
        except (OSError, StorageError) as err:
            return cannot_use(options, folder, err)
        faulthandler.enable(stacks)
        start_logging(home.logs, options.log_level, options.log_format)
        if is_locked_by_pulse:
            tell_refusal(DiskService.LOCKS, home.lock_file)
        return _Program(options, folder).run()


@dataclass(slots=True)
class _Threads:
    """Everything that runs, made once."""

    fleet: Fleet
    library: LibraryWorker
    store: StoreWorker
    opener: StreamOpener
    folders: CameraFolders


class _Program:
    """One run of the program."""

    def __init__(self, options: Namespace, folder: Path) -> None:
        cv2.setNumThreads(1)  # With many cameras, cameras are the parallelism.
        self._options = options
        self._clock = Clock()
        self._began = monotonic()
        self._folder = folder
        self._application = application(headless=options.headless)
        home = Layout(folder)
        self._settings_store = SettingsStore(home.settings_json, home.backups)
        self._may_save = True
        self._settings = self._load_settings()
        self._layout = Layout(folder, self._settings.recordings_root)
        self._window: MainWindow | None = None
        self._review: LibraryServices | None = None

    def run(self) -> int:
        """Run until the end is asked for; the exit code."""
        threads = self._make_threads(demo=self._options.demo)
        lifeline = Lifeline()
        lifeline.cut.connect(self._leave)
        if self._options.headless:
            report = HeadlessReport(threads.fleet, self._options.log_format)
            report.setParent(self._application)
        else:
            self._window = self._open_window(threads)
        _tidy_memory()
        threads.store.start()
        threads.library.start()
        threads.fleet.sync_camera_threads()
        code = self._application.exec()
        return self._end(threads, code)

    def _leave(self) -> None:
        """End, although a dialog may hold what was not saved."""
        if self._window is not None:
            self._window.dismiss_dialogs()
        self._application.quit()

    def _make_threads(self, *, demo: bool) -> _Threads:
        layout, clock = self._layout, self._clock
        watch, journal = StorageWatch(), GapJournal(layout)
        folders = CameraFolders(layout, journal.moved)
        habits = HabitBook(clock)
        cameras = CameraStore(layout.cameras_json, layout.backups)
        kept = HabitFile(layout.habits_json, habits)
        heartbeat = Heartbeat(journal, clock, every_s=HEARTBEAT_S)
        store = StoreWorker(cameras, self._settings_store, kept, heartbeat)

        def maintainer(
            inbox: Inbox[MaintainerOrder], report: MaintainerReport
        ) -> LibraryMaintainer:
            settings, in_use = self._settings, self._in_use
            return LibraryMaintainer(
                layout, clock, settings, watch, folders, journal, inbox, report, in_use
            )

        library = LibraryWorker(maintainer)
        library.marked.connect(
            lambda mark: self._save(store, replace(self._settings, recordings_mark=mark))
        )
        parts = FleetParts(
            layout=layout,
            clock=clock,
            opener=StreamOpener(self._folder, clock, habits=habits),
            clip_store=ClipStore(layout, folders, watch.make_room),
            watch=watch,
            journal=journal,
            source=DemoSource(self._application) if demo else store,
            library=library,
            sound=SoundOutput(),
            store=store,
            buffer=DiskBuffer(self._settings.disk_buffer_mb * MB),
        )
        return _Threads(Fleet(parts), library, store, parts.opener, folders)

    def _open_window(self, threads: _Threads) -> "MainWindow":
        from vms_desktop.app.dialog_services import dialog_services
        from vms_desktop.app.library_services import review_parts
        from vms_desktop.ui import MainWindow, unread_settings_banner

        options = {"language": self._options.language, "page": self._options.page}
        of_this_run = {key: value for key, value in options.items() if value}

        def save(settings: Settings) -> None:
            # The mark may have come since; an option of this run is not a choice for the next.
            kept: dict[str, Any] = {"recordings_mark": self._settings.recordings_mark}
            for key, value in of_this_run.items():
                if getattr(settings, key) == value:
                    kept[key] = getattr(self._settings, key)
            self._save(threads.store, replace(settings, **kept))

        shown = replace(self._settings, **of_this_run)
        review = self._review = review_parts(threads.fleet, self._clock, threads.folders)
        dialogs = dialog_services(
            threads.fleet, threads.opener, self._folder, lambda: self._settings.purge_hour
        )
        window = MainWindow(threads.fleet, shown, save, self._pictures(), dialogs, review)
        window.demo_wanted.connect(
            lambda: threads.fleet.show_instead(DemoSource(self._application))
        )
        window.closed.connect(self._application.quit)
        QTimer.singleShot(INDEX_MS, review.index, review.index.start)
        QTimer.singleShot(INDEX_MS, window, lambda: self._listen_for_second_starts(window))
        if not self._may_save:
            window.tell(unread_settings_banner(self._layout.settings_json))
        if self._options.fullscreen:
            window.set_full_screen(True)
        else:
            window.show()
        return window

    def _listen_for_second_starts(self, window: "MainWindow") -> None:
        from vms_desktop.app.second_start import ShowRequests

        ShowRequests(self._folder, window).arrived.connect(window.come_forward)

    def _in_use(self) -> frozenset[Path]:
        """The clips that are played; asked by the library's thread."""
        if self._review is None:
            return frozenset()
        from vms_desktop.app.library_services import in_use

        return in_use(self._review)

    def _stop_review(self, deadline: float) -> bool:
        """End the library's threads; with a time that is over they are only asked to."""
        if self._review is None:
            return True
        from vms_desktop.app.library_services import stop_review

        return stop_review(self._review, deadline)

    def _save(self, store: StoreWorker, settings: Settings) -> None:
        self._settings = settings
        if self._may_save:
            store.save_settings(settings)

    def _pictures(self) -> Path:
        chosen = self._settings.pictures_folder
        return Path(chosen) if chosen else Path(platformdirs.user_pictures_dir())

    def _load_settings(self) -> Settings:
        try:
            loaded = self._settings_store.load()
        except StorageError as err:
            log.warning("settings.json not read, and so not written in this run: %s", err)
            self._may_save = False
            return Settings()
        for invalid in loaded.invalid:
            log.warning("settings.json: %s", invalid)
        return loaded.settings

    def _end(self, threads: _Threads, code: int) -> int:
        """Stop everything; what hangs in the system is abandoned once every clip is closed."""
        deadline = monotonic() + STOP_S
        self._stop_review(0.0)
        ended = threads.fleet.stop(deadline)  # First: its clips are to be whole.
        ended &= self._stop_review(deadline)
        ended &= stop_stream_probes(deadline)
        threads.store.stop()
        ended &= join_all([threads.store], deadline, least_ms=200)
        self._write_stats(threads.fleet)
        if not ended:
            log.warning("some threads hang in the system and are abandoned")
            logging.shutdown()
            sys.stdout.flush()
            os._exit(code)
        return code

    def _write_stats(self, fleet: Fleet) -> None:
        """Write the figures that a benchmark asks for."""
        path = os.environ.get(STATS_VARIABLE)
        if not path:
            return
        decoded, dropped = fleet.counts()
        stats: dict[str, object] = {"decoded": decoded, "dropped_packets": dropped}
        if self._window is not None:
            stats |= self._paint_figures(self._window)
        Path(path).write_text(json.dumps(stats))

    def _paint_figures(self, window: "MainWindow") -> dict[str, object]:
        painted = window.paint_log
        first_s = painted.first_at - self._began if painted.first_at else None
        return {
            "painted": painted.painted,
            "paint_latency_ms_median": painted.median_ms(),
            "first_picture_s": first_s,
        }


def _tidy_memory() -> None:
    """Let go of what only the start needed, before the streams fill the holes."""
    # WORKAROUND: for each module that is imported PySide (shibokensupport/feature.py) reads its
    # source and looks for its own name there; the standard library then keeps it: 8 MB.
    linecache.clearcache()
    gc.collect()
    # What is loaded by now stays: the collector need not walk through it again and again.
    gc.freeze()
