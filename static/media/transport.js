// Buttons, keys and clicks of the player. Knows the Sound and the page's marks (data-…), nothing of the API.

import { length, moment, seconds } from "./times.js";

const KEYS = {
  " ": (sound) => sound.toggle(),
  k: (sound) => sound.toggle(),
  ArrowLeft: (sound, shift) => sound.seek(sound.place - (shift ? 15 : 5)),
  ArrowRight: (sound, shift) => sound.seek(sound.place + (shift ? 15 : 5)),
  Home: (sound) => sound.seek(0),
  End: (sound) => sound.seek(sound.length),
};

export class Transport {
  constructor(root, sound) {
    this.root = root;
    this.sound = sound;
    this.lanes = root.querySelector("[data-lanes]");
    this.startedAt = null; // Date of the session's first sound
    root.addEventListener("click", (event) => this.#pressed(event));
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("click", (event) => this.#linked(event));
    this.#pointing();
    const speed = this.#mark("speed");
    speed.addEventListener("change", () => { sound.speed = Number(speed.value); });
    sound.addEventListener("move", () => this.show());
  }

  enable() {
    this.root.querySelectorAll("button[disabled]").forEach((button) => { button.disabled = false; });
  }

  show() {
    const { place, length: whole, playing } = this.sound;
    this.#mark("now").textContent = moment(place);
    this.#mark("length").textContent = length(whole);
    this.#mark("head").style.left = `${whole ? (place * 100) / whole : 0}%`;
    this.#mark("clock").textContent = this.startedAt ? clock(this.startedAt, place) : "";
    const button = this.root.querySelector('[data-do="toggle"]');
    button.classList.toggle("playing", playing);
    button.setAttribute("aria-label", playing ? "Pause" : "Play");
    this.lanes.setAttribute("aria-valuemax", whole.toFixed(1));
    this.lanes.setAttribute("aria-valuenow", place.toFixed(1));
    this.lanes.setAttribute("aria-valuetext", `${moment(place)} of ${length(whole)}`);
    if (playing && !this.frame) this.#glide();
  }

  /** While it plays the playhead moves with every frame of the screen, not only with the four events a second. */
  #glide() {
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      if (!this.sound.audio.seeking && this.sound.held !== null) this.sound.place = this.sound.audio.currentTime;
      this.show();
    });
  }

  #pressed(event) {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    if (button.dataset.do === "toggle") this.sound.toggle();
    else this.sound.seek(this.sound.place + Number(button.dataset.by));
  }

  /** Any link of the page with data-seek leads to that moment. */
  #linked(event) {
    const link = event.target.closest("[data-seek]");
    if (!link) return;
    event.preventDefault();
    this.sound.seek(seconds(link.dataset.seek));
    this.lanes.scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (target.closest("input, textarea, select, [contenteditable], dialog")) return;
    if (event.key === " " && target.closest("button, a, summary")) return;
    const act = KEYS[event.key];
    if (!act || !this.sound.length) return;
    event.preventDefault();
    act(this.sound, event.shiftKey);
  }

  #pointing() {
    const seek = (event) => {
      const track = this.lanes.querySelector(".player-track");
      if (!track || !this.sound.length) return;
      const { left, width } = track.getBoundingClientRect();
      this.sound.seek(((event.clientX - left) / width) * this.sound.length);
    };
    this.lanes.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !event.target.closest(".player-track") || event.target.closest("button")) return;
      this.lanes.setPointerCapture(event.pointerId);
      this.dragging = true;
      seek(event);
    });
    this.lanes.addEventListener("pointermove", (event) => { if (this.dragging) seek(event); });
    for (const name of ["pointerup", "pointercancel"]) this.lanes.addEventListener(name, () => { this.dragging = false; });
  }

  #mark(name) {
    return this.root.querySelector(`[data-${name}]`);
  }
}

function clock(start, place) {
  return `${new Date(start.getTime() + place * 1000).toISOString().slice(11, 19)} UTC`;
}
