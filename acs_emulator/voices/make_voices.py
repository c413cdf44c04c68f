"""Makes the shipped voices with espeak-ng: `python -m acs_emulator.voices.make_voices`. Only to change their words."""

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

RATE = 16_000
FOLDER = Path(__file__).parent

# Name → espeak-ng's voice, speed, pitch, and what it says; a number is a pause in seconds.
VOICES: dict[str, tuple[str, int, int, tuple[str | float, ...]]] = {
    "ada": (
        "en-us+f4",
        165,
        55,
        (0.4, "Hello, this is Ada. Can you hear me?", 2.5, "Good. Then let us begin.", 3),
    ),
    "ben": ("en-gb+m3", 160, 38, (3.2, "Yes, I hear you. My name is Ben.", 2.0, "One, two, three, four.", 2)),
    "cleo": ("en-us+f2", 175, 65, (6.0, "Cleo here. I am a little late, sorry.", 3.5, "I agree with that.", 2)),
    "dan": ("en-gb+m7", 150, 30, (1.6, "Dan speaking.", 5.0, "That was my question, too. Thank you.", 2.4)),
    "eve": ("en-us+f5", 185, 48, (4.4, "Eve is the fifth in this call.", 4.0, "Somebody will not be heard.", 3)),
}


def speak(text: str, voice: str, speed: int, pitch: int) -> npt.NDArray[np.float64]:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(
            ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "-w", file.name, text], check=True
        )
        samples, rate = soundfile.read(file.name)
    heard = np.flatnonzero(np.abs(samples) > 0.002)
    resampled: npt.NDArray[np.float64] = soxr.resample(samples[heard[0] : heard[-1] + 1], rate, RATE)
    return resampled * (0.5 / float(np.abs(resampled).max()))


def make() -> None:
    for name, (voice, speed, pitch, lines) in VOICES.items():
        parts = [
            speak(line, voice, speed, pitch) if isinstance(line, str) else np.zeros(round(line * RATE))
            for line in lines
        ]
        soundfile.write(FOLDER / f"{name}.ogg", np.concatenate(parts), RATE, format="OGG", subtype="VORBIS")


if __name__ == "__main__":
    make()
