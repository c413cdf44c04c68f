"""Makes the demo's two voices with espeak-ng: `python -m media.demo.make_sounds`. Only needed to change what they say.

One file per participant, both as long as the whole call and silent while the other speaks. Vorbis, because it decodes
silence to digital zeros at this size, and ACS flags those frames as silent.
"""

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

RATE = 16_000
FOLDER = Path(__file__).parent

# File name → espeak-ng's voice, speed (words a minute), pitch.
VOICES = {"caller": ("en-us+f4", "172", "52"), "agent": ("en-gb+m3", "170", "38")}

# Who says what, and the pause before it in seconds since the previous line ended; negative: talks into it.
CALL = (
    ("agent", 1.0, "Northwind deliveries, you are speaking with Henry. How can I help?"),
    ("caller", 0.6, "Hello Henry. My parcel should have come yesterday, and it is still not here."),
    ("agent", 0.5, "I am sorry to hear that. Do you have the tracking number at hand?"),
    ("caller", 0.9, "Yes, one moment. It is four, seven, one, one, nine, zero, two."),
    ("agent", 0.4, "Four, seven, one, one, nine, zero, two. Thank you. Let me look."),
    ("agent", 2.4, "I see it. The driver came at ten past three, but nobody answered the door."),
    ("caller", -0.7, "That cannot be, I was at home all day!"),
    ("agent", 0.5, "Then he probably rang at the wrong house. The parcel is back in our depot, and it is not damaged."),
    ("caller", 0.6, "Can you bring it tomorrow morning? I leave for work at eleven."),
    ("agent", 0.9, "Tomorrow between eight and ten. Shall the driver call you before?"),
    ("caller", -0.3, "Yes, please. On this number."),
    ("agent", 0.5, "It is noted. You will get a text message in a minute. Anything else?"),
    ("caller", 0.5, "No, that was all. Thank you very much, goodbye."),
    ("agent", -0.2, "You are welcome. Goodbye."),
)

Samples = npt.NDArray[np.float64]


def speak(text: str, voice: str, speed: str, pitch: str) -> Samples:
    """The text spoken, at RATE, without the silence around it."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["espeak-ng", "-v", voice, "-s", speed, "-p", pitch, "-w", file.name, text], check=True)
        samples, rate = soundfile.read(file.name)
    spoken = np.flatnonzero(np.abs(samples) > 0.002)
    resampled: Samples = soxr.resample(samples[spoken[0] : spoken[-1] + 1], rate, RATE)
    loudest = float(np.abs(resampled).max())
    return resampled * (0.5 / loudest)


def lay_out() -> dict[str, Samples]:
    """Every line at its place; a second of silence at the end."""
    placed, end = [], 0.0
    for who, pause, text in CALL:
        samples, start = speak(text, *VOICES[who]), end + pause
        placed.append((who, round(start * RATE), samples))
        end = start + len(samples) / RATE
    voices = {who: np.zeros(round((end + 1) * RATE)) for who in VOICES}
    for who, at, samples in placed:
        voices[who][at : at + len(samples)] = samples
    return voices


if __name__ == "__main__":
    for name, voice in lay_out().items():
        soundfile.write(FOLDER / f"{name}.ogg", voice, RATE, format="OGG", subtype="VORBIS", compression_level=0.6)
