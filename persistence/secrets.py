"""What of a secret is stored: its hash, and nothing from which it could be found again."""

import hashlib


def hash_secret(secret: str) -> str:
    """SHA-256 in hexadecimal. Enough for random secrets of 128 bits and more, not for passwords."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
