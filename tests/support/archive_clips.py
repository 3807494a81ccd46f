"""Clips as the index knows them, for the tests of gallery and archives."""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from PySide6.QtGui import QColor, QImage

from vms_desktop.core.base.layout import Layout, folder_name
from vms_desktop.core.base.picture import Size
from vms_desktop.core.clips.clip import Trigger
from vms_desktop.core.index.index import IndexedClip


def indexed(
    layout: Layout,
    time: str,
    *,
    camera: str = "Alley",
    seconds: float = 44,
    day: str = "2026-11-22",
    zone: timezone | None = None,
    **fields: Any,
) -> IndexedClip:
    """A clip that begins at `HH:MM:SS`, local time unless a zone is given."""
    start = datetime.fromisoformat(f"{day} {time}").replace(tzinfo=zone)
    start = start if zone else start.astimezone()
    path = layout.clip_path(folder_name(camera), start)
    values: dict[str, Any] = {
        "path": layout.archive_path(path) if fields.get("is_archived") else path,
        "folder": folder_name(camera),
        "camera_id": f"id-{camera}",
        "camera_name": camera,
        "start_at": start,
        "end_at": start + timedelta(seconds=seconds),
        "event_start_at": start,
        "trigger": Trigger.MOTION,
        "codec": "h264",
        "size": Size(1280, 720),
        "size_bytes": 20_000_000,
    }
    return IndexedClip(**values | fields)


def put_thumbnail(path: Path, colour: str = "red") -> None:
    """A thumbnail in one colour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = QImage(320, 180, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    image.save(str(path))
