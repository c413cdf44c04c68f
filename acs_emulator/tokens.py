"""The tokens that the service signs its sockets and callbacks with (ACS.md 1 and 5.2). Real time, whatever a scenario
does to the clock: an application must be able to believe them."""

import time
import uuid
from typing import Any

from acs_emulator.keys import SigningKey

ISSUER = "https://acscallautomation.communication.azure.com"
OPENID_PATH = "/calling/.well-known/acsopenidconfiguration"
JWKS_PATH = "/calling/keys"

CALLBACK_SECONDS = 5 * 60
SOCKET_SECONDS = 24 * 60 * 60


class Tokens:
    """RS256; audience: the immutable resource id. Each call makes a new token."""

    def __init__(self, audience: str) -> None:
        self.audience = audience
        self._key = SigningKey()

    def for_callback(self) -> str:
        return self._token(CALLBACK_SECONDS)

    def for_socket(self) -> str:
        return self._token(SOCKET_SECONDS)

    def jwks(self) -> dict[str, Any]:
        return self._key.jwks()

    @staticmethod
    def openid(base_url: str) -> dict[str, Any]:
        """The OpenID configuration; the issuer is the real one's, the keys are here."""
        return {
            "issuer": ISSUER,
            "jwks_uri": f"{base_url}{JWKS_PATH}",
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": ["iss", "aud", "iat", "nbf", "exp", "jti"],
        }

    def _token(self, seconds: int) -> str:
        now = int(time.time())
        life = {"iat": now, "nbf": now, "exp": now + seconds, "jti": str(uuid.uuid4())}
        return self._key.sign({"iss": ISSUER, "aud": self.audience, **life})
