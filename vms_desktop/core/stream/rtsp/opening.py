"""Opens a camera's RTSP stream: describes, sets up and plays it, or leaves it to FFmpeg.

One connection is made for it, whatever comes of it, and a place at the camera
that is not used is given back.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from time import monotonic

from vms_desktop.core.base import Clock, Problem, StreamError
from vms_desktop.core.config import NetworkAddress
from vms_desktop.core.stream.bitstream import ParameterSets
from vms_desktop.core.stream.network import (
    MOST_REDIRECTS,
    REDIRECT_STATUSES,
    REFUSAL_KINDS,
    Habits,
    Stopped,
    Turn,
    redirected,
)
from vms_desktop.core.stream.packets import MovedError, NotForUsError, Patience
from vms_desktop.core.stream.rtsp.connection import (
    MOST_CHANNEL,
    Reply,
    RtspConnection,
    rtsp_connection,
)
from vms_desktop.core.stream.rtsp.depacketizer import Depacketizer, depacketizer
from vms_desktop.core.stream.rtsp.sdp import Track, control_url, is_absolute, parse_sdp
from vms_desktop.core.stream.rtsp.sound_depacketizer import SOUNDS, sound_depacketizer
from vms_desktop.core.stream.rtsp.stream import CODECS, Channel, RtspStream

_ACCEPTED = {"Accept": "application/sdp"}
_SOUNDS_OF_FFMPEG = frozenset({"OPUS", "MP4A-LATM"})
# No bandwidth, no session, no service: every place at the camera is taken.
_BUSY = frozenset({453, 454, 503})
_NO_TCP = frozenset({406, 461})
# How a camera says that it cannot play from a time; some do not say it better than by 400.
_NO_RANGE = frozenset({400, 451, 456, 457})
_SOUND_ORDER = ("recvonly", "sendrecv", "")


def open_rtsp(
    address: NetworkAddress,
    stopped: Stopped,
    clock: Clock,
    turn: AbstractContextManager[Turn],
    *,
    verify: bool,
    patience: Patience,
    habits: Habits,
) -> RtspStream:
    """Ask a camera for its stream; once it answers, when its turn has come.

    What is waited for the turn is no part of the patience.

    Raises:
        StreamError: It could not be opened.
        NotForUsError: It could, by FFmpeg.
    """
    connection = rtsp_connection(address, stopped, patience, verify=verify)
    opening = _Opening(connection, address, clock, habits, stopped)
    try:
        opening.describe()
        left_s = connection.deadline - monotonic()
        with turn as taken:
            connection.deadline = monotonic() + left_s
            return opening.play(taken.answered)
    except BaseException as err:
        if connection.session:
            connection.end_session(opening.together)
        connection.close()
        hung_up = isinstance(err, StreamError) and err.kind is Problem.ENDED
        if hung_up and connection.session and not stopped():
            raise connection.error(Problem.BUSY) from None
        raise


def probe(address: NetworkAddress, stopped: Stopped, patience: Patience, *, verify: bool) -> None:
    """Make sure that FFmpeg may be given a camera's address, quickly and without harm.

    Its port answers, its certificate is trusted (where `verify` asks for it), and it says
    something, so that one that hangs holds up nobody. With a password to protect, it sends us
    to no other host, however often it sends us on: FFmpeg before 9.0.1 would carry it along.

    Raises:
        StreamError: With the kind of what is wrong.
    """
    # Where the password belongs into the path, asking for it without one would be a wrong one;
    # FFmpeg has none of its own then that a redirect could carry along.
    asked = replace(address, rest="/") if address.holds_login else address
    method = "DESCRIBE" if address.password and not address.holds_login else "OPTIONS"
    for _ in range(MOST_REDIRECTS + 1):
        connection = rtsp_connection(asked, stopped, patience, verify=verify, anonymous=True)
        try:
            url = replace(asked, username="", password="").url  # It may have a place for them.
            reply = connection.request(method, url, _ACCEPTED)
        except StreamError as err:
            if err.kind is Problem.TIMED_OUT or stopped():
                raise
            return  # Whatever is wrong here, opening the stream will tell it better.
        finally:
            connection.close()
        if reply.status not in REDIRECT_STATUSES or not address.password:
            return
        asked = redirected(asked, reply.headers.get("location", ""))
        patience = replace(patience, answer_s=max(0.0, connection.deadline - monotonic()))
    raise connection.error(Problem.BAD_DATA)


class _Opening:
    """The talk with a camera up to its first packet.

    Attributes:
        together: The address that controls all tracks.
    """

    def __init__(
        self,
        connection: RtspConnection,
        address: NetworkAddress,
        clock: Clock,
        habits: Habits,
        stopped: Stopped,
    ) -> None:
        self._connection = connection
        self._address = address
        self._clock = clock
        self._habits = habits
        self._stopped = stopped
        self._base = self.together = address.bare_url
        self._tracks: tuple[Track, ...] = ()

    def describe(self) -> None:
        """Learn what the camera has."""
        there = self._address
        for _ in range(MOST_REDIRECTS + 1):
            url = there.bare_url
            reply = self._connection.request("DESCRIBE", url, _ACCEPTED)
            if reply.status not in REDIRECT_STATUSES:
                break
            there = self._moved_to(reply.headers.get("location", ""))
        else:
            raise self._connection.error(Problem.BAD_DATA)
        if kind := REFUSAL_KINDS.get(reply.status):
            raise self._connection.error(kind)
        self._check(reply)
        session, self._base = parse_sdp(reply.body), _base(reply, url)
        self.together = control_url(self._base, session.control)
        self._tracks = session.tracks

    def _moved_to(self, location: str) -> NetworkAddress:
        """The address that a redirect leads to on this connection."""
        try:
            there = redirected(self._address, location)
        except StreamError as err:
            if self._address.password:
                raise
            raise NotForUsError(err) from None  # There is nothing to protect.
        if there.origin != self._address.origin:
            raise MovedError(there.port)
        return there

    def play(self, answered: Callable[[], None]) -> RtspStream:
        """Set up the tracks and have them sent; tells of every answer."""
        connection = self._connection
        channels: dict[int, Channel] = {}
        for number, (track, made) in enumerate(self._taken()):
            channel = self._set_up(track, made, 2 * number)
            answered()
            # A second one on the same channel could not be told from the first.
            if channel and channel.number not in channels:
                channels[channel.number] = channel
        played = connection.request("PLAY", self.together, {"Range": "npt=0.000-"})
        if played.status in _NO_RANGE:
            played = connection.request("PLAY", self.together)
        self._check(played)
        return RtspStream(
            connection,
            channels,
            self._clock,
            self._address.host,
            self.together,
            self._habits,
            first_s=max(0.0, connection.deadline - monotonic()),
        )

    def _taken(self) -> Iterator[tuple[Track, Depacketizer]]:
        """The first picture, and the sound that is meant to be heard here."""
        video = next((track for track in self._tracks if track.media == "video"), None)
        if video is None:
            raise self._connection.error(Problem.NO_VIDEO)
        made = _depacketizer(video)
        if ParameterSets(CODECS[video.encoding], video.parameter_sets).are_reordered:
            raise NotForUsError("pictures out of order")
        yield video, made
        sound = sound_of(self._tracks, video)
        if sound and not self._habits.is_silent(self._clock.monotonic()):
            yield sound, _depacketizer(sound)

    def _set_up(self, track: Track, made: Depacketizer, number: int) -> Channel | None:
        """The track's channel; None for a sound that the camera does not want to send."""
        connection, is_video = self._connection, track.media == "video"
        reply = self._ask_to_set_up(track, number)
        if reply.status != 200 and not is_video:
            return None
        if reply.status in _NO_TCP:
            raise NotForUsError(reply.status, over_udp=True)
        self._check(reply)
        name, _, told = reply.headers.get("session", "").partition(";")
        connection.session = connection.session or name.strip()
        if timeout := re.search(r"timeout *= *0*([1-9]\d{0,5})", told):
            connection.timeout_s = min(connection.timeout_s, int(timeout[1]))
        given = reply.headers.get("transport", "")
        found = re.search(r"interleaved *= *(\d{1,3})", given)
        chosen = int(found[1]) if found else number
        if "client_port" in given or chosen > MOST_CHANNEL:
            raise NotForUsError(given)
        return Channel(chosen, track, made, is_video)

    def _ask_to_set_up(self, track: Track, number: int) -> Reply:
        transport = f"RTP/AVP/TCP;unicast;interleaved={number}-{number + 1}"
        url = control_url(self._base, track.control)
        try:
            return self._connection.request("SETUP", url, {"Transport": transport})
        except StreamError as err:
            is_refusal = err.kind in (Problem.ENDED, Problem.TIMED_OUT) and not self._stopped()
            if track.media == "audio" and is_refusal:
                self._habits.hung_up_at_sound(self._clock.monotonic())
            raise

    def _check(self, reply: Reply) -> None:
        if reply.status == 200:
            return
        if reply.status in _BUSY:
            busy = self._connection.error(Problem.BUSY)
            busy.retry_after_s = _seconds(reply.headers.get("retry-after", ""))
            raise busy
        raise NotForUsError(reply.status, lasting=reply.status < 500)


def sound_of(tracks: tuple[Track, ...], video: Track) -> Track | None:
    """The sound that comes from the camera; None where there is none of a known codec.

    Seen from here: what is `sendonly` is a loudspeaker. Cameras that see it from where
    they are call their picture `sendonly`, too.
    """
    order = (*_SOUND_ORDER, "sendonly") if video.direction == "sendonly" else _SOUND_ORDER
    sounds = [
        track
        for track in tracks
        if track.media == "audio"
        and track.encoding in SOUNDS.keys() | _SOUNDS_OF_FFMPEG
        and track.direction in order
    ]
    return min(sounds, key=lambda track: order.index(track.direction), default=None)


def _base(described: Reply, url: str) -> str:
    """The address that names of tracks are below of; some cameras tell it without a scheme."""
    headers = described.headers
    told = headers.get("content-base") or headers.get("content-location") or ""
    return told if is_absolute(told) else url


def _depacketizer(track: Track) -> Depacketizer:
    made = depacketizer(track) if track.media == "video" else sound_depacketizer(track)
    if made is None:
        raise NotForUsError(track.encoding)
    return made


def _seconds(text: str) -> float:
    return float(text) if re.fullmatch(r"\d{1,6}", text) else 0.0
