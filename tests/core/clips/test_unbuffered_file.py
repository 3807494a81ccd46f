import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.clips.unbuffered_file import MAKE_ROOM_TRIES, ClipFile


class Disk:
    """`os.write` onto a disk that is full, or takes a little at a time."""

    def __init__(self, monkeypatch, room=0, at_once=1 << 30):
        self.room, self.at_once = room, at_once
        self._write = os.write
        monkeypatch.setattr(os, "write", self.write)

    def write(self, descriptor, data):
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = min(len(data), self.room, self.at_once)
        self.room -= count
        return self._write(descriptor, data[:count])


class Room:
    """Room that is promised whenever somebody asks for it."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> bool:
        self.asked += 1
        return True


@pytest.fixture
def make_file(tmp_path: Path) -> Iterator[Callable[..., ClipFile]]:
    files: list[ClipFile] = []

    def make(
        make_room: Callable[[], bool] = lambda: False, claims: list[int] | None = None
    ) -> ClipFile:
        def claim() -> tuple[int, Path]:
            if claims is not None:
                claims.append(1)
            path = tmp_path / f"{len(files)}.part"
            return os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), path

        files.append(ClipFile(claim, make_room))
        return files[-1]

    yield make
    for file in files:
        file.close()


def test_the_file_exists_from_its_first_byte_on(make_file):
    claims: list[int] = []
    file = make_file(claims=claims)
    assert file.path is None
    assert (file.tell(), file.seek(7), claims) == (0, 0, [])
    assert file.write(b"abc") == 3
    file.write(b"def")
    assert claims == [1]
    assert file.path is not None
    assert file.path.read_bytes() == b"abcdef"


def test_the_muxer_can_go_back(make_file):
    file = make_file()
    file.write(b"abcdef")
    assert file.seek(2) == 2
    file.write(b"X")
    assert file.tell() == 3
    assert file.seek(0, os.SEEK_END) == 6
    file.sync()
    assert file.path.read_bytes() == b"abXdef"


def test_what_the_system_takes_in_parts_is_written_whole(make_file, monkeypatch):
    Disk(monkeypatch, room=1000, at_once=3)
    file = make_file()
    assert file.write(bytes(range(100))) == 100
    assert file.path.read_bytes() == bytes(range(100))


def test_a_full_disk_is_asked_for_room_and_goes_on_with_the_same_bytes(make_file, monkeypatch):
    disk = Disk(monkeypatch, room=5)
    asked = []

    def make_room():
        asked.append(1)
        disk.room += 4
        return True

    file = make_file(make_room)
    file.write(b"0123456789abc")
    assert file.path.read_bytes() == b"0123456789abc"
    assert len(asked) == 2


def test_a_disk_without_room_is_given_up(make_file, monkeypatch):
    Disk(monkeypatch)
    with pytest.raises(OSError, match="No space"):
        make_file(lambda: False).write(b"abc")


def test_room_that_is_promised_and_never_comes_is_not_waited_for_for_ever(make_file, monkeypatch):
    Disk(monkeypatch)
    room = Room()
    with pytest.raises(OSError, match="No space"):
        make_file(room).write(b"abc")
    assert room.asked == MAKE_ROOM_TRIES


def test_a_disk_too_full_for_the_name_is_asked_for_room_too(tmp_path):
    room = Room()

    def claim() -> tuple[int, Path]:
        if not room.asked:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.open(tmp_path / "a", os.O_CREAT | os.O_RDWR), tmp_path / "a"

    file = ClipFile(claim, room)
    file.write(b"abc")
    file.close()
    assert (tmp_path / "a").read_bytes() == b"abc"


def test_another_failure_asks_for_no_room(make_file, monkeypatch):
    def broken(descriptor, data):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "write", broken)
    room = Room()
    with pytest.raises(OSError, match="Input/output"):
        make_file(room).write(b"abc")
    assert not room.asked


def test_a_closed_file_never_writes_into_another_ones_descriptor(make_file, tmp_path):
    file = make_file()
    lowest = os.dup(0)  # The system gives the lowest number that is free.
    os.close(lowest)
    file.write(b"abc")
    file.close()
    other = os.open(tmp_path / "other", os.O_CREAT | os.O_RDWR)
    assert other == lowest
    with pytest.raises(OSError, match="Bad file descriptor"):
        file.write(b"xyz")
    assert (file.seek(0), file.tell()) == (0, 0)
    file.close()
    os.write(other, b"own")
    os.close(other)
    assert (tmp_path / "other").read_bytes() == b"own"


def test_a_file_knows_whether_it_holds_more_than_a_header(make_file):
    file = make_file()
    file.write(b"....ftypisom....moov....")
    assert not file.has_pictures
    file.write(b"....moof....mdat")
    file.write(b"....")
    assert file.has_pictures


def test_a_file_that_a_full_disk_does_not_let_begin_asks_for_room_too(tmp_path):
    room = Room()

    def claim() -> tuple[int, Path]:
        if not room.asked:
            raise StorageError(StorageProblem.FULL)
        path = tmp_path / "a.part"
        return os.open(path, os.O_CREAT | os.O_RDWR, 0o600), path

    file = ClipFile(claim, room)
    file.write(b"abc")
    file.close()
    assert room.asked == 1
    assert (tmp_path / "a.part").read_bytes() == b"abc"


def test_a_file_is_closed_once_even_where_closing_fails(make_file, monkeypatch):
    file = make_file()
    file.write(b"abc")
    close, closed = os.close, []

    def failing(descriptor):
        closed.append(descriptor)
        close(descriptor)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "close", failing)
    with pytest.raises(OSError):  # noqa: PT011 - the system's own word
        file.close()
    file.close()
    assert len(closed) == 1
