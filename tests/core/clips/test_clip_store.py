"""Clips on a real folder: claimed, written, named, described; on a full disk and without one."""

import errno
import os
import stat
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import av
import numpy as np
import pytest

from tests.support.library import marked_layout
from tests.support.packets import BEGAN_AT, CAMERA, camera, small, spec, video_packets
from tests.support.video import read_number
from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.clips import clip_store
from vms_desktop.core.clips.clip import ClipEnd
from vms_desktop.core.clips.clip_store import ClipStore
from vms_desktop.core.clips.folders import CameraFolders
from vms_desktop.core.clips.sidecar import read_sidecar
from vms_desktop.core.motion.detector import Motion

VIDEO = small(45)
PACKETS = video_packets(VIDEO)
START_AT = BEGAN_AT.astimezone()
END = ClipEnd(START_AT + timedelta(seconds=3), ())


@pytest.fixture
def layout(data_dir):
    return marked_layout(data_dir)


class Shelf:
    """A shelf and what it asked for."""

    def __init__(self, layout, make_room=lambda: False):
        self.moved: list[tuple[str, ...]] = []
        self.layout = layout
        self.book = CameraFolders(layout, lambda *args: self.moved.append(args))
        self.shelf = ClipStore(layout, self.book, make_room)

    def begin(self, start_at=START_AT, config=CAMERA):
        given = spec(VIDEO, PACKETS[0], config=config, start_at=start_at)
        return self.shelf.begin(given, PACKETS[0], None)

    def record(self, start_at=START_AT, config=CAMERA, end=END):
        clip = self.begin(start_at, config)
        write_all(clip)
        return clip.close(end)


@pytest.fixture
def shelf(layout):
    return Shelf(layout)


class SmallDisk:
    """`os.write` onto a disk that takes so many bytes and then refuses."""

    def __init__(self, monkeypatch, room, code=errno.ENOSPC):
        self.room, self.code = room, code
        self._write = os.write
        monkeypatch.setattr(os, "write", self.write)

    def write(self, descriptor, data):
        if self.room <= 0:
            raise OSError(self.code, os.strerror(self.code))
        taken = data[: self.room]
        self.room -= len(taken)
        return self._write(descriptor, taken)


def write_all(clip, packets=PACKETS):
    for packet in packets:
        clip.write(packet)


def numbers(path):
    """The pictures of a clip; a last packet that was cut off shows none."""
    found = []
    with av.open(str(path)) as container, suppress(av.InvalidDataError):
        for frame in container.decode(video=0):
            found.append(read_number(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)))
    return found


def names(layout):
    return sorted(path.name for path in layout.recordings.rglob("*-*-*.*"))


def test_a_clip_lies_where_the_layout_says_and_is_for_its_user_alone(shelf, layout):
    clip = shelf.record()
    assert clip.path == layout.clip_path("Front_door", START_AT)
    assert stat.S_IMODE(clip.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(clip.path.parent.stat().st_mode) == 0o700
    assert numbers(clip.path) == list(range(45))
    assert clip.size_bytes == clip.path.stat().st_size
    assert (clip.codec, clip.size) == ("h264", (160, 96))


def test_a_clip_is_a_part_until_it_is_whole(shelf, layout):
    clip = shelf.begin()
    assert clip.part is None
    clip.write(PACKETS[0])
    assert names(layout) == [f"{START_AT:%H-%M-%S}.part"]
    assert clip.part is not None
    assert stat.S_IMODE(clip.part.stat().st_mode) == 0o600
    write_all(clip, PACKETS[1:])
    clip.close(END)
    assert names(layout) == [f"{START_AT:%H-%M-%S}.mp4"]


def test_a_clip_is_synced_before_it_has_its_name_and_the_folder_after(shelf, monkeypatch):
    happened = []

    def noted(name, act):
        def do(*args):
            happened.append(name)
            return act(*args)

        return do

    monkeypatch.setattr(os, "fsync", noted("file", os.fsync))
    monkeypatch.setattr(clip_store.Path, "rename", noted("name", clip_store.Path.rename))
    monkeypatch.setattr(clip_store, "sync_folder", lambda _: happened.append("folder"))
    monkeypatch.setattr(clip_store, "write_sidecar", lambda *_: happened.append("side-car"))
    monkeypatch.setattr(shelf.book, "folder", lambda _: "Front_door")
    shelf.record()
    assert happened == ["file", "name", "folder", "side-car"]


def test_a_clip_tells_its_peak_and_has_its_side_car(shelf, layout):
    motions = tuple(
        Motion(at=at, since=at, boxes=(), area_px=area, threshold_px=1, cells=bytes(288))
        for at, area in ((0.5, 100.0), (1.5, 900.0), (2.5, 400.0))
    )
    clip = shelf.record(end=replace(END, motions=motions))
    assert clip.peak_at == START_AT + timedelta(seconds=1.5)
    assert clip.peak_area_px == 900
    known = read_sidecar(layout.sidecar_path(clip.path), clip.path)
    assert known is not None
    assert (known.camera_id, known.start_at, known.peak_at) == ("cam-1", START_AT, clip.peak_at)
    assert len(known.motions) == 3


def test_a_clip_without_motion_has_no_peak(shelf):
    clip = shelf.record()
    assert (clip.peak_at, clip.peak_area_px) == (None, 0)


def test_the_tags_say_whose_clip_it_is_and_when_it_began(shelf):
    clip = shelf.record(START_AT + timedelta(milliseconds=7))
    with av.open(str(clip.path)) as container:
        tags = container.metadata
    assert tags["camera_id"] == "cam-1"
    assert tags["camera_name"] == "Front door"
    assert tags["start_utc"] == "2026-03-02T12:00:00.007Z"


def test_two_clips_in_one_second_have_two_names(shelf, layout):
    first, second = shelf.begin(), shelf.begin()
    for packet in PACKETS[:20]:
        first.write(packet)
        second.write(packet)
    closed = [first.close(END), second.close(END), shelf.record()]
    stem = f"{START_AT:%H-%M-%S}"
    assert [clip.path.name for clip in closed] == [f"{stem}{end}.mp4" for end in ("", "-2", "-3")]


def test_nothing_is_written_where_the_recordings_mark_is_missing(shelf, layout):
    layout.recordings_mark.unlink()
    clip = shelf.begin()
    with pytest.raises(StorageError) as caught:
        write_all(clip)
    assert caught.value.kind is StorageProblem.MISSING
    assert clip.salvage(END) is None
    assert list(layout.recordings.iterdir()) == []


def test_a_disk_that_vanishes_while_a_clip_is_written_is_told(shelf, monkeypatch):
    clip = shelf.begin()
    clip.write(PACKETS[0])
    SmallDisk(monkeypatch, 0, errno.EIO)
    with pytest.raises(StorageError) as caught:
        write_all(clip, PACKETS[1:])
    assert caught.value.kind is StorageProblem.FAILING


def test_a_full_disk_makes_room_and_the_clip_goes_on_without_losing_a_byte(layout, monkeypatch):
    disk = SmallDisk(monkeypatch, 3_000)
    asked = []

    def make_room():
        asked.append(1)
        disk.room += 500
        return True

    clip = Shelf(layout, make_room).record()
    assert asked
    assert numbers(clip.path) == list(range(45))


def test_a_disk_that_stays_full_leaves_a_clip_that_is_whole_up_to_there(layout, monkeypatch):
    clip = Shelf(layout).begin()
    SmallDisk(monkeypatch, 3_000)
    with pytest.raises(StorageError) as caught:
        write_all(clip)
    assert caught.value.kind is StorageProblem.FULL
    saved = clip.salvage(END)
    assert saved.path.suffix == ".mp4"
    found = numbers(saved.path)
    assert len(found) >= 15
    assert found == list(range(len(found)))


@pytest.mark.parametrize("room", range(3_060, 3_110, 5))
def test_a_disk_that_is_full_within_a_fragments_head_costs_that_fragment_alone(
    layout, monkeypatch, room
):
    clip = Shelf(layout).begin()
    disk = SmallDisk(monkeypatch, room)
    with pytest.raises(StorageError):
        write_all(clip)
    assert disk.room == 0
    found = numbers(clip.salvage(END).path)
    assert len(found) >= 12
    assert found == list(range(len(found)))


@pytest.mark.parametrize("room", [0, 100, 1_000])
def test_a_disk_that_takes_no_picture_leaves_nothing_behind(layout, monkeypatch, room):
    clip = Shelf(layout).begin()
    SmallDisk(monkeypatch, room)
    with pytest.raises(StorageError):
        write_all(clip)
    assert clip.salvage(END) is None
    assert names(layout) == []


def test_a_clip_is_whole_without_a_side_car(shelf, layout):
    layout.thumbnails.write_text("a file where a folder should be")
    clip = shelf.record()
    assert numbers(clip.path) == list(range(45))


def test_a_clip_that_cannot_have_its_name_is_left_for_the_next_start(shelf, layout, monkeypatch):
    clip = shelf.begin()
    write_all(clip, PACKETS[:40])

    def refuse(*_):
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr(clip_store.Path, "rename", refuse)
    with pytest.raises(StorageError):
        clip.close(END)
    assert clip.salvage(END) is None
    assert names(layout) == [f"{START_AT:%H-%M-%S}.part"]


def test_a_clip_that_never_got_a_packet_leaves_nothing(shelf, layout):
    assert shelf.begin().salvage(END) is None
    assert names(layout) == []


def test_a_new_name_takes_the_folder_along_and_is_told(shelf, layout):
    shelf.record()
    later = START_AT + timedelta(seconds=9)
    clip = shelf.record(later, camera(name="Back door"))
    assert clip.path == layout.clip_path("Back_door", later)
    assert shelf.moved == [("cam-1", "Back_door")]
    assert len(list((layout.recordings / "Back_door").rglob("*.mp4"))) == 2
    assert not (layout.recordings / "Front_door").exists()
