"""A camera that speaks RTSP over a wire, word by word, and what it sends."""

import itertools
from base64 import b64encode

from tests.support.fakes import nal_units
from tests.support.video import encode
from tests.support.wire import Wire, framed, reply, rtp
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.inbox import Inbox
from vms_desktop.core.config.address import network_address
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.stream.network.habits import Habits
from vms_desktop.core.stream.network.turns import Turns
from vms_desktop.core.stream.packets.patience import Patience
from vms_desktop.core.stream.rtsp import connection
from vms_desktop.core.stream.rtsp.opening import open_rtsp

URL = "rtsp://10.0.0.9:554/live"
SECRET = "s3cr3t"
FPS = 15
VIDEO = encode(30, width=160, height=96, fps=FPS)
STEP = 90_000 // FPS
PUBLIC = {"Public": "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER"}
SETS = [nal for nal in nal_units(VIDEO.units[0]) if nal[0] & 31 in (7, 8)]
PICTURE = ["m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=control:video"]
SPROP = f"a=fmtp:96 sprop-parameter-sets={','.join(b64encode(each).decode() for each in SETS)}"
SOUND = ["m=audio 0 RTP/AVP 8", "a=control:audio"]
AAC = ["m=audio 0 RTP/AVP 97", "a=rtpmap:97 MPEG4-GENERIC/16000", "a=control:audio"]


def never():
    return False


def sdp(*lines, control="*"):
    head = ["v=0", "o=- 1 1 IN IP4 10.0.0.9", "s=Porch", "t=0 0", f"a=control:{control}"]
    return "\r\n".join([*head, *lines, ""])


class Scripted:
    """What a camera answers, by the method, as a function that a wire asks.

    Each answer is bytes, or a list of them to be used in turn.
    """

    def __init__(self, *lines, **answers):
        self.answers = {
            "DESCRIBE": reply(200, {}, sdp(*(lines or (*PICTURE, SPROP)))),
            "SETUP": reply(200, {"Session": "77;timeout=60"}),
            **answers,
        }

    def __call__(self, asked):
        given = self.answers.get(asked.method, reply(200, PUBLIC))
        return given.pop(0) if isinstance(given, list) else given


class Dial:
    """Opens streams over a wire to a scripted camera; `wire` is that of the last one.

    `habits` are what the connections of this test have shown of the camera.
    """

    def __init__(self, monkeypatch):
        self._monkeypatch = monkeypatch
        self.wire = None
        self.opened = []
        self.habits = Habits()

    def __call__(self, camera, *, path="/live", stopped=never, clock=None, limit_s=2.0):
        self.wire = wire = Wire(camera)
        self._monkeypatch.setattr(connection, "open_socket", lambda *_, **__: wire)
        stream = open_rtsp(
            network_address(f"rtsp://10.0.0.9:554{path}", "me", SECRET),
            stopped,
            clock or Clock(),
            Turns(1, 5.0).turn(stopped),
            verify=True,
            patience=Patience(answer_s=limit_s),
            habits=self.habits,
        )
        self.opened.append(stream)
        return stream, wire


def payloads(unit):
    """Each unit of a picture in a packet of its own."""
    units = nal_units(unit)
    return [(nal, index == len(units) - 1) for index, nal in enumerate(units)]


def feed(wire, units, *, channel=0, start=0, sequence=0):
    """Pictures as they come, a fifteenth of a second apart in RTP's time."""
    for index, unit in enumerate(units):
        for nal, is_last in payloads(unit):
            packet = rtp(nal, sequence, start + index * STEP, marker=is_last)
            wire.feed(framed(channel, packet))
            sequence += 1


def taken(stream, count):
    return list(itertools.islice(stream.packets(never), count))


def opens(opener, url, inbox=None, **changes):
    return opener.open(
        CameraConfig(id="1", name="Door", url_sd=url, **changes), url, inbox or Inbox()
    )
