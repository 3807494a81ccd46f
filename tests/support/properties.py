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


class Broken(BaseException):  # No Exception: hypothesis ends with it at once.
    """A property that fails, without a smaller input being looked for any further.

    Attributes:
        given: The input.
    """

    def __init__(self, given: dict[str, Any]) -> None:
        super().__init__("".join(f"\n{name} = {value!r}" for name, value in given.items()))
        self.given = given


class Verdicts:
    """What failed of a property so far; hypothesis has no deadline for making it smaller."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Know nothing: the property is tried with other inputs, or has been changed."""
        self._smallest: tuple[int, dict[str, Any], Exception] | None = None
        self._end = float("inf")

    def judge(self, work: Callable[[], None], given: dict[str, Any]) -> None:
        """Try an input. Raises what it does, or Broken for what is to be told as it is."""
        if self._smallest and monotonic() > self._end:
            raise Broken(self._smallest[1]) from self._smallest[2]
        try:
            in_tries(work)
        except OverBoundError as err:
            raise Broken(given) from err
        except HypothesisException:  # The input is none of those that are meant.
            raise
        except Exception as err:
            self._note(given, err)
            raise

    def _note(self, given: dict[str, Any], error: Exception) -> None:
        size = len(repr(given))
        if self._smallest is None:
            self._end = monotonic() + _shrink_s()
        if self._smallest is None or size < self._smallest[0]:
            self._smallest = size, given, error


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
