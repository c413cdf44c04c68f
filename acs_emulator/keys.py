"""Keys of the emulated resource: the access key that requests are signed with, and the RSA key that signs its
tokens."""

import base64
import binascii
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from acs_emulator.errors import BadKey

# The same for everybody, like the keys of other emulators of Azure: it protects nothing, and settings can be kept.
DEVELOPMENT_KEY = base64.b64encode(b"acs-emulator: a key for development alone, known to all.").decode()


def checked_key(key: str) -> str:
    """The access key as it was given. Raises BadKey where it is no base64."""
    try:
        if not base64.b64decode(key, validate=True):
            raise BadKey(key=key)
    except binascii.Error:
        raise BadKey(key=key) from None
    return key


def resource_id_of(key: str) -> str:
    """The immutable resource id: the same whenever the key is."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"acs-emulator:{key}"))


class SigningKey:
    """An RSA key of this run; `jwks()` is what verifies its signatures."""

    def __init__(self) -> None:
        self._private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.id = uuid.uuid4().hex

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self._private, algorithm="RS256", headers={"kid": self.id})

    def jwks(self) -> dict[str, Any]:
        public: dict[str, Any] = RSAAlgorithm.to_jwk(self._private.public_key(), as_dict=True)
        return {"keys": [public | {"kid": self.id, "use": "sig", "alg": "RS256"}]}
