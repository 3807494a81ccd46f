"""The figures of a soak in JSON, as a table for people, and as `docs/reliability.md` has them."""

from dataclasses import asdict
from typing import Any

from benchmarks.soak_figures import AIM, FLAT, Figures


def as_json(result: Figures) -> dict[str, Any]:
    """Every figure, and the verdicts."""
    values = asdict(result)
    for camera, figure in zip(values["cameras"], result.cameras, strict=True):
        camera["availability"] = figure.availability
    verdicts = {"available": result.is_available, "flat": result.is_flat}
    return {**verdicts, "undelivered": result.undelivered, **values}


def table(result: Figures) -> str:
    """Every figure, for people."""
    lines = [
        f"{result.elapsed_s / 60:.1f} min, program {result.cpu_percent:.1f} % of a core",
        "camera  availability  reachable s   durable s | promised s (of it durable) "
        "| down s (of it durable) | unreachable s | twice",
    ]
    for each in result.cameras:
        lines.append(
            f"{each.camera:6}  {each.availability:11.4%} {each.reachable_s:12.1f} "
            f"{each.durable_s:11.1f} | {each.promised_s:10.1f} ({each.promised_durable_s:8.1f})"
            f"       | {each.down_s:6.1f} ({each.down_durable_s:6.1f})"
            f"        | {each.unreachable_s:13.1f} | {each.twice:5}"
        )
    lines.append("fault       begun delivered  lost beyond the promise  recording again (promised)")
    for name, kind in sorted(result.kinds.items()):
        lines.append(
            f"{name:11} {kind.begun:5} {kind.delivered:9}  {kind.lost_s:21.1f} s  "
            f"{kind.longest_return_s:13.1f} s ({kind.longest_promise_s:.1f} s)"
        )
    lines.append(f"lost before a kill: {result.lost_before_kill_s:.1f} s at most (promised 1 s)")
    lines.append(f"pictures by stream: {result.streams}, damaged: {result.damaged}")
    lines.append(f"unreadable clips: {result.unreadable or 'none'}")
    for name, slope in result.slopes.items():
        lines.append(
            f"{name:12} {slope['per_hour']:+8.2f} per hour over {result.measured_s / 60:.0f} min; "
            f"first {slope['first']:.1f}, last {slope['last']:.1f}, "
            f"{slope['least']:.1f} to {slope['most']:.1f}"
        )
    lines += [f"{name}: {value}" for name, value in result.facts.items()]
    flat = {True: "flat", False: "NOT FLAT", None: "too short to tell whether it is flat"}
    available = "available" if result.is_available else f"BELOW {AIM:.1%}"
    lines.append(f"{available}, {flat[result.is_flat]}, {result.undelivered} faults not delivered")
    return "\n".join(lines)


def page(result: Figures) -> str:
    """The figures as they stand in `docs/reliability.md`."""
    return "\n".join([*_totals(result), "", *_by_kind(result)])


def _totals(result: Figures) -> list[str]:
    cameras = result.cameras
    reachable_s, durable_s = (
        sum(each.reachable_s for each in cameras),
        sum(each.durable_s for each in cameras),
    )
    delivered = sum(kind.delivered for kind in result.kinds.values())
    lines = [
        "| | measured | aim |",
        "|---|---|---|",
        f"| faults that happened, in {result.elapsed_s / 60:.0f} minutes | {delivered} | |",
        f"| seconds on the disk of seconds reachable, all cameras | {durable_s:.1f} of "
        f"{reachable_s:.1f}, {durable_s / max(1, reachable_s):.3%} | |",
        f"| the same, the worst camera | {min(each.availability for each in cameras):.3%} "
        f"| ≥ {AIM:.1%} |",
        f"| while connecting anew was promised to take time | "
        f"{sum(each.promised_durable_s for each in cameras):.1f} of "
        f"{sum(each.promised_s for each in cameras):.1f} s | |",
        f"| while the program was killed, stopped or starting | "
        f"{sum(each.down_durable_s for each in cameras):.1f} of "
        f"{sum(each.down_s for each in cameras):.1f} s | |",
        f"| lost before a kill, at most | {result.lost_before_kill_s:.1f} s | ≤ 1 s |",
    ]
    for name, unit in (("rss_mb", " MB"), ("descriptors", ""), ("threads", "")):
        slope = result.slopes[name]
        lines.append(
            f"| {name.removesuffix('_mb')}, change per hour (least, most) "
            f"| {slope['per_hour']:+.1f}{unit} ({slope['least']:.0f}, {slope['most']:.0f}{unit}) "
            f"| ≤ {FLAT[name]:.0f}{unit} |"
        )
    lines.append(f"| processor | {result.cpu_percent:.1f} % of a core | |")
    return lines


def _by_kind(result: Figures) -> list[str]:
    lines = ["| fault | happened | lost beyond the promise | recording again (promised) |"]
    lines.append("|---|---|---|---|")
    for name, kind in sorted(result.kinds.items()):
        back = f"{kind.longest_return_s:.1f} s ({kind.longest_promise_s:.0f} s)"
        lines.append(
            f"| {name} | {kind.delivered} of {kind.begun} | {kind.lost_s:.1f} s "
            f"| {back if kind.longest_promise_s else 'was never away'} |"
        )
    return lines
