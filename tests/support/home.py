"""A data folder with a maintainer at work in a thread."""

import json
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

from tests.support.packets import small, spec, video_packets
from tests.support.waiting import wait_until
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.inbox import Inbox
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.clips.clip import ClipEnd
from vms_desktop.core.clips.clip_store import ClipStore
from vms_desktop.core.clips.folders import CameraFolders
from vms_desktop.core.config.settings import Settings
from vms_desktop.core.library.gaps import GapJournal
from vms_desktop.core.library.maintainer import (
    CamerasConfigured,
    LibraryMaintainer,
    MaintainerOrder,
    MaintainerReport,
)
from vms_desktop.core.library.storage_guard import StorageWatch

VIDEO = small(30)
PACKETS = video_packets(VIDEO)


class Home:
    """A data folder, what cares for it, and what was told."""

    def __init__(self, root):
        self.layout = Layout(root)
        self.watch = StorageWatch()
        self.journal = GapJournal(self.layout)
        self.folders = CameraFolders(self.layout, self.journal.moved)
        self.inbox: Inbox[MaintainerOrder] = Inbox()
        self.today = []
        self.pictured = []
        self.deleted = []
        self.asked = []
        self.loads = []
        self.shared = []
        self.marks = []
        self.known = []
        self.removed = []
        self.purged = []

    @contextmanager
    def cared_for(self, *cameras, mark="", in_use=frozenset):
        """Run a maintainer for these cameras."""
        report = MaintainerReport(
            today_loaded=self.today.append,
            thumbnail_ready=self.pictured.append,
            clips_deleted=self.deleted.append,
            asked=self.asked.append,
            machine_changed=self.loads.append,
            folder_shared=lambda *args: self.shared.append(args),
            marked=self.marks.append,
            folders_known=self.known.append,
            recordings_deleted=self.removed.append,
            purged=self.purged.append,
        )
        maintainer = LibraryMaintainer(
            self.layout,
            Clock(),
            Settings(recordings_mark=mark),
            self.watch,
            self.folders,
            self.journal,
            self.inbox,
            report,
            in_use,
        )
        thread = Thread(target=maintainer.run)
        thread.start()
        try:
            if cameras:
                self.inbox.post(CamerasConfigured(cameras))
            yield self
        finally:
            self.inbox.stop()
            thread.join()

    def wait_until_ready(self):
        wait_until(lambda: self.watch.ready)

    def record(self, start_at, finish=True):
        """A clip of the camera, or its `.part` as a crash leaves it."""
        self.layout.recordings.mkdir(exist_ok=True)
        if not self.layout.recordings_mark.exists():
            self.layout.recordings_mark.write_text(json.dumps({"id": "mark"}))
        shelf = ClipStore(self.layout, self.folders, lambda: False)
        clip = shelf.begin(spec(VIDEO, PACKETS[0], start_at=start_at), PACKETS[0], None)
        for packet in PACKETS:
            clip.write(packet)
        if finish:
            return clip.close(ClipEnd(start_at + timedelta(seconds=2), ()))
        clip.writer.abandon()
        return clip
