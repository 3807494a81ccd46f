"""The end of a clip that was cut short: readers are led past what is no whole head of a fragment.

Knows the boxes of an MP4 (ISO/IEC 14496-12) and nothing of what is in them.
"""

import os
from pathlib import Path
from typing import IO

_HEAD_BYTES = 8
_LONG_HEAD_BYTES = 16


def pass_over_torn_end(path: Path) -> bool:
    """Have readers pass over a torn head at the end of a clip; whether there was one.

    A full disk or a power cut ends a file anywhere. Where that is within the head of a
    fragment (`moof`), or within the index that closing adds, FFmpeg refuses the whole
    file; called `free`, the rest is skipped, and no byte but its name and size has
    changed. A fragment that is torn in its pictures is read up to there and stays as it
    is, and so does a file without any whole fragment.

    Raises:
        OSError: The disk's word.
    """
    with path.open("r+b", buffering=0) as file:
        torn = _torn_head(file, os.fstat(file.fileno()).st_size)
        if torn is None:
            return False
        at, rest_bytes = torn
        file.seek(at)
        file.write(rest_bytes.to_bytes(4) + b"free")
        return True


def _torn_head(file: IO[bytes], size_bytes: int) -> tuple[int, int] | None:
    """Where the last box begins and how many bytes of it there are, if it is a torn head."""
    at, has_pictures = 0, False
    while size_bytes - at >= _HEAD_BYTES:
        file.seek(at)
        head = file.read(_LONG_HEAD_BYTES)
        box_bytes, kind = int.from_bytes(head[:4]), head[4:8]
        if box_bytes == 1:  # Its size stands behind its name.
            box_bytes = int.from_bytes(head[8:])
        if box_bytes < _HEAD_BYTES:
            return None
        if at + box_bytes > size_bytes:
            is_torn_head = has_pictures and kind != b"mdat"
            return (at, size_bytes - at) if is_torn_head else None
        has_pictures |= kind == b"mdat"
        at += box_bytes
    return None
