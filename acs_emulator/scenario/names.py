"""What a scenario may name: operations of the REST surface (ACS.md 4.2) and events (5.1 and 5.2), and which callbacks
follow from which operation. Pure."""

_OPERATIONS = """
create answer redirect reject connect get hangUp terminate transferToParticipant participants participant add remove
mute cancelAddParticipant moveHere play recognize cancelAllMediaOperations startContinuousDtmfRecognition
stopContinuousDtmfRecognition sendDtmfTones hold unhold startMediaStreaming stopMediaStreaming startTranscription
stopTranscription updateTranscription startRecording recording stopRecording pauseRecording resumeRecording
"""
_EVENTS = """
AddParticipantSucceeded AddParticipantFailed RemoveParticipantSucceeded RemoveParticipantFailed MoveParticipantSucceeded
MoveParticipantFailed CallConnected CallDisconnected CallTransferAccepted CallTransferFailed ParticipantsUpdated
RecordingStateChanged StartRecordingFailed PlayStarted PlayCompleted PlayFailed PlayCanceled RecognizeCompleted
RecognizeFailed RecognizeCanceled ContinuousDtmfRecognitionToneReceived ContinuousDtmfRecognitionToneFailed
ContinuousDtmfRecognitionStopped SendDtmfTonesCompleted SendDtmfTonesFailed CancelAddParticipantSucceeded
CancelAddParticipantFailed TranscriptionStarted TranscriptionStopped TranscriptionUpdated TranscriptionFailed
MediaStreamingStarted MediaStreamingStopped MediaStreamingFailed CreateCallFailed AnswerFailed ConnectFailed HoldFailed
"""
GRID_EVENTS = ("IncomingCall", "CallStarted", "CallEnded", "CallParticipantAdded", "CallParticipantRemoved")
OPERATIONS = tuple(_OPERATIONS.split())
EVENTS = tuple(_EVENTS.split())

# What an operation's own task reports soon after it; what only happens later by itself is not here.
_STREAMS = "MediaStreamingStarted MediaStreamingFailed TranscriptionStarted TranscriptionFailed"
_CONNECTED = f"CallConnected ParticipantsUpdated {_STREAMS}"
_ENDED = "CallDisconnected MediaStreamingStopped TranscriptionStopped PlayFailed RecognizeFailed ParticipantsUpdated"
_CANCELED = "PlayCanceled RecognizeCanceled"
_CAUSES = {
    "create": f"{_CONNECTED} CreateCallFailed CallDisconnected",
    "answer": f"{_CONNECTED} AnswerFailed",
    "connect": f"{_CONNECTED} ConnectFailed",
    "redirect": _CONNECTED,
    "reject": "CreateCallFailed CallDisconnected AddParticipantFailed CallTransferFailed",
    "hangUp": _ENDED,
    "terminate": _ENDED,
    "transferToParticipant": f"CallTransferAccepted CallTransferFailed {_ENDED}",
    "add": "AddParticipantSucceeded AddParticipantFailed ParticipantsUpdated",
    "remove": f"RemoveParticipantSucceeded RemoveParticipantFailed {_ENDED}",
    "mute": "ParticipantsUpdated",
    "cancelAddParticipant": "CancelAddParticipantSucceeded CancelAddParticipantFailed",
    "moveHere": "MoveParticipantSucceeded MoveParticipantFailed ParticipantsUpdated",
    "play": f"PlayStarted PlayCompleted PlayFailed {_CANCELED}",
    "recognize": f"RecognizeCompleted RecognizeFailed {_CANCELED}",
    "cancelAllMediaOperations": _CANCELED,
    "stopContinuousDtmfRecognition": "ContinuousDtmfRecognitionStopped",
    "sendDtmfTones": "SendDtmfTonesCompleted SendDtmfTonesFailed",
    "hold": "ParticipantsUpdated HoldFailed",
    "unhold": "ParticipantsUpdated",
    "startMediaStreaming": "MediaStreamingStarted MediaStreamingFailed",
    "stopMediaStreaming": "MediaStreamingStopped",
    "startTranscription": "TranscriptionStarted TranscriptionFailed",
    "stopTranscription": "TranscriptionStopped",
    "updateTranscription": "TranscriptionUpdated",
    "startRecording": "RecordingStateChanged StartRecordingFailed",
    "stopRecording": "RecordingStateChanged",
    "pauseRecording": "RecordingStateChanged",
    "resumeRecording": "RecordingStateChanged",
}
CAUSES = {operation: tuple(events.split()) for operation, events in _CAUSES.items()}
