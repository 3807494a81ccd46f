"""Whatever comes or lies in the place of pictures: whole ones are shown, or an error told."""

from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import strategies as st

from tests.support import material
from tests.support.bounds import bounded
from tests.support.packets import HandClock, Hurried, camera
from tests.support.properties import given
from tests.support.strategies import cuts, damaged, noise, pieces_of
from tests.support.web_camera import SECRET, Web
from vms_desktop.core.base.errors import StreamError
from vms_desktop.core.config.address import network_address
from vms_desktop.core.stream.container_reader import ContainerReader, open_container
from vms_desktop.core.stream.ffmpeg_stream import LiveStream, open_options
from vms_desktop.core.stream.opener import StreamOpener
from vms_desktop.core.stream.packets.stream import VIDEO_CODECS, NotForUsError

# More than a reply's buffers and the decoder of a picture's head.
LIMIT_BYTES = 2**23
# A playlist that has not ended is waited for.
OPEN_S = 0.5


@given(
    replies=st.lists(st.one_of(damaged(material.http_replies), noise()), min_size=1, max_size=3),
    cuts=cuts,
)
def test_pictures_come_or_an_error(replies, cuts):
    asked = iter(replies)

    def answer(_asked):
        data = next(asked, b"")
        return [*((0.1, piece) for piece in pieces_of(data, cuts) if piece), (0, None)]

    with pytest.MonkeyPatch.context() as patch:
        web = Web(patch)
        with bounded(sum(map(len, replies)), limit_bytes=LIMIT_BYTES):
            try:
                with web.stream(web.camera(answer)) as stream:
                    for packet in islice(stream.packets(lambda: False), 30):
                        assert packet.is_keyframe
                        assert bytes(packet.data).startswith(b"\xff\xd8\xff")
            except StreamError as err:
                assert SECRET not in f"{err!r}{vars(err)}"
            except NotForUsError as err:
                assert SECRET not in repr(err)


def judged(stream):
    """The first packets of a stream, whose times grow; ended by no other error than its own."""
    last: dict[bool, int] = {}
    try:
        for packet in islice(stream.packets(lambda: False), 20):
            assert packet.dts > last.get(packet.is_video, -(1 << 62))
            last[packet.is_video] = packet.dts
    except StreamError:
        pass
    finally:
        stream.close()


films = st.one_of(
    *(damaged(partial(material.films, container), 3) for container in material.FILMS), noise()
)


@given(data=films)
def test_a_film_plays_as_far_as_it_goes(data):
    clock = HandClock()
    with TemporaryDirectory() as folder, bounded(len(data), limit_bytes=LIMIT_BYTES):
        Path(folder, "film").write_bytes(data)
        try:
            stream = StreamOpener(Path(folder), clock).open(camera(), "film", Hurried(clock))
        except StreamError as err:
            assert folder not in f"{err!r}{vars(err)}"
            return
        judged(stream)


@given(
    form=st.sampled_from(["flv", "hls"]),
    flv=damaged(partial(material.films, "flv"), 3),
    playlist=damaged(material.playlists, 3),
    segment=damaged(partial(material.films, "mpegts"), 2),
)
def test_what_ffmpeg_reads_of_a_camera_comes_with_times_or_an_error(form, flv, playlist, segment):
    address = network_address(f"{'rtmp' if form == 'flv' else 'http'}://10.0.0.9/live", "", "")
    named, options = open_options(address, camera(), verify=True)
    size_bytes = len(flv) + len(playlist) + len(segment)
    with TemporaryDirectory() as folder, bounded(size_bytes, limit_bytes=LIMIT_BYTES):
        Path(folder, "film.ts").write_bytes(segment)
        path = Path(folder, f"live.{'flv' if form == 'flv' else 'm3u8'}")
        path.write_bytes(flv if form == "flv" else playlist)
        options["protocol_whitelist"] = "file,crypto"
        opens = partial(
            open_container, f"file:{path}", named, options, (OPEN_S, OPEN_S), address.host
        )
        reader = ContainerReader(opens, address.host)
        try:
            container = reader.container(lambda: False, 4 * OPEN_S)
            stream = LiveStream(reader, container, HandClock(), VIDEO_CODECS, address.host)
        except StreamError as err:
            assert folder not in f"{err!r}{vars(err)}"
            return
        judged(stream)
