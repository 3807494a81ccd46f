"""A library of clips whose frames carry their number, for the pages that play them."""

from datetime import datetime, timedelta
from functools import cache

from tests.support.library import at, put_file
from tests.support.video import clip_bytes, numbered
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.base.picture import Size
from vms_desktop.core.clips.clip import Clip, Trigger
from vms_desktop.core.clips.sidecar import write_sidecar

FPS = 15
SECONDS = 4
PRE_ROLL_S = 1


@cache
def _frames(first: int) -> bytes:
    return clip_bytes(
        FPS * SECONDS,
        fps=FPS,
        width=160,
        height=90,
        paint=lambda index, width, height: numbered(first + index, width, height),
    )


def record(
    layout: Layout,
    camera: int,
    start_at: datetime | str,
    first: int = 0,
    *,
    data: bytes | None = None,
    trigger: Trigger = Trigger.MOTION,
    name: str = "",
) -> Clip:
    """A clip of four seconds, its frames numbered from `first`; the event begins after one."""
    start_at = at(start_at) if isinstance(start_at, str) else start_at
    path = put_file(layout.clip_path(f"Camera_{camera}", start_at), data or _frames(first))
    clip = Clip(
        camera_id=f"cam{camera}",
        camera_name=name or f"Camera {camera}",
        path=path,
        start_at=start_at,
        end_at=start_at + timedelta(seconds=SECONDS),
        event_start_at=start_at + timedelta(seconds=PRE_ROLL_S),
        trigger=trigger,
        codec="H.264",
        size=Size(160, 90),
        size_bytes=path.stat().st_size,
    )
    write_sidecar(layout.sidecar_path(path), clip)
    return clip
