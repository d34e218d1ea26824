"""Passwords of new logins: made here, and turned into what the server may know of them.

RFC 5802 and RFC 7677, as PostgreSQL writes them down:
`SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>`.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b64encode
from hashlib import pbkdf2_hmac, sha256

ITERATIONS = 4096
"""What PostgreSQL uses; a made password is too random to be guessed at any count."""
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def made_password() -> str:
    """Four groups of five letters and digits, none of which looks like another: 100 bits of chance."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


def verifier(password: str, salt: bytes | None = None) -> str:
    """The verifier of an ASCII password, which needs no normalising; `salt` None makes one."""
    salt = secrets.token_bytes(16) if salt is None else salt
    salted = pbkdf2_hmac("sha256", password.encode("ascii"), salt, ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    first, stored, server = (
        b64encode(each).decode() for each in (salt, sha256(client_key).digest(), server_key)
    )
    return f"SCRAM-SHA-256${ITERATIONS}:{first}${stored}:{server}"
