"""The public keys of a host application (a JWK set, RFC 7517), read from a file or fetched."""

import logging
from pathlib import Path
from typing import Any, Final

import httpx2
import jwt
import msgspec
import trio

from gateway.errors import ServiceError
from gateway.settings import is_loopback

logger = logging.getLogger("diagramai.identity")

#: Bytes of a key set, and keys in it.
MAX_JWKS_BYTES: Final = 256 * 1024
MAX_JWKS_KEYS: Final = 64
#: Seconds to fetch a key set, and to connect.
JWKS_TIMEOUT_SECONDS: Final = 5.0
#: Seconds between two attempts to find a key that is not there, however many tokens name it.
JWKS_RETRY_INTERVAL: Final = 60.0
#: Seconds after which the set is read again, so that a key that was taken out is believed no more.
JWKS_REFRESH_INTERVAL: Final = 3_600.0
#: Seconds for which the last set is believed while it cannot be read.
JWKS_STALE_SECONDS: Final = 86_400.0
#: Characters of a key's id.
MAX_KID_LENGTH: Final = 256
#: Bits of an RSA key, at least.
MIN_RSA_BITS: Final = 2_048

#: Which kind of key an algorithm is for. There is none for shared secrets: in a public key set they
#: would not be secret.
_KINDS: Final = {"RS256": ("RSA", None), "ES256": ("EC", "P-256")}


class KeySet:
    """The keys by their ids, for the algorithms that the settings allow.

    ``source`` is a path, or an address with https, or with http on this machine.
    """

    def __init__(self, source: str, algorithms: frozenset[str]) -> None:
        self._source = source
        self._algorithms = algorithms
        self._keys: list[jwt.PyJWK] = []
        self._lock = trio.Lock()
        self._read_at = -float("inf")
        self._tried_at = -float("inf")

    async def find(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        """The key of this id that is for this algorithm; without an id the only one that is.

        Raises ServiceError ``unavailable`` where there is no set to look into.
        """
        if self._is_old():
            await self._read()
        found = self._look(kid, algorithm)
        if found is None and self._may_try():
            await self._read()
            found = self._look(kid, algorithm)
        if found is None and trio.current_time() - self._read_at > JWKS_STALE_SECONDS:
            message = "The sign-in service's keys cannot be read just now; try again in a minute."
            raise ServiceError("unavailable", message, retry=True)
        return found

    def _look(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        if trio.current_time() - self._read_at > JWKS_STALE_SECONDS:
            return None
        fitting = [each for each in self._keys if each.algorithm_name == algorithm]
        if kid is not None:
            fitting = [each for each in fitting if each.key_id == kid]
        return fitting[0] if len(fitting) == 1 else None

    def _is_old(self) -> bool:
        is_old = trio.current_time() - self._read_at >= JWKS_REFRESH_INTERVAL
        return is_old and self._may_try()

    def _may_try(self) -> bool:
        return trio.current_time() - self._tried_at >= JWKS_RETRY_INTERVAL

    async def _read(self) -> None:
        """Reads the set, once however many wait for it. Failing leaves what was read before."""
        async with self._lock:
            if not self._may_try():
                return
            self._tried_at = trio.current_time()
            try:
                with trio.fail_after(JWKS_TIMEOUT_SECONDS):
                    data = await self._load()
                self._keys = parse_key_set(data, self._algorithms)
            except (OSError, trio.TooSlowError, httpx2.HTTPError, ValueError) as error:
                # Whatever stands after the path may be a secret.
                source = self._source.partition("?")[0]
                logger.warning("the key set %s cannot be read: %s", source, _said(error))
                return
            self._read_at = trio.current_time()

    async def _load(self) -> bytes:
        if not is_url(self._source):
            return await trio.to_thread.run_sync(_read_file, Path(self._source))
        # A proxy set for the internet has no way to this machine's own ports.
        trust_env = not is_loopback(httpx2.URL(self._source).host)
        async with (
            httpx2.AsyncClient(
                timeout=JWKS_TIMEOUT_SECONDS, follow_redirects=False, trust_env=trust_env
            ) as client,
            client.stream("GET", self._source, headers={"accept": "application/json"}) as answer,
        ):
            if answer.status_code != 200:
                raise ValueError(f"the answer is {answer.status_code}")
            return _checked_size(await _read_answer(answer))


async def _read_answer(answer: httpx2.Response) -> bytes:
    """The body, cut off where it is too long."""
    data = b""
    # Leaving the loop by itself would leave the library's generators behind.
    with trio.CancelScope() as scope:
        async for part in answer.aiter_bytes():
            data += part
            if len(data) > MAX_JWKS_BYTES:
                scope.cancel()
    return data


def parse_key_set(data: bytes, algorithms: frozenset[str]) -> list[jwt.PyJWK]:
    """The keys in a set that serve to verify by one of ``algorithms``; others are passed over, as
    the RFC wants it. Raises ValueError where it is no key set, or has none of them."""
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("it is not JSON") from None
    listed = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list) or len(listed) > MAX_JWKS_KEYS:
        raise ValueError(f"it is not a set of at most {MAX_JWKS_KEYS} keys")
    keys = [key for each in listed if (key := _parse_key(each, algorithms)) is not None]
    if not keys:
        raise ValueError(f"it has no key for {', '.join(sorted(algorithms))}")
    return keys


def _parse_key(described: Any, algorithms: frozenset[str]) -> jwt.PyJWK | None:
    if not isinstance(described, dict) or described.get("use", "sig") != "sig":
        return None
    kid = described.get("kid")
    if kid is not None and not (isinstance(kid, str) and len(kid) <= MAX_KID_LENGTH):
        return None
    kind = described.get("kty"), described.get("crv")
    algorithm = next((name for name, wanted in _KINDS.items() if wanted == kind), None)
    if algorithm not in algorithms or described.get("alg", algorithm) != algorithm:
        return None
    public = {name: value for name, value in described.items() if name not in _PRIVATE}
    try:
        key = jwt.PyJWK(public, algorithm=algorithm)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return key if getattr(key.key, "key_size", 0) >= MIN_RSA_BITS or kind[0] == "EC" else None


#: What is private of a key has no business here, and is not kept.
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return _checked_size(file.read(MAX_JWKS_BYTES + 1))


def _checked_size(data: bytes) -> bytes:
    if len(data) > MAX_JWKS_BYTES:
        raise ValueError(f"it has more than {MAX_JWKS_BYTES} bytes")
    return data


def is_url(source: str) -> bool:
    return source.startswith(("https://", "http://"))


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
