"""A login as a camera asks for it, over RTSP or HTTP, and where a redirect may take it along.

Basic (RFC 7617) and Digest (RFC 7616).
"""

import hashlib
import re
import secrets
from base64 import b64encode
from dataclasses import dataclass, replace

from vms_desktop.core.base import ConfigError, Problem, StreamError
from vms_desktop.core.config import NetworkAddress, parse_network

# The name that a camera is told by whoever logs in.
USER_AGENT = "vms-desktop"
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
# A camera that sends on more often than this sends in a circle.
MOST_REDIRECTS = 5
# Statuses that say what is wrong, over RTSP as over HTTP.
REFUSAL_KINDS = {
    403: Problem.WRONG_PASSWORD,
    404: Problem.NOT_FOUND,
    407: Problem.WRONG_PASSWORD,
    410: Problem.NOT_FOUND,
}

_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
_SESSION = "-SESS"
_NEXT_OFFER = re.compile(r"\n|, *(?=(?:basic|digest) )", re.IGNORECASE)
# Each letter is looked at once, however long a name without a value is.
_PAIR = re.compile(r'(?<![\w-])([\w-]++)\s*+=\s*+(?:"([^"]*)"|([^\s,]++))')


class Login:
    """Tells one camera the password, from its first challenge on."""

    def __init__(self, address: NetworkAddress) -> None:
        self._address = address
        self._challenge: _Challenge | None = None
        self._was_right = False

    def authorization(self, method: str, url: str) -> str:
        """The header of the next request; empty before the camera has asked for it."""
        return self._challenge.answer(method, url, self._address) if self._challenge else ""

    def challenged(self, offers: str) -> bool:
        """True if it is to be asked again after a refusal, with the password or with a fresh nonce.

        Never twice with both. `offers` are the lines of `WWW-Authenticate`.
        """
        address = self._address
        # Where the path holds the login, it has been told already.
        if not (address.username or address.password) or address.holds_login:
            return False
        answered, self._challenge = self._challenge, _challenge(offers)
        if self._challenge is None:
            return False
        # A password that was right once is so still; some cameras do not say that it is the nonce.
        return answered is None or self._challenge.is_stale or self._was_right

    def accepted(self) -> None:
        """The camera let us in."""
        self._was_right = self._challenge is not None


def redirected(here: NetworkAddress, location: str) -> NetworkAddress:
    """The address that a camera sends on to, with the login, which goes to no other host.

    Neither does a password go from an encrypted connection to a plain one.

    Raises:
        StreamError: `REDIRECTED`, where the login must not go.
    """
    try:
        there = parse_network(location)
    except ConfigError:
        there = None
    if (
        there is None
        or (there.protocol, there.host.lower()) != (here.protocol, here.host.lower())
        or (here.is_encrypted and here.password and not there.is_encrypted)
    ):
        raise StreamError(Problem.REDIRECTED, here.host, answered=True)
    return replace(there, host=here.host, username=here.username, password=here.password)


def wire_bytes(text: str) -> bytes:
    """As it goes over the wire: what was no UTF-8 in the address is what it was there."""
    return text.encode("utf-8", "surrogateescape")


@dataclass(slots=True)
class _Challenge:
    """A camera's wish how to be told the password: Basic (RFC 7617) or Digest (RFC 7616)."""

    scheme: str
    realm: str = ""
    nonce: str = ""
    opaque: str = ""
    algorithm: str = ""
    quality: str = ""
    is_stale: bool = False
    count: int = 0

    def answer(self, method: str, url: str, address: NetworkAddress) -> str:
        if self.scheme == "basic":
            login = wire_bytes(f"{address.username}:{address.password}")
            return f"Basic {b64encode(login).decode()}"
        return self._digest(method, url, address)

    def _digest(self, method: str, url: str, address: NetworkAddress) -> str:
        self.count += 1
        hash_of = _HASHES[self.algorithm.removesuffix(_SESSION) or "MD5"]

        def hashed(*parts: str) -> str:
            return hash_of(wire_bytes(":".join(parts))).hexdigest()

        client_nonce = secrets.token_hex(8)
        secret = hashed(address.username, self.realm, address.password)
        if self.algorithm.endswith(_SESSION):
            secret = hashed(secret, self.nonce, client_nonce)
        asked = hashed(method, url)
        count = f"{self.count:08x}"
        middle = (count, client_nonce, "auth") if self.quality else ()
        fields = {
            "username": _escaped(address.username),
            "realm": self.realm,
            "nonce": self.nonce,
            "uri": url,
        }
        if self.quality or self.algorithm.endswith(_SESSION):
            fields["cnonce"] = client_nonce
        fields["response"] = hashed(secret, self.nonce, *middle, asked)
        if self.opaque:
            fields["opaque"] = self.opaque
        plain = {"qop": "auth", "nc": count} if self.quality else {}
        if self.algorithm:
            plain["algorithm"] = self.algorithm
        quoted = [f'{name}="{value}"' for name, value in fields.items()]
        return "Digest " + ", ".join([*quoted, *(f"{n}={v}" for n, v in plain.items())])


def _challenge(offers: str) -> _Challenge | None:
    """The best form of login that is offered; None where none is that we know."""
    known = [offer for line in _NEXT_OFFER.split(offers) if (offer := _offer(line))]
    return next((offer for offer in known if offer.scheme == "digest"), next(iter(known), None))


def _offer(line: str) -> _Challenge | None:
    scheme, _, rest = line.partition(" ")
    given = {name.lower(): quoted or bare for name, quoted, bare in _PAIR.findall(rest)}
    if scheme.lower() == "basic":
        return _Challenge("basic", given.get("realm", ""))
    algorithm = given.get("algorithm", "").upper()
    known = algorithm.removesuffix(_SESSION) in ("", *_HASHES)
    if scheme.lower() != "digest" or not known:
        return None
    return _Challenge(
        "digest",
        given.get("realm", ""),
        given.get("nonce", ""),
        given.get("opaque", ""),
        algorithm,
        "auth" if "auth" in re.split(r"[ ,]+", given.get("qop", "").lower()) else "",
        given.get("stale", "").lower() == "true",
    )


def _escaped(text: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", re.sub(r"[\r\n]", "", text))
