"""Refusals of requests, as the service writes them (ACS.md 4.4). Pure."""

from http.client import responses
from typing import Any

# What a status most often means: ACS.md 5.3. Others have the name of the status for a code.
_CODES = {
    400: ("8523", "Invalid argument."),
    401: ("7509", "HMAC validation error: the signature does not match."),
    403: ("7504", "Insufficient permission for this operation."),
    404: ("8522", "Call not found."),
    405: ("8520", "Not supported."),
    409: ("8519", "Conflict: another operation is under way."),
    412: ("8583", "Precondition failed: incompatible media actions."),
    429: ("TooManyRequests", "Too many requests. Please try again later."),
    500: ("InternalServerError", "An internal error occurred."),
}


class ApiError(Exception):
    """`code`: a sub-code of ACS.md 5.3, or a word."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def model(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.message}}


def bad_argument(message: str) -> ApiError:
    return ApiError(400, "8523", message)


def not_found(what: str) -> ApiError:
    return ApiError(404, "8522", f"{what} not found.")


def not_established() -> ApiError:
    return ApiError(400, "8501", "Action is valid when call is in Established state.")


def wrong_state(state: str) -> ApiError:
    return ApiError(409, "8585", f"Action not valid in current call state ({state}).")


def unauthorized(message: str) -> ApiError:
    return ApiError(401, "7509", message)


def fitting(status: int, code: str = "", message: str = "") -> ApiError:
    """The error of a status, as far as none is said."""
    phrase = responses.get(status, "Error")
    usual, sentence = _CODES.get(status, (phrase.title().replace(" ", ""), f"{phrase}."))
    return ApiError(status, code or usual, message or sentence)
