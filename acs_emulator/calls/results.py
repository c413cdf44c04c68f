"""How things end, in the service's numbers and words (ACS.md 5.3). Pure.

Those marked [?] are in none of the sources: the numbers that its telephony uses for the same thing.
"""

from typing import Any, NamedTuple


class Result(NamedTuple):
    """`resultInformation` of an event."""

    code: int
    sub_code: int
    message: str

    def model(self) -> dict[str, Any]:
        return {"code": self.code, "subCode": self.sub_code, "message": self.message}


DONE = Result(200, 0, "Action completed successfully.")
ENDED = Result(200, 7000, "The conversation has ended. DiagCode: 0#7000.@")
TRANSFERRED = Result(200, 7015, "Transfer completed.")
CANCELLED = Result(400, 8508, "Action failed, the operation was cancelled.")
TERMINATED = Result(400, 8528, "Action failed, call terminated.")
FAILED = Result(500, 8500, "Action failed: the scenario asked for this.")
NOT_IN_CALL = Result(404, 8522, "Action failed, the participant is not in the call.")
NO_INVITATION = Result(404, 8522, "Action failed, no such invitation is waiting.")

# Why nobody came [?].
REFUSALS = {
    "busy": Result(486, 560486, "Busy here."),
    "declined": Result(603, 560603, "Decline: the call was rejected by the callee."),
    "no_answer": Result(487, 10004, "The call was cancelled on timeout, no callee endpoint accepted."),
    "cancelled": Result(487, 10003, "The call was cancelled by the caller."),
}

# Recognition.
MAX_TONES = Result(200, 8531, "Action completed, max digits received.")
STOP_TONE = Result(200, 8514, "Action completed as stop tone was detected.")
INTER_DIGIT = Result(200, 8532, "Action completed, inter-digit silence timeout reached.")
TONE_MATCHED = Result(200, 8533, "Action completed, DTMF option matched.")
SPEECH_MATCHED = Result(200, 8545, "Action completed, speech option matched.")
SPEECH_HEARD = Result(200, 0, "Action completed successfully.")
INITIAL_SILENCE = Result(400, 8510, "Action failed, initial silence timeout reached.")
