"""Numbered cameras in a thread of their own, for tests that commit faults one by one."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from socket import create_server, socket
from threading import Thread
from types import TracebackType

from tests.support.h264 import SLICES
from tests.support.numbered_cameras import FPS, Camera, Client, Request
from tests.support.sentinel import PASSWORD


class FaultyCamera(Camera):
    """A camera that does more on order, and remembers when what happened, in monotonic s.

    Attributes:
        answers_after_s: How long each answer takes.
        every: Of how many pictures it sends one, a keyframe.
        silent_stream: This stream of it sends nothing, its connection standing.
        garbles: So many slices more are not as they were encoded.
        loses: So many pictures more never arrive.
        came: When connections came.
        sent: When each picture was sent to somebody, and its number.
    """

    def __init__(self, number: int, *, has_hd: bool = False, has_sound: bool = False) -> None:
        super().__init__(number, has_hd=has_hd, has_sound=has_sound)
        self.password = PASSWORD
        self.answers_after_s = 0.0
        self.every = 1
        self.silent_stream = ""
        self.garbles = self.loses = 0
        self._is_losing = False
        self.came: list[float] = []
        self.sent: list[tuple[float, int]] = []

    def end_all(self) -> int:
        """End every connection as a camera does that restarts in order; how many there were."""
        clients = list(self._clients)
        for client in clients:
            client.writer.close()
        return len(clients)

    def shut(self) -> None:
        """Close its port, and reset every connection."""
        self.refuse()
        self.hang_up()

    def send(self, number: int) -> None:
        before = self.counts["sent"]
        if number % self.every == 0:
            super().send(number)
        if self.counts["sent"] > before:
            self.sent.append((time.monotonic(), number))

    def _send_to(self, client: Client, number: int, stamp: int, *, is_key: bool) -> None:
        if client.stream == self.silent_stream:
            client.waits_for_key = True
            self.counts["withheld"] += 1
            return
        self._is_losing = self.loses > 0 and not is_key
        self.loses -= self._is_losing
        self.counts["lost"] += self._is_losing
        super()._send_to(client, number, stamp, is_key=is_key)

    def _packet(
        self, client: Client, track: str, kind: int, payload: bytes, stamp: int, *, is_last: bool
    ) -> bytes:
        is_slice = track == "video" and payload[0] & 31 in SLICES
        if is_slice and self.garbles:
            self.garbles -= 1
            self.counts["garbled"] += 1
            half = len(payload) // 2
            payload = payload[:half] + bytes(byte ^ 0x55 for byte in payload[half:])
        packet = super()._packet(client, track, kind, payload, stamp, is_last=is_last)
        return b"" if self._is_losing else packet

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came.append(time.monotonic())
        with suppress(asyncio.CancelledError):  # The test is over.
            await super()._serve(reader, writer)

    async def _answer(self, client: Client, request: Request) -> None:
        if self.answers_after_s:
            self.counts["late answers"] += 1
            await asyncio.sleep(self.answers_after_s)
        await super()._answer(client, request)


class CameraThread:
    """Runs cameras in a thread until it is left; orders to them go through `do`."""

    def __init__(self, cameras: Mapping[str, FaultyCamera]) -> None:
        self.cameras = cameras
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._run, name="cameras")
        self._listening: Future[None] = Future()
        self._stopped = asyncio.Event()

    def do(self, act: Callable[[], object]) -> float:
        """Have something done in the cameras' thread; when it was, in monotonic s."""
        done: Future[float] = Future()

        def run() -> None:
            act()
            done.set_result(time.monotonic())

        self._loop.call_soon_threadsafe(run)
        return done.result(5)

    def listen(self, camera: FaultyCamera) -> float:
        """Open a camera's port again; when it was."""
        asyncio.run_coroutine_threadsafe(camera.listen(), self._loop).result(5)
        return time.monotonic()

    def __enter__(self) -> "CameraThread":
        self._thread.start()
        self._listening.result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._send())
            rest = asyncio.all_tasks(self._loop)
            for task in rest:
                task.cancel()
            if rest:
                self._loop.run_until_complete(asyncio.wait(rest))
        finally:
            self._loop.close()

    async def _send(self) -> None:
        for camera in self.cameras.values():
            await camera.listen()
        self._listening.set_result(None)
        began, number = time.monotonic(), 0
        while not self._stopped.is_set():
            if time.monotonic() < began + number / FPS:
                await asyncio.sleep(0.01)
                continue
            for camera in self.cameras.values():
                camera.send(number)
            number += 1
        for camera in self.cameras.values():
            camera.wake()
            camera.refuse()
            camera.hang_up()


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port that neither takes nor refuses connections: those who waited before fill it."""
    with create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        waiting = [socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        yield address[1]
        for each in waiting:
            each.close()
