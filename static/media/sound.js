// One <audio> over the mix of the session, and the place in it. Of a running call it holds a snapshot of fixed length and
// takes a new one when the place goes beyond it. Nothing is fetched before somebody wants to hear it: fetching is on record.

export class Sound extends EventTarget {
  /** @param urlOf (toMs|null) → URL; events: "move" (place or state changed), "refused" (detail: the URL) */
  constructor(audio, urlOf) {
    super();
    this.audio = audio;
    this.urlOf = urlOf;
    this.length = 0; // seconds that exist
    this.live = false;
    this.held = null; // seconds that the audio element holds; null = nothing opened yet
    this.place = 0;
    this.waiting = false; // for a running call to go on
    for (const name of ["play", "pause", "seeked", "timeupdate", "ratechange"]) audio.addEventListener(name, () => this.#moved());
    audio.addEventListener("ended", () => this.#ended());
    audio.addEventListener("error", () => this.#failed());
  }

  get playing() {
    return this.waiting || !this.audio.paused;
  }

  /** What exists now. A call that has ended, or grown while the player waits for it, is opened anew. */
  grow(length, live) {
    const more = length > this.length + 0.01;
    this.length = length;
    this.live = live;
    if (this.waiting && more) this.play();
    else if (this.waiting && !live) this.waiting = false;
    this.#moved();
  }

  seek(place) {
    this.place = Math.min(Math.max(0, place), this.length);
    const beyond = this.held !== null && this.place > this.held - 0.05 && this.length > this.held;
    if (beyond) this.#open(!this.audio.paused);
    else if (this.held !== null) this.audio.currentTime = this.place;
    this.#moved();
  }

  play() {
    this.waiting = false;
    if (this.place >= this.length - 0.05 && !this.live) this.place = 0;
    const short = this.held === null || (this.place > this.held - 0.25 && this.length > this.held);
    if (short) this.#open(true);
    else this.#start();
  }

  pause() {
    this.waiting = false;
    this.audio.pause();
    this.#moved();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  set speed(rate) {
    this.audio.defaultPlaybackRate = rate;
    this.audio.playbackRate = rate;
  }

  #open(start) {
    this.held = this.length;
    this.audio.src = this.urlOf(this.live ? Math.floor(this.length * 1000) : null);
    this.audio.currentTime = this.place;
    if (start) this.#start();
  }

  #start() {
    this.audio.play().catch((error) => {
      // AbortError: something else was asked for meanwhile. NotSupportedError comes with the event "error".
      if (error.name === "NotAllowedError") this.dispatchEvent(new CustomEvent("refused", { detail: null }));
    });
  }

  #moved() {
    const settled = this.held !== null && this.audio.readyState > 0 && !this.audio.seeking;
    if (settled) this.place = this.audio.currentTime;
    this.dispatchEvent(new Event("move"));
  }

  #ended() {
    if (this.length > this.held + 0.3) this.play();
    else this.waiting = this.live;
    this.#moved();
  }

  #failed() {
    const url = this.audio.src;
    this.held = null;
    this.waiting = false;
    this.dispatchEvent(new CustomEvent("refused", { detail: url }));
    this.#moved();
  }
}
