"""Tokens as a host application signs them, good and bad, and its keys."""

import base64
import json
import time
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

SECRET: Final = "a-secret-of-the-host-application-that-is-long-enough"
ISSUER: Final = "https://app.example.org"
AUDIENCE: Final = "diagramai"
RSA_KEY: Final = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY: Final = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY: Final = ec.generate_private_key(ec.SECP256R1())


def claims(**more: Any) -> dict[str, Any]:
    """Of a token that is good for an hour: some are made when tests are collected, long before
    their turn. ``None`` leaves a claim out."""
    now = int(time.time())
    given = {
        "sub": "ann",
        "name": "Ann",
        "exp": now + 3_600,
        "iss": ISSUER,
        "aud": AUDIENCE,
        **more,
    }
    return {name: value for name, value in given.items() if value is not None}


def signed(key: Any = SECRET, algorithm: str = "HS256", kid: Any = None, **more: Any) -> str:
    """A token with these claims besides."""
    headers = None if kid is None else {"kid": kid}
    return jwt.encode(claims(**more), key, algorithm=algorithm, headers=headers)


def handmade(header: Any, payload: Any, signature: bytes = b"") -> str:
    """A token as no library would make it."""
    parts = (json.dumps(header).encode(), json.dumps(payload).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def key_set(**keys: Any) -> dict[str, Any]:
    """The public halves by their ids, as a JWK set."""
    listed = []
    for kid, key in keys.items():
        public = key.public_key()
        is_rsa = isinstance(public, rsa.RSAPublicKey)
        algorithm: Any = jwt.algorithms.RSAAlgorithm if is_rsa else jwt.algorithms.ECAlgorithm
        described = json.loads(algorithm.to_jwk(public))
        listed.append({**described, "kid": kid, "use": "sig"})
    return {"keys": listed}
