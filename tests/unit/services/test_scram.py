"""The verifier of a password, against the example of the standard."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode

from console.services.scram import made_password, verifier

# The exchange of RFC 7677, section 3.
_SALT = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
_NONCE = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
_AUTH_MESSAGE = (
    f"n=user,r=rOprNGfwEbeRWgbNEkqO,r={_NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r={_NONCE}"
).encode()
_SIGNATURE = b"6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def test_it_is_what_the_standard_says() -> None:
    made = verifier("pencil", _SALT)
    head, keys = made.split("$", 1)[1].rsplit("$", 1)
    assert head == "4096:W22ZaJ0SNY7soEsUEjb6gQ=="
    server_key = b64decode(keys.split(":")[1])
    assert b64encode(hmac.digest(server_key, _AUTH_MESSAGE, "sha256")) == _SIGNATURE


def test_no_password_is_made_twice_or_hard_to_read() -> None:
    made = {made_password() for _ in range(100)}
    assert len(made) == 100
    assert all(len(each) == 23 and not set(each) & set("lo01") for each in made)


def test_salts_differ() -> None:
    assert verifier("same") != verifier("same")
