"""A clip of which only the first writes reached the disk, or only a part of one."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.packets import BEGAN_AT, aac_sound, spec, video_packets
from tests.support.sent_and_recorded import fault_video, pictures_in
from tests.support.video import Encoded
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.clips.clip import ClipEnd
from vms_desktop.core.clips.clip_store import ClipStore
from vms_desktop.core.clips.folders import CameraFolders
from vms_desktop.core.clips.unbuffered_file import ClipFile
from vms_desktop.core.library.tree import recover_parts

SECONDS = 3
# In bytes: of the ordinary run a prime, so that cuts fall anywhere.
STEP = 97
EVERY_BYTE = pytest.param(1, marks=[pytest.mark.long, pytest.mark.timeout(1800)])


@dataclass(frozen=True, slots=True)
class Written:
    """One write of a clip: where, and what."""

    at: int
    data: bytes


@pytest.fixture(scope="module", params=["picture", "picture and sound"])
def writes(request, tmp_path_factory) -> list[Written]:
    """Every write of a clip, from its first byte to its last, as the disk was given them."""
    found: list[Written] = []
    given = ClipFile.write

    def noted(file, data):
        at = file.tell()
        size = given(file, data)
        found.append(Written(at, bytes(data)))
        return size

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClipFile, "write", noted)
        clip = recorded(Layout(tmp_path_factory.mktemp("whole")), "sound" in request.param)
    assert clip.read_bytes() == after(found)
    return found


def recorded(layout, has_sound) -> Path:
    """A clip as the program writes it."""
    video = _beginning(fault_video())
    pictures = video_packets(video)
    audio, sound = aac_sound(SECONDS) if has_sound else (None, [])
    layout.recordings.mkdir()
    layout.recordings_mark.write_text("{}")
    store = ClipStore(layout, CameraFolders(layout, lambda *_: None), lambda: False)
    packets = sorted([*pictures, *sound], key=lambda packet: packet.arrived)
    clip = store.begin(spec(video, pictures[0]), pictures[0], audio)
    for packet in packets:
        clip.write(packet)
    return clip.close(ClipEnd(BEGAN_AT, ())).path


def _beginning(video: Encoded) -> Encoded:
    count = SECONDS * video.fps
    return Encoded(video.units[:count], video.keyframes[:count], video.codec, 160, 96, video.fps)


def after(writes) -> bytes:
    """The file's bytes once these writes are done."""
    file = io.BytesIO()
    for write in writes:
        file.seek(write.at)
        file.write(write.data)
    return file.getvalue()


def cut_short(writes, step) -> Iterator[tuple[int, bytes]]:
    """The file after each write, and in the midst of it at every `step`th byte; how many were done.

    The eight bytes that closing goes back for lie within a sector: a disk has all or none.
    """
    for number, write in enumerate(writes):
        done = after(writes[:number])
        goes_back = write.at < len(done)
        for size in range(0, 1 if goes_back else len(write.data), step):
            if number or size:
                cut = Written(write.at, write.data[:size])
                file = io.BytesIO(done)
                file.seek(cut.at)
                file.write(cut.data)
                yield number, file.getvalue()
    yield len(writes), after(writes)


def fragments(writes) -> list[int]:
    """The numbers of those writes that are a fragment each."""
    return [number for number, write in enumerate(writes) if write.data[4:8] == b"moof"]


@pytest.fixture
def part(tmp_path) -> Path:
    folder = tmp_path / "recordings" / "Door" / "2026-11-22"
    folder.mkdir(parents=True)
    return folder / "14-31-03.part"


@pytest.fixture
def recover(part, tmp_path):
    """What the next start makes of a `.part` with these bytes: a clip, or none."""

    def run(data: bytes) -> Path | None:
        part.write_bytes(data)
        clips = recover_parts(Layout(tmp_path))
        assert not part.exists()
        return clips[0].path if clips else None

    return run


@pytest.fixture
def pictures_after(writes, tmp_path) -> list[int]:
    """How many pictures there are after each write, read of a file that ends there."""
    counts = []
    for done in range(len(writes) + 1):
        path = tmp_path / "until_there.mp4"
        path.write_bytes(after(writes[:done]))
        counts.append(len(pictures_in(path)) if done > fragments(writes)[0] else 0)
    return counts


@pytest.mark.parametrize("step", [STEP, EVERY_BYTE])
def test_of_a_clip_cut_anywhere_all_whole_fragments_are_recovered(
    writes, pictures_after, recover, step, tmp_path
):
    whole = list(range(SECONDS * 15))
    assert pictures_after[-1] == len(whole)
    # No fragment is longer than what a kill may cost.
    steps = [pictures_after[each + 1] - pictures_after[each] for each in fragments(writes)]
    assert all(1 <= each <= 7 for each in steps)
    cuts = 0
    for done, data in cut_short(writes, step):
        cuts += 1
        path = recover(data)
        found = pictures_in(path, may_be_torn=True) if path else []
        least = pictures_after[done]
        assert found[:least] == whole[:least], f"{len(found)} of {least}: cut at {len(data)} bytes"
        assert found == whole[: len(found)], f"cut behind {len(data)} bytes"
        if path:
            path.unlink()
        else:
            (aside,) = (tmp_path / "recordings" / ".unreadable").rglob("*.part")
            assert aside.read_bytes() == data
            aside.unlink()
    assert cuts > len(writes)
