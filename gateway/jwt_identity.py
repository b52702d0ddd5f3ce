"""People of a host application, by the JSON Web Tokens (RFC 7519) that it signs for them.

The settings say how tokens are signed; a token's own header never does. A shared secret verifies
HS256 and nothing else, a key set RS256 and ES256 and never HS256.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import jwt
import msgspec

from gateway.identity import JWT_PERSON, Principal, person_principal
from gateway.jwks import MAX_KID_LENGTH, KeySet
from gateway.settings import JwtSettings
from persistence.rows import is_storable

#: Characters of a token.
MAX_TOKEN_LENGTH: Final = 8 * 1024
#: Characters of a subject, and of a name.
MAX_SUBJECT_LENGTH: Final = 200
MAX_PERSON_NAME_LENGTH: Final = 100
#: Seconds by which the clock of whoever signs may differ from ours, either way.
CLOCK_LEEWAY_SECONDS: Final = 30
#: What proved who somebody with a token is.
JWT: Final = "jwt"


class JwtPerson(msgspec.Struct, frozen=True):
    """What a good token says. It ends at ``expires_at``, the leeway included."""

    subject: str
    name: str
    expires_at: datetime


class JwtIdentity:
    """Verifies tokens by what the settings say."""

    def __init__(self, settings: JwtSettings, admins: frozenset[str] = frozenset()) -> None:
        self._settings = settings
        self._admins = admins
        self._secret = settings.secret
        self._keys: KeySet | None = None
        if settings.jwks is not None:
            self._keys = KeySet(settings.jwks, frozenset(settings.algorithms))

    async def identify(self, token: str) -> Principal | None:
        """Whose token it is; ``None`` for any that is not good, whatever is wrong with it.

        Raises ServiceError ``unavailable`` where the keys to verify it cannot be had.
        """
        person = await self.verify(token)
        if person is None:
            return None
        return person_principal(
            f"{JWT_PERSON}{person.subject}",
            person.name,
            JWT,
            is_admin=person.subject in self._admins,
            expires_at=person.expires_at,
        )

    async def verify(self, token: str) -> JwtPerson | None:
        """The same, as the token says it."""
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            return None
        try:
            header = jwt.get_unverified_header(token)
            found = await self._find_key(header)
            if found is None:
                return None
            algorithm, key = found
            claims = self._decode(token, key, algorithm)
        # Odd values in claims fail in many ways, also inside the library.
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            return None
        return _read_claims(claims)

    async def _find_key(self, header: Mapping[str, Any]) -> tuple[str, Any] | None:
        algorithm = header.get("alg")
        if self._secret is not None:
            return ("HS256", self._secret.encode()) if algorithm == "HS256" else None
        kid = header.get("kid")
        if self._keys is None or algorithm not in self._settings.algorithms:
            return None
        if kid is not None and not (isinstance(kid, str) and len(kid) <= MAX_KID_LENGTH):
            return None
        key = await self._keys.find(kid, algorithm)
        return None if key is None else (algorithm, key)

    def _decode(self, token: str, key: Any, algorithm: str) -> Mapping[str, Any]:
        settings = self._settings
        required = ["exp", "sub", "name"]
        if settings.issuer is not None:
            required.append("iss")
        if settings.audience is not None:
            required.append("aud")
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=settings.issuer,
            audience=settings.audience,
            leeway=CLOCK_LEEWAY_SECONDS,
            options={
                "require": required,
                "verify_aud": settings.audience is not None,
                "verify_iss": settings.issuer is not None,
            },
        )


def _read_claims(claims: Mapping[str, Any]) -> JwtPerson | None:
    subject, name, ends = claims["sub"], claims["name"], claims["exp"]
    if not isinstance(subject, str) or not isinstance(name, str):
        return None
    if isinstance(ends, bool) or not isinstance(ends, int | float):
        return None
    is_subject = 0 < len(subject) <= MAX_SUBJECT_LENGTH and subject.isprintable()
    if not is_subject or not is_storable(subject) or subject != subject.strip():
        return None
    # A name is for looking at: what cannot be seen is left out, direction marks among it.
    shown = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not 0 < len(shown) <= MAX_PERSON_NAME_LENGTH or len(name) > 2 * MAX_PERSON_NAME_LENGTH:
        return None
    try:
        expires_at = datetime.fromtimestamp(int(ends) + CLOCK_LEEWAY_SECONDS, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return JwtPerson(subject, shown, expires_at)
