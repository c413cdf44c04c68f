// The keys of headsets and keyboards. Browsers give them only to pages with a media element that plays, so a silent one
// runs along with the sound.

const SILENT_SECONDS = 6; // shorter ones get no media keys

export class MediaKeys {
  constructor(sound) {
    this.sound = sound;
    if (!("mediaSession" in navigator)) return;
    this.silent = new Audio();
    this.silent.loop = true;
    const { mediaSession } = navigator;
    mediaSession.metadata = new MediaMetadata({ title: document.title });
    const actions = {
      play: () => sound.play(),
      pause: () => sound.pause(),
      stop: () => sound.pause(),
      seekbackward: ({ seekOffset }) => sound.seek(sound.place - (seekOffset || 15)),
      seekforward: ({ seekOffset }) => sound.seek(sound.place + (seekOffset || 15)),
      previoustrack: () => sound.seek(0),
      seekto: ({ seekTime }) => sound.seek(seekTime),
    };
    for (const [name, act] of Object.entries(actions)) mediaSession.setActionHandler(name, act);
    sound.addEventListener("move", () => this.#follow());
  }

  #follow() {
    const { playing, length, place, speed } = this.sound;
    if (playing !== this.playing) {
      this.playing = playing;
      navigator.mediaSession.playbackState = playing ? "playing" : "paused";
      if (playing) {
        if (!this.silent.src) this.silent.src = URL.createObjectURL(silence(SILENT_SECONDS));
        this.silent.play().catch(() => {});
      } else this.silent.pause();
    }
    if (length) navigator.mediaSession.setPositionState({ duration: length, position: Math.min(length, place), playbackRate: speed });
  }
}

/** A WAV file without a sound. */
function silence(seconds) {
  const rate = 8000;
  const file = new DataView(new ArrayBuffer(44 + seconds * rate * 2));
  const text = (at, letters) => [...letters].forEach((letter, number) => file.setUint8(at + number, letter.charCodeAt(0)));
  text(0, "RIFF");
  file.setUint32(4, file.byteLength - 8, true);
  text(8, "WAVEfmt ");
  file.setUint32(16, 16, true);
  file.setUint16(20, 1, true);
  file.setUint16(22, 1, true);
  file.setUint32(24, rate, true);
  file.setUint32(28, rate * 2, true);
  file.setUint16(32, 2, true);
  file.setUint16(34, 16, true);
  text(36, "data");
  file.setUint32(40, file.byteLength - 44, true);
  return new Blob([file], { type: "audio/wav" });
}
