"""What a player is given to play, and what really comes out of it: the samples on their way to the loudspeaker."""

import base64

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page

from media.models import Participant, StreamSession
from tests.media.recorded import Samples, a_participant, a_recorded_session, add, speech
from tests.media.rows import a_gap

RATE = 16_000
Heard = npt.NDArray[np.float32]

# Whatever a page connects to the loudspeaker is kept as well.
TAP = """
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...rest) {
  if (to instanceof AudioDestinationNode) window.lastContext = this.context;
  if (to instanceof AudioDestinationNode && !window.tapped) {
    window.tapped = [];
    const tap = this.context.createScriptProcessor(2048, 1, 1);
    tap.onaudioprocess = ({ inputBuffer }) => window.tapped.push(inputBuffer.getChannelData(0).slice());
    connect.call(this, tap);
    connect.call(tap, to);
  }
  return connect.call(this, to, ...rest);
};
"""
TAKE = """() => {
  const parts = window.tapped ?? [];
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => { all.set(part, at); return at + part.length; }, 0);
  if (window.tapped) window.tapped = [];
  let text = "";
  const bytes = new Uint8Array(all.buffer);
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}"""


def heard(page: Page) -> Heard:
    """What came out since it was asked last."""
    return np.frombuffer(base64.b64decode(page.evaluate(TAKE)), np.float32)


def listen(page: Page, seconds: float) -> Heard:
    """What comes out in so many seconds from now."""
    heard(page)
    page.wait_for_timeout(seconds * 1000)
    return heard(page)


def found_in(came: Heard, stored: npt.NDArray[np.int64]) -> int:
    """Where in `stored` the first 0.6 s lie that came out of one piece, to the sample. AssertionError where none is in
    it. (On a busy machine the browser itself may drop a block; then what comes after it counts.)"""
    samples, size = came.astype(np.float64) * 32_768, RATE * 6 // 10
    sounding = int(np.argmax(samples != 0))
    worst = [0.0]
    for start in range(sounding + RATE // 20, samples.size - size, RATE // 10):
        part = samples[start : start + size]
        at = _likest(part, stored)
        off = float(np.abs(part - stored[at : at + size]).max())
        if off < 1:
            return at
        worst.append(off)
    raise AssertionError(f"what comes out is up to {max(worst):.0f} away from what is stored")


def _likest(part: npt.NDArray[np.float64], stored: npt.NDArray[np.int64]) -> int:
    size = stored.size + part.size
    likeness = np.fft.irfft(np.fft.rfft(stored, size) * np.conj(np.fft.rfft(part, size)), size)
    return int(np.argmax(likeness[: stored.size - part.size]))


def pitch(came: Heard) -> float:
    """Hertz of the strongest tone."""
    spectrum = np.abs(np.fft.rfft(came * np.hanning(came.size)))
    return float(np.argmax(spectrum) * RATE / came.size)


def a_person(session: StreamSession, raw_id: str, samples: Samples, label: str, from_ms: int = 0) -> Participant:
    lane = a_participant(session, raw_id, samples, from_ms)
    lane.label = label
    lane.save()
    return lane


def a_call(seconds: float = 30) -> StreamSession:
    """Two people; Olga comes later and is cut off for two seconds."""
    session = a_recorded_session(label="Support call")
    a_person(session, "4:+15550100", speech(seconds), "+1 555 0100")
    olga = a_person(session, "8:acs:olga", speech(10, seed=2), "Olga", 3000)
    add(olga, speech(seconds - 15, seed=3), from_ms=15_000)
    a_gap(session, olga, 13_000, 2000, cause="socket_lost")
    session.refresh_from_db()
    return session


def caller(seconds: float = 30) -> npt.NDArray[np.int64]:
    """The samples of the first lane of a_call()."""
    return speech(seconds).astype(np.int64)


def olga(seconds: float = 30) -> npt.NDArray[np.int64]:
    """Those of the second, from the session's origin on."""
    samples = np.zeros(round(seconds * RATE), np.int64)
    samples[3 * RATE : 13 * RATE] = speech(10, seed=2)
    samples[15 * RATE :] = speech(seconds - 15, seed=3)
    return samples
