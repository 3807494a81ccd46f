"""The failures of this program, each with a kind that a machine can tell apart.

No sentence for the user stands here: `ui` has the words for every kind.
"""

from enum import StrEnum


class Reason(StrEnum):
    """The reason why a value cannot be taken into a configuration."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_VALUE = "unknown_value"
    UNKNOWN_SCHEME = "unknown_scheme"
    BAD_ADDRESS = "bad_address"
    TOO_FEW_POINTS = "too_few_points"
    CROSSES_ITSELF = "crosses_itself"
    NOT_READABLE = "not_readable"
    TAKEN = "taken"


class ConfigError(ValueError):
    """A value that cannot stand in a configuration: which field, and why."""

    def __init__(self, field: str, reason: Reason) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class Problem(StrEnum):
    """The reason why a camera's stream could not be opened, or why it ended."""

    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    UNKNOWN_HOST = "unknown_host"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the name of a failure
    NOT_FOUND = "not_found"
    NO_VIDEO = "no_video"
    UNSUPPORTED_CODEC = "unsupported_codec"
    BAD_ADDRESS = "bad_address"
    BAD_CERTIFICATE = "bad_certificate"
    REDIRECTED = "redirected"
    BAD_DATA = "bad_data"
    NO_KEYFRAMES = "no_keyframes"
    ENDED = "ended"
    ASLEEP = "asleep"
    CRASHED = "crashed"

    @property
    def lasting(self) -> bool:
        """Whether another try soon cannot help: a person has to change something."""
        return self in _LASTING


_LASTING = frozenset(
    {
        Problem.WRONG_PASSWORD,
        Problem.NO_VIDEO,
        Problem.UNSUPPORTED_CODEC,
        Problem.BAD_ADDRESS,
        Problem.BAD_CERTIFICATE,
        Problem.REDIRECTED,
    }
)


class StreamError(Exception):
    """A stream failed.

    Attributes:
        detail: What may be shown beside the kind (a host, a codec); holds no secret.
        answered: Whether the camera's port was open: it is there, whatever it says.
        retry_after_s: How long it asked to be left alone; 0 where it did not.
    """

    def __init__(
        self,
        kind: Problem,
        detail: str = "",
        *,
        answered: bool = False,
        retry_after_s: float = 0.0,
    ) -> None:
        super().__init__(f"{kind}: {detail}" if detail else str(kind))
        self.kind = kind
        self.detail = detail
        self.answered = answered
        self.retry_after_s = retry_after_s


class StorageProblem(StrEnum):
    """The reason why nothing can be written at the moment, or less than comes."""

    FULL = "full"
    READ_ONLY = "read_only"
    MISSING = "missing"
    HANGING = "hanging"
    # It answers, and takes less than comes.
    SLOW = "slow"
    FAILING = "failing"
    FORBIDDEN = "forbidden"
    TOO_LARGE = "too_large"
    BAD_NAME = "bad_name"

    @property
    def keeps(self) -> bool:
        """Whether what comes waits in memory meanwhile, and is lost only without room."""
        return self in (StorageProblem.HANGING, StorageProblem.SLOW)


class StorageError(Exception):
    """The recordings' disk did not take what was given to it."""

    def __init__(self, kind: StorageProblem, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}" if detail else str(kind))
        self.kind = kind
        self.detail = detail
