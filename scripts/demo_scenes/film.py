"""From a scene to a film: the lights of the moment, what moves, the lens, the encoder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np

from demo_scenes.foliage import LIT, Tree
from demo_scenes.geometry import HEIGHT_PX, WIDTH_PX, Array, smoothstep, unit, vector
from demo_scenes.mesh import Drawn, Mesh, draw, footprint, shadow
from demo_scenes.still import Stage, Still

FRAME_RATE = 12
_KEYFRAME_S = 2
_SIMULATION_RATE = 60
_NOISE_SIGMA = 1.6
# Pauses shorter than this belong to one crossing, as they do to one event.
_PAUSE_S = 5.0

Lights = Mapping[str, Array]


@dataclass(frozen=True)
class Moment:
    """Where a mover is: place, heading (rad), way made (m, backwards too) and pace 0…1."""

    place: Array
    heading: float
    walked_m: float
    pace: float


class Path2D:
    """A way over the ground through (seconds, x, z), with soft corners, starts and stops.

    Args:
        turn_rate: Most that the mover turns, in rad/s.
        backs_up_after: Time from which it moves backwards, for cars.
        softness_s: Over how long corners and stops are spread.
    """

    def __init__(
        self,
        points: Sequence[tuple[float, float, float]],
        turn_rate: float = 3.5,
        backs_up_after: float = np.inf,
        softness_s: float = 0.35,
        full_speed: float = 1.2,
    ) -> None:
        self.begins_s, self.ends_s = points[0][0], points[-1][0]
        times = np.arange(self.begins_s, self.ends_s, 1 / _SIMULATION_RATE)
        knots = np.array(points)
        ways = [np.interp(times, knots[:, 0], knots[:, axis]) for axis in (1, 2)]
        self._ways = np.stack([_softened(way, softness_s * _SIMULATION_RATE) for way in ways], -1)
        steps = np.gradient(self._ways, axis=0) * _SIMULATION_RATE
        speed = np.hypot(*steps.T)
        backwards = times > backs_up_after
        self._walked = np.cumsum(np.where(backwards, -speed, speed)) / _SIMULATION_RATE
        self._pace = np.clip(speed / full_speed, 0, 1)
        aims = np.arctan2(steps[:, 0], steps[:, 1]) + np.pi * backwards
        self._headings = _followed(aims, speed, turn_rate / _SIMULATION_RATE)

    def at(self, now: float) -> Moment | None:
        """The mover at a time of the film; None while it is away."""
        if not self.begins_s <= now < self.ends_s:
            return None
        index = min(int((now - self.begins_s) * _SIMULATION_RATE), len(self._ways) - 1)
        x, z = self._ways[index]
        return Moment(
            vector(x, 0, z),
            float(self._headings[index]),
            float(self._walked[index]),
            float(self._pace[index]),
        )


def _softened(way: Array, sigma: float) -> Array:
    reach = int(4 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return np.convolve(
        np.pad(way, reach, "reflect", reflect_type="odd"), kernel / kernel.sum(), "valid"
    )


def _followed(aims: Array, speed: Array, most: float) -> Array:
    """Headings that turn towards the aims, but not faster than `most` a step."""
    headings = np.empty_like(aims)
    heading = aims[np.argmax(speed > 0.2)]
    for index, aim in enumerate(aims):
        if speed[index] > 0.15:
            off = (aim - heading + np.pi) % (2 * np.pi) - np.pi
            heading += np.clip(off, -most, most)
        headings[index] = heading
    return headings


@dataclass(frozen=True)
class Mover:
    """Somebody or something on its way, nearer than all trees that sway.

    Attributes:
        mesh: Its shape at a time and moment, in its own axes.
        tread_m: Half width and half length of the darkness under it.
    """

    path: Path2D
    mesh: Callable[[float, Moment], Mesh]
    tread_m: tuple[float, float] = (0.26, 0.3)


@dataclass(frozen=True)
class Scene:
    """A film to be made.

    Attributes:
        name: File name without its ending.
        lights: Strength (RGB) of each layer at a time.
        seconds: Length; the film is a loop.
        exposure: Factor before the tone curve.
        crf: Quality of x264, chosen so that the film stays under 1 MB.
    """

    name: str
    stage: Stage
    still: Still
    lights: Callable[[float], Lights]
    movers: Sequence[Mover]
    seconds: int
    trees: Sequence[Tree] = ()
    exposure: Callable[[float], float] = lambda now: 1.0
    crf: int = 29
    cache: dict[str, Array] = field(default_factory=dict)


def _sum(layers: Mapping[str, Array], lights: Lights, names: Sequence[str]) -> Array:
    total = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.float32)
    for name in names:
        strength = lights.get(name)
        if strength is not None and strength.max() > 0:
            total += layers[name] * strength
    return total


def _cached(scene: Scene, key: str, make: Callable[[], Array]) -> Array:
    if key not in scene.cache:
        scene.cache[key] = make()
    return scene.cache[key]


def _forget_other_lights(scene: Scene, lights: Lights) -> None:
    """Keep what is cached only as long as the lights stay as they are."""
    strengths = np.array([lights[name] for name in sorted(lights)])
    if not np.array_equal(scene.cache.get("lights", strengths[:0]), strengths):
        scene.cache.clear()
        scene.cache["lights"] = strengths


def _facet_light(scene: Scene, mesh: Mesh, place: Array, lights: Lights) -> Array:
    """The light that each facet sends to the viewer."""
    stage, count = scene.stage, len(mesh.normals)
    middle = place[None] + vector(0, 1.1, 0)
    samples = middle + np.linspace(-0.25, 0.25, 5)[:, None].astype(np.float32) * vector(1, 1, 0)
    visible = stage.sunlit(samples.astype(np.float32)).mean()
    slope = np.maximum(mesh.normals @ stage.sun, 0) * visible
    heights = mesh.corners[..., 1].mean(1)
    sky = (0.62 + 0.38 * mesh.normals[:, 1]) * (0.7 + 0.3 * smoothstep(heights, 0, 0.5))
    lamp = stage.lamplight(mesh.corners.mean(1), mesh.normals)
    total = np.zeros((count, 3), np.float32)
    for name, shade in (("sun", slope), ("sky", sky), ("lamp", lamp)):
        total += mesh.colours * shade[:, None] * lights.get(name, vector(0, 0, 0))
    upward = np.clip(mesh.normals[:, 1:2] * 0.8 + 0.35, 0, 1)
    shine = mesh.gloss[:, None] * upward * lights.get("sky", vector(0, 0, 0)) * 1.3
    # A highlight where the facet mirrors the sun (Blinn's half vector).
    towards = unit(stage.view.eye - mesh.corners.mean(1))
    half = np.maximum((mesh.normals * unit(towards + stage.sun)).sum(-1), 0) ** 60
    shine = shine + (4 * visible * half * mesh.gloss)[:, None] * lights.get("sun", vector(0, 0, 0))
    return total * (1 - 0.5 * mesh.gloss[:, None]) + shine + mesh.glow


def _pose(mover: Mover, now: float) -> tuple[Moment, Mesh] | None:
    moment = mover.path.at(now)
    if moment is None:
        return None
    return moment, mover.mesh(now, moment).placed(moment.place, moment.heading)


def _onto(picture: Array, drawn: Drawn, depth: Array) -> Array:
    """How much of each pixel a drawn mesh takes (height×width), after drawing it."""
    before = (drawn.depth < depth + 0.25) * 1.0
    cover = (drawn.cover * before).astype(np.float32)
    picture *= 1 - cover[..., None]
    picture += drawn.light * before[..., None]
    return cover


def _shaded(scene: Scene, lights: Lights, poses: Sequence[tuple[Mover, Moment, Mesh]]) -> Array:
    """The standing picture with the shadows of what moves."""
    layers, stage, ground = scene.still.layers, scene.stage, scene.still.ground
    everything = list(layers)
    rest = [name for name in everything if name not in ("sun", "sky")]
    if not poses:
        return _cached(scene, "all", lambda: _sum(layers, lights, everything)).copy()
    sun = _cached(scene, "sun", lambda: _sum(layers, lights, ["sun"]))
    sky = _cached(scene, "sky", lambda: _sum(layers, lights, ["sky"]))
    picture = _cached(scene, "rest", lambda: _sum(layers, lights, rest)).copy()
    dark, dim = np.zeros_like(ground), np.zeros_like(ground)
    for mover, moment, mesh in poses:
        near = stage.view.project(moment.place[None])[1][0]
        blur = float(np.clip(stage.view.focal_px * (0.03 + stage.sun_size * 0.5) / near, 0.7, 9))
        dark = np.maximum(dark, shadow(stage.view, mesh, stage.sun, blur))
        tread = footprint(
            stage.view,
            moment.place,
            np.array(mover.tread_m),
            moment.heading,
            float(stage.view.focal_px * 0.09 / near),
        )
        dim = np.maximum(dim, tread)
    picture += sun * (1 - 0.95 * dark * ground)[..., None]
    picture += sky * (1 - 0.6 * dim * ground)[..., None]
    return picture


def linear_frame(scene: Scene, now: float) -> tuple[Array, float]:
    """The scene's linear light at a time, and how many pixels the movers cover."""
    lights = scene.lights(now)
    _forget_other_lights(scene, lights)
    found = [(mover, _pose(mover, now)) for mover in scene.movers]
    poses = [(mover, *pose) for mover, pose in found if pose is not None]
    picture = _shaded(scene, lights, poses)
    for index, tree in enumerate(scene.trees):
        lit = _cached(scene, f"tree{index}", partial(_sum, tree.layers, lights, LIT))
        swayed = tree.moved(lit, now / scene.seconds)
        behind = picture[tree.region]
        picture[tree.region] = behind * (1 - swayed[..., 3:]) + swayed[..., :3]
    covered = 0.0
    for _, moment, mesh in poses:
        drawn = draw(scene.stage.view, mesh, _facet_light(scene, mesh, moment.place, lights))
        if drawn is not None:
            covered += float(_onto(picture, drawn, scene.still.depth).sum())
    return picture, covered


def _vignette() -> Array:
    x = (np.arange(WIDTH_PX) - WIDTH_PX / 2) / (WIDTH_PX / 2)
    y = (np.arange(HEIGHT_PX) - HEIGHT_PX / 2) / (WIDTH_PX / 2)
    return (1 / (1 + 0.28 * (x[None] ** 2 + y[:, None] ** 2)) ** 1.6)[..., None].astype(np.float32)


_VIGNETTE = _vignette()


def _tone_curve() -> Array:
    """Tones 0…255 by light: Narkowicz's fit to ACES, soft highlights and deep blacks."""
    light = np.arange(65536) / _TONES_PER_UNIT
    curve = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)
    return (255 * np.clip(curve, 0, 1) ** (1 / 2.2)).astype(np.float32)


_TONES_PER_UNIT = 10_000
_TONES = _tone_curve()


def _glare(light: Array) -> Array:
    """What bright spots scatter around them, worked out at a quarter of the size."""
    bright = cv2.resize(
        np.maximum(light - 0.9, 0), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA
    )
    return cv2.resize(cv2.GaussianBlur(bright, (0, 0), 1.8), (WIDTH_PX, HEIGHT_PX))


def developed(linear: Array, exposure: float, noise: Array) -> Array:
    """The lens and the sensor: 8-bit RGB from linear light and noise (height×width×3)."""
    light = linear * (_VIGNETTE * exposure)
    light += 0.25 * _glare(light)
    picture = _TONES[np.minimum(light * _TONES_PER_UNIT, len(_TONES) - 1).astype(np.uint16)]
    grey = picture.mean(-1, keepdims=True)
    picture = grey + 0.82 * (picture - grey)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.5)
    return np.clip(np.round(picture + noise), 0, 255).astype(np.uint8)


class Sensor:
    """Noise of a small sensor, never twice the same; repeatable by its seed."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        shape = (HEIGHT_PX + 64, WIDTH_PX + 64)
        luma = self._rng.normal(0, _NOISE_SIGMA, (8, *shape, 1))
        chroma = self._rng.normal(0, 0.6, (8, *shape, 3))
        self._fields = (luma + chroma).astype(np.float32)

    def noise(self) -> Array:
        """The noise of one frame (height×width×3)."""
        which, down, across = self._rng.integers((8, 64, 64))
        return self._fields[which, down : down + HEIGHT_PX, across : across + WIDTH_PX]


def shoot(scene: Scene, folder: Path, seed: int) -> list[list[float]]:
    """Write `<name>.mp4` and return when something crosses, [[from, to], …] in s."""
    sensor, busy = Sensor(seed), []
    with av.open(
        str(folder / f"{scene.name}.mp4"), "w", options={"movflags": "+faststart"}
    ) as film:
        stream = film.add_stream("libx264", rate=FRAME_RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        stream.time_base = Fraction(1, FRAME_RATE)
        stream.options = _encoding(scene.crf)
        for index in range(scene.seconds * FRAME_RATE):
            now = index / FRAME_RATE
            linear, covered = linear_frame(scene, now)
            picture = developed(linear, scene.exposure(now), sensor.noise())
            film.mux(stream.encode(_numbered(picture, index)))
            if covered > 40 and _moves(scene, now):
                busy.append(now)
        film.mux(stream.encode())
    return crossings(busy)


def _encoding(crf: int) -> dict[str, str]:
    every = FRAME_RATE * _KEYFRAME_S
    # Few threads and no lookahead across them: the same film on every machine.
    return {
        "crf": str(crf),
        "preset": "slow",
        "x264-params": f"keyint={every}:min-keyint={every}:scenecut=0:open-gop=0:threads=1",
    }


def _numbered(picture: Array, index: int) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    frame.pts, frame.time_base = index, Fraction(1, FRAME_RATE)
    return frame


def _moves(scene: Scene, now: float) -> bool:
    moments = [mover.path.at(now) for mover in scene.movers]
    return any(moment is not None and moment.pace > 0.04 for moment in moments)


def crossings(times: Sequence[float]) -> list[list[float]]:
    """Busy moments less than a pause apart, as [[from, to], …] in s."""
    spans: list[list[float]] = []
    for now in times:
        if spans and now - spans[-1][1] < _PAUSE_S:
            spans[-1][1] = round(now, 2)
        else:
            spans.append([round(now, 2), round(now, 2)])
    return spans
