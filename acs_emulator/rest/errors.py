"""Refusals of requests, as the service writes them (ACS.md 4.4). Pure."""

from typing import Any


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
