"""The room of an export: how large its files may become, and how much is still missing."""

from pathlib import Path

import psutil

from vms_desktop.core.base import StorageError, disk_usage
from vms_desktop.core.export.plan import FilePlan

# FAT32 counts a file's bytes in 32 bits.
FAT_LIMIT_BYTES = 2**32 - 1
# The names that Linux, macOS and Windows have for it, in small letters.
_FAT = frozenset({"vfat", "msdos", "fat", "fat32"})
# Of a limit: an index grows with the packets, and pictures are not all of one size.
MARGIN = 0.97


def file_limit(folder: Path) -> int | None:
    """The bytes that a file may have there; None where nothing says that there is a limit."""
    try:
        real = folder.resolve()
        disks = {Path(each.mountpoint): each.fstype for each in psutil.disk_partitions(all=True)}
    except OSError:
        return None
    kind = next((disks[path] for path in (real, *real.parents) if path in disks), "")
    return FAT_LIMIT_BYTES if kind.lower() in _FAT else None


def fitting_us(plan: FilePlan, limit_bytes: int | None) -> int:
    """The part of a file, by what its clips take, that stays below a limit; all where it does."""
    if limit_bytes is None or plan.size_bytes <= limit_bytes * MARGIN:
        return plan.length_us
    return max(1, int(plan.length_us * MARGIN * limit_bytes / plan.size_bytes))


def missing_bytes(folder: Path, plans: tuple[FilePlan, ...], written: tuple[int, int]) -> int:
    """About how much room is missing for the rest of an export; 0 where that is not known.

    Args:
        plans: Their first one was being written.
        written: The bytes of it, and how many of its µs they held.
    """
    first, (size_bytes, length_us) = plans[0], written
    wanted = sum(plan.size_bytes for plan in plans)
    if first.encode and length_us and first.size_bytes:
        # What is encoded anew is larger or smaller than its clips, later by the same factor.
        wanted = wanted * size_bytes * first.length_us // (length_us * first.size_bytes)
    try:
        usage = disk_usage(folder)
    except StorageError:
        return 0
    return max(0, wanted - usage.free) if usage.total else 0
