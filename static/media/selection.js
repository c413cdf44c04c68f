// A stretch of the session from here to there: to loop, and to download as a clip.

import { moment } from "./times.js";

const LAST_SECONDS = 10;

export class Selection extends EventTarget {
  /** Event: "change". `from` and `to` are seconds; null where there is none. */
  constructor(root, sound, view) {
    super();
    [this.root, this.sound, this.view] = [root, sound, view];
    this.from = this.to = null;
  }

  get whole() {
    return this.from !== null && this.to !== null;
  }

  /** One end; the other one where it was, or the session's own. */
  begin(place) {
    this.set(place, this.to !== null && this.to > place ? this.to : this.sound.length);
  }

  end(place) {
    this.set(this.from !== null && this.from < place ? this.from : 0, place);
  }

  set(from, to) {
    if (to - from < 0.02) return;
    [this.from, this.to] = [from, to];
    this.dispatchEvent(new Event("change"));
    this.show();
  }

  /** Without it nothing loops either: the highlight would stay, and the sound in it. */
  clear() {
    this.from = this.to = null;
    if (this.sound.loop) this.sound.set({ loop: null });
    this.dispatchEvent(new Event("change"));
    this.show();
  }

  /** Loops the selection, else the last seconds before the place; or not. */
  loop(on) {
    const place = this.sound.place;
    const span = this.whole ? [this.from, this.to] : this.sound.loop ?? [Math.max(0, place - LAST_SECONDS), place];
    const loop = on && span[1] - span[0] > 0.1 ? span : null;
    if (String(loop) !== String(this.sound.loop)) this.sound.set({ loop });
    if (loop && this.sound.playing && (place < loop[0] || place > loop[1])) this.sound.seek(loop[0]);
  }

  show() {
    const pane = this.root.querySelector("[data-selection]");
    const span = this.whole ? [this.from, this.to] : this.sound.loop;
    pane.hidden = !span;
    if (span) {
      const [left, right] = span.map((place) => Math.min(100, Math.max(0, this.view.percent(place * 1000))));
      pane.style.left = `${left}%`;
      pane.style.width = `${right - left}%`;
    }
    this.root.querySelector('[data-do="clear"]').hidden = !this.whole;
    this.root.querySelector("[data-selected]").textContent = this.whole ? `${moment(this.from)} – ${moment(this.to)}` : "";
    this.root.querySelectorAll("[data-download]").forEach((link) => this.#cut(link));
    const note = this.root.querySelector("[data-clip-note]");
    if (note) note.hidden = !this.whole;
  }

  /** Downloads are of the selection, where there is one. */
  #cut(link) {
    const url = new URL(link.href);
    for (const [name, place] of [["from_ms", this.from], ["to_ms", this.to]]) {
      if (place === null) url.searchParams.delete(name);
      else url.searchParams.set(name, Math.round(place * 1000));
    }
    link.href = url;
  }
}
