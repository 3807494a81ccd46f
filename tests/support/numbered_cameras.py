"""Cameras for hours: many in one thread, each picture with its number, faults on order.

A camera sends pictures that were encoded beforehand. Before each stands an SEI of its
own (H.264, D.1.7, user data without registration): camera, stream, number, and the CRC of
the picture, in plain letters. Whoever reads a file finds them there with any reader.
"""

import asyncio
import hashlib
import re
import secrets
import socket
import struct
import time
from base64 import b64encode
from binascii import crc32
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.support.camera_entries import always
from tests.support.fakes import nal_units
from tests.support.h264 import SLICES
from tests.support.video import encode, still

FPS = 10
GOP = 10
LOOP = 6 * GOP
STEP = 90_000 // FPS
MARK = b"vms-desktop-soak"
# What a camera holds back for a reader that does not read, before it leaves pictures out.
MOST_UNSENT_BYTES = 1_000_000
RTP_PAYLOAD_BYTES = 1400
# 100 ms of silence in G.711 A-law.
SOUND = b"\xd5" * 800
REALM = "soak"
_SETS = (7, 8)
# SD and HD, each with what a camera's settings may change: nothing, the sets, the size.
SIZES = {
    "sd": ((160, 96, 41), (160, 96, 38), (176, 144, 41)),
    "hd": ((240, 144, 41), (240, 144, 38), (320, 176, 41)),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A picture: what leads it, and its slice."""

    sets: tuple[bytes, ...]
    slice: bytes
    crc: int


@dataclass(frozen=True, slots=True)
class Told:
    """What a recorded picture says of itself."""

    camera: int
    stream: str
    number: int
    crc: int


_TEXT = re.compile(rb"camera=(\d+) stream=(\w+) picture=(\d+) crc=([0-9a-f]{8}) at=\d+;")


@cache
def film(width: int, height: int, rate_factor: int) -> tuple[Unit, ...]:
    """A loop of pictures; `rate_factor` is part of the picture parameter set."""
    params = f"crf={rate_factor}"
    video = encode(LOOP, width=width, height=height, fps=FPS, gop=GOP, paint=still, params=params)
    return tuple(_unit(unit) for unit in video.units)


def _unit(unit: bytes) -> Unit:
    nals = nal_units(unit)
    sets = tuple(nal for nal in nals if nal[0] & 31 in _SETS)
    (one,) = (nal for nal in nals if nal[0] & 31 in SLICES)
    return Unit(sets, one, crc32(one))


def sei(camera: int, stream: str, number: int, crc: int) -> bytes:
    """The NAL unit that says which picture this is."""
    at = round(time.time() * 1000)
    text = f"camera={camera} stream={stream} picture={number} crc={crc:08x} at={at};"
    payload = MARK + text.encode()
    return bytes((6, 5, len(payload))) + payload + b"\x80"


def told(nals: Iterable[bytes]) -> Told | None:
    """What the NAL units of a picture say of it; None where they say nothing."""
    for nal in nals:
        if nal[0] & 31 == 6 and (found := _TEXT.search(nal)):
            camera, stream, number, crc = found.groups()
            return Told(int(camera), stream.decode(), int(number), int(crc, 16))
    return None


@dataclass(eq=False)
class Client:
    """A connection."""

    writer: asyncio.StreamWriter
    stream: str = "sd"
    is_playing: bool = False
    waits_for_key: bool = True
    channels: dict[str, int] = field(default_factory=dict)
    sequence: Counter[str] = field(default_factory=Counter)
    nonce: str = field(default_factory=lambda: secrets.token_hex(8))

    def reset(self) -> None:
        """End it by RST."""
        with suppress(OSError):
            taken = self.writer.get_extra_info("socket")
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Camera:
    """One camera with its streams; everything happens in the loop that opened it.

    Attributes:
        port: Where it listens, the same all its life.
        refuses: It takes no password, not the right one either.
        is_mute: Its sound has stopped.
        variant: Which of `SIZES` it sends, from the next keyframe on.
        shift: By how many ticks its timestamps are off.
        counts: What it did: `plays`, `sent`, `withheld`, `refused`, `left_out`, `changed` …
    """

    def __init__(self, number: int, *, has_hd: bool, has_sound: bool) -> None:
        self.number = number
        self.has_hd = has_hd
        self.has_sound = has_sound
        self.password = f"soak-{number}-{secrets.token_hex(4)}"
        self.port = 0
        self.refuses = self.is_mute = False
        self.variant = 0
        self.shift = secrets.randbits(32)
        self.stray = 0
        self.counts: Counter[str] = Counter()
        self._films = {stream: [film(*size) for size in sizes] for stream, sizes in SIZES.items()}
        self._sent_variant = 0
        self._awake = asyncio.Event()
        self._awake.set()
        self._clients: set[Client] = set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def url(self, stream: str) -> str:
        """The address of a stream, without its login."""
        return f"rtsp://127.0.0.1:{self.port}/{stream}"

    def entry(self, name: str) -> dict[str, Any]:
        """The camera in `cameras.json`, recorded at all times."""
        url_hd = self.url("hd") if self.has_hd else ""
        login = {"username": "watchman", "password": self.password}
        return always(self.url("sd"), name=name, url_hd=url_hd, **login)

    @property
    def playing(self) -> int:
        """How many connections are sent pictures."""
        return sum(client.is_playing for client in self._clients)

    @property
    def connections(self) -> int:
        return len(self._clients)

    async def listen(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def refuse(self) -> None:
        """Close the port."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def hang_up(self) -> int:
        """Reset every connection; how many there were."""
        clients = list(self._clients)
        for client in clients:
            client.reset()
        return len(clients)

    def fall_silent(self) -> None:
        """Send nothing and answer nothing, all connections standing."""
        self._awake.clear()

    def wake(self) -> None:
        """Answer what was asked meanwhile, and send again."""
        self._awake.set()

    def send(self, number: int) -> None:
        """Send the picture that is due to whoever plays."""
        is_key = number % GOP == 0
        if is_key and self._sent_variant != self.variant:
            self._sent_variant = self.variant
            self.counts["changed"] += self.playing
        if not self._awake.is_set():
            self.counts["withheld"] += self.playing
            for client in self._clients:
                client.waits_for_key = True
            return
        stamp = (number * STEP + self.shift + self.stray) % 2**32
        for client in self._clients:
            if client.is_playing:
                self._send_to(client, number, stamp, is_key=is_key)
        self.stray = 0

    def _send_to(self, client: Client, number: int, stamp: int, *, is_key: bool) -> None:
        if client.writer.transport.get_write_buffer_size() > MOST_UNSENT_BYTES:
            client.waits_for_key = True
            self.counts["left_out"] += 1
            return
        if client.waits_for_key and not is_key:
            return
        client.waits_for_key = False
        unit = self._films[client.stream][self._sent_variant][number % LOOP]
        about = sei(self.number, client.stream, number, unit.crc)
        nals = [*unit.sets, about, unit.slice]
        packets = [
            self._packet(client, "video", 96, payload, stamp, is_last=is_last)
            for payload, is_last in _payloads(nals)
        ]
        if "audio" in client.channels:
            packets += self._sound(client, number)
        client.writer.write(b"".join(packets))
        self.counts["sent"] += 1

    def _sound(self, client: Client, number: int) -> list[bytes]:
        if self.is_mute:
            self.counts["sound_withheld"] += 1
            return []
        stamp = number * len(SOUND) % 2**32
        return [self._packet(client, "audio", 8, SOUND, stamp, is_last=False)]

    def _packet(
        self, client: Client, track: str, kind: int, payload: bytes, stamp: int, *, is_last: bool
    ) -> bytes:
        sequence = client.sequence[track]
        client.sequence[track] = (sequence + 1) % 2**16
        head = struct.pack(">BBHII", 0x80, is_last << 7 | kind, sequence, stamp, 0x50A0 + kind)
        size = len(head) + len(payload)
        return struct.pack(">cBH", b"$", client.channels[track], size) + head + payload

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(writer)
        self._clients.add(client)
        try:
            while True:
                await self._answer(client, await _request(reader))
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # The client has gone, or was hung up.
        finally:
            self._clients.discard(client)
            writer.close()

    async def _answer(self, client: Client, request: "Request") -> None:
        await self._awake.wait()
        status, headers, body = self._reply(client, request)
        lines = [f"RTSP/1.0 {status}", f"CSeq: {request.headers.get('cseq', '0')}", *headers]
        if body:
            lines += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        client.writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        if request.method == "TEARDOWN":
            raise ConnectionResetError
        if request.method == "PLAY" and status.startswith("200"):
            client.is_playing = True
            self.counts["plays"] += 1

    def _reply(self, client: Client, request: "Request") -> tuple[str, list[str], str]:
        if request.method in ("DESCRIBE", "SETUP", "PLAY"):
            is_right = _is_right(request, client.nonce, self.password)
            self.counts["refused"] += is_right and self.refuses
            if not is_right or self.refuses:
                asks = f'WWW-Authenticate: Digest realm="{REALM}", nonce="{client.nonce}"'
                return "401 Unauthorized", [asks], ""
        if request.method == "DESCRIBE":
            client.stream = request.url.rpartition("/")[2]
            return "200 OK", [f"Content-Base: {request.url}/"], self._sdp(client.stream)
        if request.method == "SETUP":
            return self._set_up(client, request)
        known = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"
        return "200 OK", [known, "Session: 1;timeout=60"], ""

    def _set_up(self, client: Client, request: "Request") -> tuple[str, list[str], str]:
        transport = request.headers.get("transport", "")
        found = re.search(r"interleaved=(\d+)", transport)
        if not found:
            return "461 Unsupported Transport", [], ""
        track = "audio" if request.url.endswith("audio") else "video"
        client.channels[track] = int(found[1])
        return "200 OK", [f"Transport: {transport}", "Session: 1;timeout=60"], ""

    def _sdp(self, stream: str) -> str:
        sets = self._films[stream][self._sent_variant][0].sets
        sprop = ",".join(b64encode(each).decode() for each in sets)
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=soak", "t=0 0", "a=control:*"]
        lines += ["m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000"]
        lines += [f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={sprop}"]
        lines += ["a=control:video"]
        if self.has_sound:
            lines += ["m=audio 0 RTP/AVP 8", "a=rtpmap:8 PCMA/8000", "a=control:audio"]
        return "\r\n".join(lines) + "\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """An RTSP request; the names of its headers are in small letters."""

    method: str
    url: str
    headers: dict[str, str]


async def _request(reader: asyncio.StreamReader) -> Request:
    """The next request, past the RTCP that the client sends."""
    while (first := await reader.readexactly(1)) == b"$":
        head = await reader.readexactly(3)
        await reader.readexactly(int.from_bytes(head[1:]))
    text = (first + await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace")
    line, *lines = text.strip().split("\r\n")
    method, url, _ = line.split(" ")
    pairs = (each.partition(":") for each in lines)
    return Request(method, url, {name.lower(): value.strip() for name, _, value in pairs})


def _is_right(request: Request, nonce: str, password: str) -> bool:
    """Whether a request knows the password (Digest, RFC 2617, without quality)."""
    given = dict(re.findall(r'(\w+)="([^"]*)"', request.headers.get("authorization", "")))
    if given.get("nonce") != nonce:
        return False
    who = _md5(f"{given.get('username', '')}:{REALM}:{password}")
    what = _md5(f"{request.method}:{given.get('uri', '')}")
    return given.get("response") == _md5(f"{who}:{nonce}:{what}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _payloads(nals: list[bytes]) -> Iterable[tuple[bytes, bool]]:
    """What goes into each RTP packet (RFC 6184), and whether it is the picture's last."""
    for place, nal in enumerate(nals):
        is_last = place == len(nals) - 1
        if len(nal) <= RTP_PAYLOAD_BYTES:
            yield nal, is_last
            continue
        starts = range(1, len(nal), RTP_PAYLOAD_BYTES)
        for start in starts:
            begins, ends = start == 1, start == starts[-1]
            head = bytes(((nal[0] & 0xE0) | 28, begins << 7 | ends << 6 | nal[0] & 31))
            yield head + nal[start : start + RTP_PAYLOAD_BYTES], is_last and ends
