"""A property: what is true of the program for every input that can be drawn.

One that fails says so within seconds, with its input: what costs too much is not made smaller,
for each try of it would cost as much, and what fails otherwise is made smaller for a while.
"""

from collections.abc import Callable
from functools import wraps
from time import monotonic
from typing import Any

import hypothesis
from hypothesis import settings
from hypothesis.errors import HypothesisException

from tests.support.bounds import OverBoundError, in_tries
from tests.support.strategies import ORDINARY

# How long a failing input is made smaller: while somebody waits for it, and otherwise.
SHRINK_S, LONG_SHRINK_S = 5.0, 60.0


class Verdicts:
    """What is known of a property since its first failure, so that it comes to an end soon.

    hypothesis has no deadline for making an input smaller. So once the time is over, whatever
    is not known to fail passes without being tried; then there is nothing smaller.
    """

    def __init__(self) -> None:
        self._failed: dict[str, Exception] = {}
        self._end: float | None = None

    def begin_anew(self) -> None:
        """Know nothing: the property is tried with other inputs, or has been changed."""
        self._failed.clear()
        self._end = None

    def judge(self, work: Callable[[], None], given: dict[str, Any]) -> None:
        """Try the input, or tell what is known of it."""
        if self._end is not None:
            known = self._failed.get(repr(given))
            if isinstance(known, OverBoundError):
                raise known
            if known is None and monotonic() > self._end:
                return
        try:
            in_tries(work)
        except HypothesisException:  # The input is none of those that are meant.
            raise
        except Exception as err:
            self._failed[repr(given)] = err
            if isinstance(err, OverBoundError):
                self._end = monotonic()
            elif self._end is None:
                self._end = monotonic() + _shrink_s()
            raise


def _shrink_s() -> float:
    return SHRINK_S if settings.get_current_profile_name() == ORDINARY else LONG_SHRINK_S


def given(**strategies: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """`hypothesis.given`, for a property that ends in time and is held to bounds."""

    def decorated(test: Callable[..., None]) -> Callable[..., None]:
        verdicts = Verdicts()

        @wraps(test)
        def judged(**values: Any) -> None:
            verdicts.judge(lambda: test(**values), values)

        judged.begin_anew = verdicts.begin_anew  # type: ignore[attr-defined]
        return hypothesis.given(**strategies)(judged)

    return decorated
