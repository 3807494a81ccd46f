"""A real RTSP server: GStreamer's, fed with encoded pictures at the pace of a camera.

Runs under the system's Python, which has GStreamer's bindings, and imports nothing of this
project. The first line of standard input is the list of mounts, every further one an order;
each is answered by one line of JSON. End of input ends the server.
"""

import json
import sys
import threading
import time
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

VIDEO = {
    "h264": ("video/x-h264", "h264parse ! rtph264pay"),
    "hevc": ("video/x-h265", "h265parse ! rtph265pay"),
}
AUDIO = {
    "": "",
    "aac": "audio/x-raw,rate=16000,channels=1 ! voaacenc ! aacparse ! rtpmp4gpay",
    "stereo": "audio/x-raw,rate=48000,channels=2 ! voaacenc ! aacparse ! rtpmp4gpay",
    "opus": "audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay",
    "pcma": "audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay",
}
ELEMENTS = [
    "appsrc",
    "h264parse",
    "h265parse",
    "rtph264pay",
    "rtph265pay",
    "voaacenc",
    "alawenc",
    "opusenc",
    "faad",
    "rtppcmapay",
]
ANYBODY = "anybody"


class LoopedVideo:
    """Access units that go round and round, and whether they flow at the moment."""

    def __init__(self, mount):
        data, place = Path(mount["file"]).read_bytes(), 0
        self.units = []
        for size in mount["sizes"]:
            self.units.append(GLib.Bytes.new(data[place : place + size]))
            place += size
        self.duration_ns = Gst.SECOND // mount["fps"]
        self.first = mount["first"]
        self.paused_at_ns: int | None = None
        self.playing: list[Playing] = []

    def pause(self):
        """Fall silent."""
        self.paused_at_ns = time.monotonic_ns()

    def resume(self):
        """Go on, with the timestamps that the time gone by asks for."""
        assert self.paused_at_ns is not None
        silent_ns = time.monotonic_ns() - self.paused_at_ns
        self.paused_at_ns = None
        for playing in tuple(self.playing):
            playing.go_on(silent_ns)

    def play(self, media):
        """Feed a client's pipeline until it is taken down."""
        playing = Playing(self, media.get_element().get_by_name("source"))
        self.playing.append(playing)
        media.connect("unprepared", lambda _media: self.forget(playing))

    def forget(self, playing):
        if playing in self.playing:
            self.playing.remove(playing)
            playing.end()


class Playing:
    """One opening of a looped video: hands its units to a pipeline that asks for them."""

    def __init__(self, video, source):
        self.video, self.source = video, source
        self.index, self.silent_ns = 0, 0
        self.starved = False
        self.lock = threading.RLock()  # a pushed buffer may make the source ask for the next
        self.handler = source.connect("need-data", lambda _source, _size: self.feed())

    def end(self):
        """Let go of the pipeline."""
        self.source.disconnect(self.handler)

    def feed(self):
        """Hand over the next picture, unless the video is paused.

        The first one always flows: without it the server could not describe the stream.
        """
        with self.lock:
            self.starved = bool(self.index) and self.video.paused_at_ns is not None
            if not self.starved:
                self.push()

    def go_on(self, silent_ns):
        """Hand over what was asked for during the silence."""
        with self.lock:
            self.silent_ns += silent_ns
            if self.starved:
                self.starved = False
                self.push()

    def push(self):
        units = self.video.units
        unit = units[(self.video.first + self.index) % len(units)]
        buffer = Gst.Buffer.new_wrapped_bytes(unit)
        buffer.pts = buffer.dts = self.index * self.video.duration_ns + self.silent_ns
        buffer.duration = self.video.duration_ns
        self.index += 1
        self.source.emit("push-buffer", buffer)


class Factory(GstRtspServer.RTSPMediaFactory):
    """Makes a pipeline for each client of one mount, which plays from the loop's start.

    Not shared among clients: the server answers 503 to one who comes while the last one's
    pipeline is being taken down.
    """

    def __init__(self, mount):
        super().__init__()
        self.mount = mount
        self.video = LoopedVideo(mount)
        self.set_latency(0)
        self.connect("media-configure", lambda _factory, media: self.video.play(media))

    def do_create_element(self, _url):
        kind, payloader = VIDEO[self.mount["codec"]]
        pipeline = f"appsrc name=source format=time max-bytes=1 ! {payloader} name=pay0 pt=96"
        if audio := AUDIO[self.mount["audio"]]:
            pipeline += f"  audiotestsrc samplesperbuffer=320 ! {audio} name=pay1 pt=97"
        element = Gst.parse_launch(pipeline)
        source = element.get_by_name("source")
        form = f"{kind},stream-format=byte-stream,alignment=au,framerate={self.mount['fps']}/1"
        source.set_property("caps", Gst.Caps.from_string(form))
        return element


def admit(server, mounts, factories):
    """Ask for a digest where a mount names a user; without a password, let anybody in."""
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    nobody = GstRtspServer.RTSPToken()
    nobody.set_string("media.factory.role", ANYBODY)
    auth.set_default_token(nobody)
    for mount, factory in zip(mounts, factories, strict=True):
        user = mount["user"]
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_role(ANYBODY)
        # Seen but not opened: that is what the server answers with 401 rather than 404.
        permissions.add_permission_for_role(ANYBODY, "media.factory.access", True)
        permissions.add_permission_for_role(ANYBODY, "media.factory.construct", not user)
        if user:
            permissions.add_role(user)
            permissions.add_permission_for_role(user, "media.factory.access", True)
            permissions.add_permission_for_role(user, "media.factory.construct", True)
            token = GstRtspServer.RTSPToken()
            token.set_string("media.factory.role", user)
            auth.add_digest(user, mount["password"], token)
        factory.set_permissions(permissions)
    server.set_auth(auth)


class Server:
    """The server, its mounts, and the orders that it takes."""

    def __init__(self, mounts):
        self.loop = GLib.MainLoop()
        self.server = GstRtspServer.RTSPServer()
        self.server.set_address("127.0.0.1")
        self.server.set_service("0")
        # A thread per client: one that waits for a silent camera must not hold up the others.
        self.server.get_thread_pool().set_max_threads(-1)
        self.factories = {mount["path"]: Factory(mount) for mount in mounts}
        for path, factory in self.factories.items():
            self.server.get_mount_points().add_factory(path, factory)
        admit(self.server, mounts, self.factories.values())
        self.connected = 0
        self.server.connect("client-connected", self.count)
        self.server.attach(None)

    def count(self, _server, _client):
        self.connected += 1

    def obey(self, order):
        """Carry out one order; what to answer."""
        if path := order.get("pause"):
            self.factories[path].video.pause()
        elif path := order.get("resume"):
            self.factories[path].video.resume()
        elif "kill_clients" in order:
            remove = GstRtspServer.RTSPFilterResult.REMOVE
            self.server.client_filter(lambda _server, _client: remove)
        return {
            "port": self.server.get_bound_port(),
            "connected": self.connected,
            "clients": len(self.server.client_filter(None) or []),
        }

    def listen(self):
        """Take orders until the input ends; each is carried out in the main loop."""
        for line in sys.stdin:
            GLib.idle_add(self.answer, json.loads(line))
        GLib.idle_add(self.loop.quit)

    def answer(self, order):
        say(self.obey(order))
        return GLib.SOURCE_REMOVE


def say(answer):
    """One line of JSON for the process that started this one."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def missing_elements():
    """The parts of GStreamer that are not installed."""
    return [name for name in ELEMENTS if Gst.ElementFactory.find(name) is None]


def main():
    Gst.init(None)
    if "--check" in sys.argv:
        sys.stdout.write(" ".join(missing_elements()))
        return
    server = Server(json.loads(sys.stdin.readline()))
    say(server.obey({}))
    threading.Thread(target=server.listen, daemon=True).start()
    server.loop.run()


if __name__ == "__main__":
    main()
