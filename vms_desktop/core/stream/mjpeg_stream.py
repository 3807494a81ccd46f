"""Pictures over HTTP, one JPEG after the other, read by this program itself.

FFmpeg believes boundaries and lengths that cameras get wrong, plays bare pictures at 25 a
second, and takes a still for a film that has ended. Here a picture is what `JpegFinder` finds,
at the moment at which it comes. A reply that ends is asked for again: a still is polled.
"""

from collections.abc import Callable, Iterator
from itertools import chain

import av

from vms_desktop.core.base import Clock, Problem, StreamError
from vms_desktop.core.config import NetworkAddress
from vms_desktop.core.stream.bitstream import Jpeg, JpegFinder
from vms_desktop.core.stream.network import REFUSAL_KINDS, HttpConnection, HttpReply, Stopped
from vms_desktop.core.stream.packets import (
    ARRIVAL_TIME_BASE,
    AvPacket,
    NotForUsError,
    Packet,
    Patience,
    Silence,
    Stream,
    VideoFacts,
)

# How often a still is asked for: as motion needs it, and as a small camera can bear it.
POLL_S = 0.5
REST_SHARE = 0.5
# A camera that takes long to answer is left in peace for so much of the time that it took.
MOST_REST_S = 2.0
# A still that has not changed is passed on no oftener: clips and events go on with it.
REPEATED_S = 0.9
# So many replies or pictures in a row that are none are no accident.
MOST_BARREN = 5
NOISE_BYTES = 1024
# More than stands between two pictures; where none has begun by then, there is none.
NOISE_S = 4.0

_PICTURES = ("multipart/", "image/jpeg", "image/jpg", "image/pjpeg")
_SIGNS = (b"\xff\xd8\xff", b"--")
_PAGES = (b"<!doctype html", b"<html")
_SIGN_BYTES = max(map(len, _PAGES))


def open_mjpeg(
    address: NetworkAddress,
    stopped: Stopped,
    clock: Clock,
    rest: Callable[[float], object],
    *,
    verify: bool,
    patience: Patience,
) -> "MjpegStream":
    """Ask a camera for its pictures, and wait for the first one.

    `rest` waits for so many seconds, or until the end is asked for. It takes no handshake slot:
    one request is all there is to it, and a slow camera delays none.

    Raises:
        StreamError: It could not be opened.
        NotForUsError: What is there is no JPEG, but may be something for FFmpeg.
    """
    connection = HttpConnection(address, stopped, clock, patience, verify=verify)
    try:
        source = PictureSource(connection, clock, rest)
        return MjpegStream(source, source.first(), clock, address.host)
    except BaseException as err:
        connection.close()
        is_elsewhere = isinstance(err, StreamError) and err.kind is Problem.REDIRECTED
        if is_elsewhere and not address.password:
            raise NotForUsError(err) from None  # There is nothing to protect.
        raise


class MjpegStream(Stream):
    """Pictures as they come, each a keyframe; one of another size begins another timeline."""

    def __init__(self, source: "PictureSource", first: Jpeg, clock: Clock, host: str) -> None:
        facts = VideoFacts(
            codec="mjpeg",
            size=first.size,
            time_base=ARRIVAL_TIME_BASE,
            frame_rate=1 / POLL_S if source.is_still else 0.0,
        )
        super().__init__(facts, None, clock, host, may_rest=False, on_arrival=True)
        self._source = source
        self._first = first
        self._size = self._last_size = first.size

    def close(self) -> None:
        self._source.close()

    def _read(self, stopped: Stopped) -> Iterator[tuple[AvPacket, bool]]:
        for jpeg in chain([self._first], self._source.pictures(stopped)):
            self.dropped = self._source.dropped
            self._size = jpeg.size
            packet = av.Packet(jpeg.data)
            packet.is_keyframe = True
            yield packet, True

    def _take(self, data: AvPacket, is_video: bool, now: float, read_at: float) -> Packet | None:
        packet = super()._take(data, is_video, now, read_at)
        # However far apart they are, times of arrival are right.
        breaks = self._size != self._last_size
        self._last_size = self._size
        return packet and packet._replace(breaks=breaks)


class PictureSource:
    """The pictures behind an address: those of a reply, and of the next once it has ended.

    Owned by one thread.

    Attributes:
        is_still: Whether the first reply said how long it is, as one picture can.
    """

    def __init__(
        self, connection: HttpConnection, clock: Clock, rest: Callable[[float], object]
    ) -> None:
        self.is_still = False
        self._is_polled = False
        self._connection = connection
        self._clock = clock
        self._rest = rest
        self._finder = JpegFinder()
        self._silence = Silence(clock.monotonic())
        self._asked_at = self._came_at = self._passed_at = clock.monotonic()
        self._coming: Iterator[Jpeg] = iter(())
        self._last = b""

    @property
    def dropped(self) -> int:
        """Pictures that were not whole."""
        return self._finder.dropped

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def first(self) -> Jpeg:
        """Ask, and wait for a picture.

        Raises:
            StreamError: There is none.
            NotForUsError: There may be one, for FFmpeg.
        """
        try:
            reply = self._ask()
            chunks = self._hopeful(_looked_at(reply, self._connection))
            self._coming = self._pictures(reply, chunks)
            first = next(self._coming, None)
        except StreamError as err:
            if err.kind is Problem.TIMED_OUT and self._is_noise:
                raise self._connection.error(Problem.NO_VIDEO) from None
            raise
        if first is None:
            has_none = self._finder.noise_bytes and not self._finder.dropped
            raise self._connection.error(Problem.NO_VIDEO if has_none else Problem.BAD_DATA)
        self.is_still = reply.length is not None
        self._note(first)
        return first

    def pictures(self, stopped: Stopped) -> Iterator[Jpeg]:
        """The pictures after the first one, without end.

        Raises:
            StreamError: The camera fell silent, refuses, or sends something else.
        """
        barren = 0
        self._expect()
        while not stopped():
            given = 0
            for given, jpeg in enumerate(self._coming, 1):  # noqa: B007 - how many there were
                if self._note(jpeg):
                    self._passed_at = self._clock.monotonic()
                    yield jpeg
                # What became of the picture takes its own time; that is no silence.
                self._expect()
            barren = 0 if given else barren + 1
            if barren >= MOST_BARREN:
                raise self._connection.error(Problem.BAD_DATA)
            self._ask_again(given)

    def _ask(self) -> HttpReply:
        self._asked_at = self._clock.monotonic()
        reply = self._connection.get()
        if reply.status not in (200, 206):
            raise self._connection.error(REFUSAL_KINDS.get(reply.status, Problem.BAD_DATA))
        return reply

    def _pictures(self, reply: HttpReply, chunks: Iterator[bytes]) -> Iterator[Jpeg]:
        finder = self._finder
        for data in chunks:
            found = finder.feed(data)
            if found and reply.length is not None:
                # What stands behind a still is the same at other sizes.
                del found[1:]
                finder.clear()
            yield from found
            if found and reply.length is not None:
                break
        yield from finder.end(is_complete=reply.is_complete)
        reply.leave()

    def _hopeful(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The chunks that come, given up where no first picture does, however much else."""
        for data in chunks:
            yield data
            if self._last:
                continue
            if self._finder.dropped >= MOST_BARREN:
                raise self._connection.error(Problem.BAD_DATA)
            if self._is_noise and self._clock.monotonic() - self._asked_at > NOISE_S:
                raise self._connection.error(Problem.NO_VIDEO)

    @property
    def _is_noise(self) -> bool:
        """Whether more has come since the last picture than stands between two."""
        return not self._finder.is_open and self._finder.noise_bytes > NOISE_BYTES

    def _note(self, jpeg: Jpeg) -> bool:
        """Take note of a picture that came; whether it is to be passed on."""
        is_same = self._is_polled and jpeg.data == self._last
        self._last = jpeg.data
        self._came_at = self._clock.monotonic()
        self._silence.picture(self._came_at, self._came_at)
        return not is_same or self._came_at - self._passed_at >= REPEATED_S

    def _expect(self) -> None:
        """From now on silence counts."""
        now = self._clock.monotonic()
        self._connection.deadline = now + self._silence.limit_s(now)

    def _ask_again(self, given: int) -> None:
        """The reply has ended: wait until the camera may be asked for the next one."""
        took_s = self._came_at - self._asked_at if given <= 1 else 0.0
        rest_s = min(MOST_REST_S, max(0.0, took_s) * REST_SHARE)
        due_at = max(self._asked_at + POLL_S, self._came_at + rest_s)
        left_s = due_at - self._clock.monotonic()
        if left_s > 0:
            self._rest(left_s)
        self._is_polled = True
        self._expect()
        reply = self._ask()
        self._coming = self._pictures(reply, reply.chunks())


def _looked_at(reply: HttpReply, connection: HttpConnection) -> Iterator[bytes]:
    """The body of a reply that may hold pictures: as its type says, or its first bytes."""
    chunks = reply.chunks()
    if reply.media_type.startswith(_PICTURES):
        return chunks
    begun = b""
    for data in chunks:
        begun += data
        if len(begun.lstrip()) >= _SIGN_BYTES:
            break
    sign = begun.lstrip().lower()
    is_film = reply.media_type.startswith("video/") and reply.length is not None
    if sign.startswith(_SIGNS) and not is_film:
        return chain([begun], chunks)
    if sign.startswith(_PAGES) or reply.media_type == "text/html":
        raise connection.error(Problem.NO_VIDEO)
    raise NotForUsError(reply.media_type)
