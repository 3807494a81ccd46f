"""Whatever a file holds: its clip is opened and read as far as it goes, or refused by kind."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st

from tests.support import material
from tests.support.bounds import bounded
from tests.support.properties import given
from tests.support.strategies import damaged, noise
from vms_desktop.core.base.errors import StreamError
from vms_desktop.core.base.picture import Size
from vms_desktop.core.media.mp4 import open_mp4, probe_file
from vms_desktop.core.media.old_sound import is_sound_mended, open_with_sound, sound_patch
from vms_desktop.core.media.sound_entry import mute_entry
from vms_desktop.core.media.thumbnail import read_thumbnail

# FFmpeg's packets are handed out as bytes of Python; what it holds itself is not counted.
LIMIT_BYTES = 2**23

files = st.one_of(damaged(material.mp4_files, 3), noise(200))


@given(data=files)
def test_boxes_are_found_or_not(data):
    with bounded(len(data)):
        entry = mute_entry(BytesIO(data))
    assert entry is None or data[entry.offset :].startswith(entry.data)
    if entry is not None:
        said = entry.saying(b"\x12\x10", 44_100, 2)
        assert said is None or len(said) == len(entry.data)


@given(data=files)
def test_a_clip_is_read_as_far_as_it_goes(data):
    with TemporaryDirectory() as folder, bounded(len(data), limit_bytes=LIMIT_BYTES):
        path = Path(folder) / "x.mp4"
        path.write_bytes(data)
        probed = probe_file(path)
        assert probed is None or (all(probed.size) and probed.duration_s >= 0)
        for opened in (open_mp4, open_with_sound):
            try:
                with opened(path) as file:
                    index = file.index()
                    assert 0 <= index.there <= index.told
                    assert index.length_us > 0
                    assert sum(packet.size for packet in file.packets()) < len(data) + 1
                    for _ in file.frames(at=0):
                        break
            except StreamError as err:
                assert folder not in f"{err!r}{vars(err)}"


@given(data=damaged(lambda: material.mp4_files()[2:], 2))
def test_a_patch_changes_its_place_alone(data):
    with bounded(len(data), limit_bytes=LIMIT_BYTES):
        patch = sound_patch(BytesIO(data))
        if patch is None:
            return
        end = patch.offset + len(patch.old)
        assert data[patch.offset : end] == patch.old
        mended = data[: patch.offset] + patch.new + data[end:]
        assert len(mended) == len(data)
        assert is_sound_mended(BytesIO(mended), patch)


@given(data=st.one_of(damaged(material.thumbnails, 3), noise(200)))
def test_a_thumbnail_is_shown_or_not(data):
    room = Size(160, 90)
    with TemporaryDirectory() as folder, bounded(len(data), limit_bytes=LIMIT_BYTES):
        path = Path(folder) / "x.jpg"
        path.write_bytes(data)
        found = read_thumbnail(path, room)
    assert found is None or (found.shape[1] >= room.width and found.shape[0] >= room.height)
