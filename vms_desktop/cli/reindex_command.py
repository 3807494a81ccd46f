"""`vms-desktop --reindex`: the library's index made anew from the tree, then the end."""

import sqlite3
import sys
from argparse import Namespace
from contextlib import ExitStack, closing
from time import monotonic

from vms_desktop.app.data_folder import FolderInUseError, data_folder, folder_lock
from vms_desktop.core.base import Clock, Layout, StorageError, make_private
from vms_desktop.core.config import Settings, SettingsStore
from vms_desktop.core.index import ClipIndexWriter, discard_index, scan_tree


def reindex(options: Namespace) -> int:
    """Rebuild the index; the exit code. Nothing but the index is written."""
    folder = data_folder(options.data_dir)
    home = Layout(folder)
    with ExitStack() as stack:
        try:
            make_private(folder)
            stack.enter_context(folder_lock(home.lock_file))
            settings = SettingsStore(home.settings_json, home.backups).load().settings
            layout = Layout(folder, settings.recordings_root)
            if not _is_there(layout, settings):
                print(f"vms-desktop: no recordings in {layout.recordings}", file=sys.stderr)
                return 1
            discard_index(layout.index_file)
            index = stack.enter_context(closing(ClipIndexWriter(layout.index_file, layout)))
            return _rebuild(index)
        except FolderInUseError:
            print(f"vms-desktop: already running with {folder}", file=sys.stderr)
        except (OSError, StorageError, sqlite3.Error) as err:
            print(f"vms-desktop: cannot index {folder}: {err}", file=sys.stderr)
    return 1


def _is_there(layout: Layout, settings: Settings) -> bool:
    """True if it is the folder that the settings remember, not an empty mount point."""
    if settings.recordings_mark and not layout.recordings_mark.exists():
        return False
    return layout.recordings.is_dir()


def _rebuild(index: ClipIndexWriter) -> int:
    began, shown = monotonic(), sys.stderr.isatty()
    for step in scan_tree(index, Clock().now()):
        if shown:
            print(f"\r{step.done}/{step.total}", end="", file=sys.stderr, flush=True)
    if shown:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    folders = len(index.folders())
    print(f"{index.count()} clips of {folders} cameras, {monotonic() - began:.1f} s", flush=True)
    return 0
