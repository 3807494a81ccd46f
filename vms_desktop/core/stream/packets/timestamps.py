"""Decoding times made sane once, at the door, so that nothing behind it has to doubt them.

Cameras send repeated, backward, missing and far-off times, and their clocks
stand, jump and run at another speed; a muxer refuses the rest of a file after
a single bad time. What a camera says is kept to the tick as long as it fits
with arrival, and arrival decides where it does not.
"""

from typing import NamedTuple

from vms_desktop.core.base import Problem, StreamError
from vms_desktop.core.stream.packets.arrival_pace import ArrivalPace
from vms_desktop.core.stream.packets.clock_watch import CLOCK_SETTLE_S, SLACK_S, ClockWatch

# A packet this much back, where nothing numbers the packets, came late or twice: dropped.
MAX_BACK_S = 1.0
# By so much one step may be longer than arrival says, or by two usual steps: networks hiccup.
MAX_AHEAD_S = 0.5
# A picture that would be shown later than this after it is decoded has no such time.
MAX_DELAY_S = 10.0
# Packets in a row without any time before the stream is opened anew.
MAX_MISSING = 6
# So many packets that follow each other make another timeline; fewer are strays.
CONFIRMED_BY = 3
# A clock that is a little wrong is put right by this share of what passes, at most.
SLEW = 0.1
PUT_RIGHT_S = 0.05
# However long the pauses between packets are, a clock that is off by this is put right.
MOST_OFF_S = 2.5
# How long a clock must keep step to be believed again: twice as long each time it failed.
PATIENCE_S, MOST_PATIENCE_S = 12.0, 600.0
# For so long what was kept may still catch up; that does not make the clock a fast one.
AT_FIRST_S = 10.0
# So many packets in a row that fit with nothing: there is no clock.
MOST_STRAYS = 30


class Timed(NamedTuple):
    """A packet's times in ticks of its time base; they grow, whatever is sent.

    `breaks` tells that packets are missing before it and that the clock jumped:
    the pictures, not their times, are another timeline's.
    """

    dts: int
    pts: int
    breaks: bool = False


class _Strays(NamedTuple):
    """Packets in a row that follow each other and not what was believed."""

    first_dts: int
    first_at: float
    dts: int
    at: float
    length: int
    is_broken: bool


class TimestampGuard:
    """Judges the packets of one elementary stream in the order of their arrival.

    Args:
        tick_s: Length of a tick of the stream's time base in seconds.
        frame_ticks: Usual distance of two packets, for those that carry no time.
        settle_s: For how long what was kept may come at once after opening.
        puts_right: Whether a clock that is a little wrong is corrected, too.

    Attributes:
        tick_s: As given.
        believed: Whether the camera's clock is; where not, arrival places the packets.
        speed: That of the clock when it was believed no more, 1 is right; None for no order at all.
    """

    def __init__(
        self,
        tick_s: float,
        frame_ticks: int,
        settle_s: float = CLOCK_SETTLE_S,
        *,
        puts_right: bool = True,
    ) -> None:
        self.tick_s = tick_s
        self._max_back = round(MAX_BACK_S / tick_s)
        self._max_delay = round(MAX_DELAY_S / tick_s)
        self._frame_ticks = max(1, frame_ticks)
        self._learn_step(self._frame_ticks)
        self._settle_s = settle_s
        self._puts_right = puts_right
        self._watch = ClockWatch(settle_s)
        self._pace = ArrivalPace()
        self._sent: int | None = None
        self._sent_at = 0.0
        self._given = 0
        self._given_at: float | None = None
        self._rebased = 0  # What the clock's jumps are made up for by.
        self._slewed = 0  # What its small errors are.
        self._slew = 0.0
        self._level_s: float | None = None  # The lead of what is given, to be kept.
        self._first_level_s = 0.0
        self._began_at = 0.0
        self._strays: _Strays | None = None
        self._astray = 0
        self._doubted_at = 0.0
        self._patience_s = PATIENCE_S
        self._missing = 0
        self.believed = True
        self.speed: float | None = 1.0

    @property
    def shift_s(self) -> float | None:
        """From the camera's times to those given; None where its clock is not believed."""
        return (self._rebased + self._slewed) * self.tick_s if self.believed else None

    def judge(
        self,
        dts: int | None,
        pts: int | None,
        duration: int | None,
        now: float,
        follows: bool | None = None,
    ) -> Timed | None:
        """The packet's times made sane, or None for a packet to drop.

        Args:
            now: Monotonic time of its arrival.
            follows: Whether its sequence number says that nothing is missing
                before it; None where packets have no numbers.

        Raises:
            StreamError: Too many packets in a row carried no time.
        """
        if dts is None:
            dts = self._guess(pts, duration)
        else:
            self._missing = 0
        self._pace.came(now)
        breaks = False
        if self._goes_on(dts, now):
            given = self._take(dts, now)
        elif self._is_confirmed(dts, now, follows):
            given = self._by_arrival(now)
            breaks = self.believed and self._strays is not None and self._strays.is_broken
            self._rebase(dts, now, given)
        elif follows is None and self.believed and self._is_late(dts):
            return None
        else:
            self._astray += 1
            if self._astray > MOST_STRAYS and self.believed:
                self._doubt(now, None)
            given = self._by_arrival(now)
        if self._given_at is not None:
            # Slices of one picture share a time; a muxer wants each to grow.
            given = max(given, self._given + 1)
        self._given, self._given_at = given, now
        delay = 0 if pts is None else pts - dts
        return Timed(given, given + delay if 0 < delay <= self._max_delay else given, breaks)

    def _guess(self, pts: int | None, duration: int | None) -> int:
        self._missing += 1
        if self._missing > MAX_MISSING:
            raise StreamError(Problem.BAD_DATA, "no timestamps")
        if self._sent is None:
            return pts or 0
        return self._sent + (duration or self._frame_ticks)

    def _goes_on(self, dts: int, now: float) -> bool:
        """True if the time is a likely one after the last that was believed."""
        if self._sent is None:
            return True
        if dts < self._sent:
            return False
        if (dts - self._sent) * self.tick_s - (now - self._sent_at) <= self._max_ahead_s:
            return True
        # What was late may catch up, and leave out what the camera had to let go of.
        return (dts + self._rebased) * self.tick_s - now <= self._watch.lead_s + SLACK_S

    def _learn_step(self, step: int) -> None:
        self._step = step
        self._max_ahead_s = max(MAX_AHEAD_S, 2 * step * self.tick_s)

    def _is_late(self, dts: int) -> bool:
        return self._sent is not None and -self._max_back <= dts - self._sent < 0

    def _take(self, dts: int, now: float) -> int:
        """The time to give to a packet that goes on where the last one was."""
        step = 0 if self._sent is None else dts - self._sent
        if self._sent is None:
            self._began_at = now
        if step != self._step and step > 0 and not self._astray:
            self._learn_step(step)
        self._strays, self._astray = None, 0
        self._sent, self._sent_at = dts, now
        if self._watch.seen((dts + self._rebased) * self.tick_s, now):
            self._weigh(now)
        if not self.believed:
            return self._by_arrival(now)
        if self._slew:
            self._slewed += round(step * self._slew)
        return dts + self._rebased + self._slewed

    def _by_arrival(self, now: float) -> int:
        """The time for a packet whose own is not believed."""
        usual_s = self._step * self.tick_s if self._astray <= CONFIRMED_BY else 0.0
        if not (self.believed and usual_s):
            usual_s = self._pace.usual_s
        level_s = self._level_s
        if level_s is None:
            level_s = self._watch.lead_s + self._slewed * self.tick_s
        last_s = self._given * self.tick_s
        passed_s = 0.0 if self._given_at is None else now - self._given_at
        return round(self._pace.after(last_s, usual_s, passed_s, now + level_s) / self.tick_s)

    def _is_confirmed(self, dts: int, now: float, follows: bool | None) -> bool:
        """True if enough packets in a row say that the clock is another one now."""
        known, count = self._strays, 1
        if known is not None and dts >= known.dts:
            ahead_s = (dts - known.dts) * self.tick_s - (now - known.at)
            count += known.length if ahead_s <= self._max_ahead_s else 0
        if known is None or count == 1:
            self._strays = _Strays(dts, now, dts, now, 1, not follows)
            return False
        self._strays = known = known._replace(dts=dts, at=now, length=count)
        passed_s = (dts - known.first_dts) * self.tick_s
        # What comes a second time comes at once; a clock that was set back goes on as before.
        is_again = follows is None and self._is_late(dts)
        return count >= CONFIRMED_BY and not (is_again and now - known.first_at < passed_s / 2)

    def _rebase(self, dts: int, now: float, given: int) -> None:
        """Go on with another timeline where the last one was."""
        self._rebased = given - dts - self._slewed
        self._strays, self._astray = None, 0
        self._sent, self._sent_at = dts, now
        self._watch.restart()
        self._watch.seen((dts + self._rebased) * self.tick_s, now)

    def _weigh(self, now: float) -> None:
        """A stretch of time more has been measured."""
        watch = self._watch
        if not self.believed:
            if watch.departs:
                self._doubted_at = now
            elif watch.is_calm and now - self._doubted_at >= self._patience_s:
                self._believe_again(now)
            return
        lead_s = watch.lead_s + self._slewed * self.tick_s
        if self._level_s is None:
            self._level_s = self._first_level_s = lead_s
        if watch.departs:
            if now - self._began_at < 2 * AT_FIRST_S:
                gained_s = max(0.0, watch.speed - 1) * self._settle_s
                self._level_s = self._first_level_s - gained_s
            self._doubt(now, watch.speed)
            return
        if now - self._began_at < AT_FIRST_S:
            self._level_s = max(self._level_s, lead_s)
        off_s = lead_s - self._level_s
        if self._puts_right and abs(off_s) > min(watch.slack_s, MOST_OFF_S):
            self._slew = -SLEW if off_s > 0 else SLEW
        elif self._slew and off_s * self._slew >= -PUT_RIGHT_S * SLEW:
            self._slew = 0.0

    def _doubt(self, now: float, speed: float | None) -> None:
        """Arrival places the packets from here on."""
        self.speed = speed
        if self._level_s is None:
            self._level_s = self._watch.lead_s + self._slewed * self.tick_s
        self.believed, self._doubted_at, self._slew = False, now, 0.0
        self._watch.restart()

    def _believe_again(self, now: float) -> None:
        assert self._sent is not None
        self.believed = True
        self._patience_s = min(2 * self._patience_s, MOST_PATIENCE_S)
        self._rebase(self._sent, now, self._by_arrival(now))
