"""Whatever comes over HTTP in the place of pictures: whole ones are shown, or an error told."""

from itertools import islice

import pytest
from hypothesis import strategies as st

from tests.support import material
from tests.support.bounds import bounded
from tests.support.properties import given
from tests.support.strategies import cuts, damaged, noise, pieces_of
from tests.support.web_camera import SECRET, Web
from vms_desktop.core.base.errors import StreamError
from vms_desktop.core.stream.packets.stream import NotForUsError

# More than a reply's buffers and the decoder of a picture's head.
LIMIT_BYTES = 2**23


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
