// Buttons, keys and the pointer of the player. Knows the player's parts and the page's marks (data-…), nothing of the API.

import { keys } from "console/keys.js";
import { drawListened } from "./listened.js";
import { clock, drawMarks, drawRuler } from "./ruler.js";
import { length, moment, seconds } from "./times.js";

const EDGE_SECONDS = 1; // so far from the end of what is stored one is at the live edge
const DRAG_PIXELS = 4;

export class Transport {
  constructor(player) {
    Object.assign(this, { player, root: player.root, sound: player.sound, view: player.view, selection: player.selection });
    this.lanes = this.root.querySelector("[data-lanes]");
    this.ruler = this.#mark("ruler");
    this.root.addEventListener("click", (event) => this.#pressed(event));
    document.addEventListener("click", this.linked = (event) => this.#linked(event));
    this.#speeding(this.#mark("speed"));
    this.#pointing();
    this.#overviewing();
    this.unbind = keys(this.#keys());
    this.sound.addEventListener("move", () => this.show());
    this.view.addEventListener("change", () => this.draw());
    this.marking = new MutationObserver(() => this.draw());
    const page = document.querySelector("[data-marks-of]")?.closest(".session-page");
    if (page) [...page.children].filter((part) => part !== this.root).forEach((part) => this.marking.observe(part, { childList: true, subtree: true }));
    if (page) this.marking.observe(page, { childList: true }); // parts that are put in anew
    new ResizeObserver(() => this.draw()).observe(this.ruler);
  }

  stop() {
    this.unbind();
    this.marking.disconnect();
    document.removeEventListener("click", this.linked);
  }

  enable(enabled, live) {
    if (enabled) this.root.querySelectorAll("button[disabled]").forEach((button) => { button.disabled = false; });
    this.root.querySelector('[data-do="edge"]').hidden = !live;
    this.draw();
  }

  /** What stays as long as the view does: axis, marks, selection. */
  draw() {
    if (this.view.lengthMs) {
      drawRuler(this.ruler, this.view, this.byClock ? this.player.startedAt : null);
      drawMarks(this.#mark("marks"), marksOf(this.player.startedAt), this.view);
      drawListened(this.#mark("listened"), this.view);
    }
    this.selection.show();
    this.show();
  }

  show() {
    const { place, length: whole, playing, state } = this.sound;
    const { startedAt } = this.player;
    this.#mark("now").textContent = moment(place);
    this.#mark("length").textContent = length(whole);
    const percent = this.view.percent(place * 1000);
    this.#mark("head").hidden = percent < 0 || percent > 100;
    this.#mark("head").style.left = `${percent}%`;
    this.#mark("here").style.left = `${whole ? (place * 100) / whole : 0}%`;
    this.#mark("clock").textContent = startedAt ? clock(startedAt, place) : "";
    const button = this.root.querySelector('[data-do="toggle"]');
    button.classList.toggle("playing", playing);
    button.classList.toggle("loading", state === "loading");
    button.setAttribute("aria-label", playing ? "Pause" : "Play");
    this.root.querySelector('[data-do="edge"]').classList.toggle("there", place > whole - EDGE_SECONDS);
    this.#press("loop", this.sound.loop !== null);
    this.#press("skipping", this.sound.skipping);
    this.ruler.setAttribute("aria-valuemax", whole.toFixed(1));
    this.ruler.setAttribute("aria-valuenow", place.toFixed(1));
    this.ruler.setAttribute("aria-valuetext", `${moment(place)} of ${length(whole)}`);
    if (playing && !this.frame) this.#glide();
  }

  /** While it plays the playhead moves with every frame of the screen. */
  #glide() {
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      if (!this.dragging) this.view.follow(this.sound.place * 1000);
      this.show();
    });
  }

  #keys() {
    const { sound, selection } = this;
    const when = (act) => (event) => { if (sound.length) act(event); };
    const by = (way) => when(() => sound.seek(sound.place + way));
    const mutes = Array.from({ length: 9 }, (_, number) => [String(number + 1), () => this.player.lanes[number]?.toggle("muted")]);
    return {
      " ": when(() => sound.toggle()), k: when(() => sound.toggle()), MediaPlayPause: when(() => sound.toggle()),
      ArrowLeft: by(-5), ArrowRight: by(5), "Shift+ArrowLeft": by(-15), "Shift+ArrowRight": by(15),
      MediaTrackPrevious: by(-15), MediaTrackNext: by(15),
      Home: when(() => sound.seek(0)), End: when(() => this.#edge()),
      "<": () => this.#faster(-1), ">": () => this.#faster(1),
      i: when(() => selection.begin(sound.place)), o: when(() => selection.end(sound.place)), x: () => selection.clear(),
      l: when(() => this.#do("loop")), s: () => this.#do("skipping"), n: () => this.#do("level"), w: () => this.#do("clock"),
      "+": () => this.#zoom(0.5), "-": () => this.#zoom(2), 0: () => this.#do("fit"), c: () => this.#do("link"),
      ...Object.fromEntries(mutes),
    };
  }

  #pressed(event) {
    const button = event.target.closest("[data-do]");
    if (button) this.#do(button.dataset.do, Number(button.dataset.by));
  }

  #do(what, by) {
    const { sound, view, selection, player } = this;
    const acts = {
      toggle: () => sound.toggle(),
      skip: () => sound.seek(sound.place + by),
      edge: () => this.#edge(),
      zoom: () => this.#zoom(by),
      fit: () => view.show(0, view.lengthMs),
      in: () => selection.begin(sound.place),
      out: () => selection.end(sound.place),
      clear: () => selection.clear(),
      loop: () => { selection.loop(sound.loop === null); selection.show(); },
      skipping: () => sound.set({ skipping: !sound.skipping }),
      level: () => { player.level = !player.level; this.#press("level", player.level); player.mix(); },
      clock: () => { this.byClock = !this.byClock; this.#press("clock", this.byClock); this.draw(); },
      link: () => this.#link(),
    };
    acts[what]?.();
  }

  /** To the end; of a running call so far before it that there is something to hear, and it goes on. */
  #edge() {
    const { sound } = this;
    sound.seek(sound.live ? sound.length - EDGE_SECONDS / 2 : sound.length);
    if (sound.live && !sound.playing) sound.play();
  }

  #zoom(factor) {
    const place = this.sound.place * 1000;
    const inView = place >= this.view.from && place <= this.view.to;
    this.view.zoom(factor, inView ? place : (this.view.from + this.view.to) / 2);
  }

  #faster(by) {
    const select = this.#mark("speed");
    select.selectedIndex = Math.min(select.options.length - 1, Math.max(0, select.selectedIndex + by));
    this.sound.set({ speed: Number(select.value) });
  }

  /** Once it is chosen the keys are the player's again; who steps through the speeds by arrow stays there. */
  #speeding(select) {
    let stepping = false;
    select.addEventListener("pointerdown", () => { stepping = false; });
    select.addEventListener("keydown", ({ key }) => { stepping = key.startsWith("Arrow"); });
    select.addEventListener("change", () => {
      this.sound.set({ speed: Number(select.value) });
      if (!stepping) this.ruler.focus({ preventScroll: true });
    });
  }

  async #link() {
    const url = new URL(location.href);
    url.searchParams.set("t", this.sound.place.toFixed(1));
    url.hash = "";
    history.replaceState(null, "", url);
    await navigator.clipboard?.writeText(url.href).then(
      () => this.player.say(`Copied: a link to ${moment(this.sound.place)}.`, "link"),
      () => this.player.say("The address of this page now leads to this moment.", "link"),
    );
  }

  /** Any link of the page with data-seek leads to that moment. */
  #linked(event) {
    const link = event.target.closest("[data-seek]");
    if (!link || !this.sound.length) return;
    event.preventDefault();
    this.sound.seek(seconds(link.dataset.seek) ?? 0);
    this.view.follow(this.sound.place * 1000);
    this.lanes.scrollIntoView({ block: "nearest" });
  }

  // --- pointer ------------------------------------------------------------------------------------------------------------

  #momentAt(event) {
    const { left, width } = this.ruler.getBoundingClientRect();
    return (this.view.from + (Math.min(Math.max(0, event.clientX - left), width) / width) * this.view.span) / 1000;
  }

  /** A click or drag seeks; with shift it selects. Turning the wheel with control zooms, sideways it moves the view. */
  #pointing() {
    const { lanes, sound, selection } = this;
    lanes.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !sound.length || !event.target.closest(".player-track, .player-ruler") || event.target.closest("button")) return;
      lanes.setPointerCapture(event.pointerId);
      this.dragging = { at: this.#momentAt(event), x: event.clientX, selects: event.shiftKey };
      if (!event.shiftKey) sound.seek(this.dragging.at);
    });
    lanes.addEventListener("pointermove", (event) => {
      if (!this.dragging) return;
      const at = this.#momentAt(event);
      if (!this.dragging.selects) sound.seek(at);
      else if (Math.abs(event.clientX - this.dragging.x) > DRAG_PIXELS) selection.set(Math.min(at, this.dragging.at), Math.max(at, this.dragging.at));
    });
    for (const name of ["pointerup", "pointercancel"]) lanes.addEventListener(name, () => { this.dragging = null; });
    lanes.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
      event.preventDefault();
      if (event.ctrlKey) this.view.zoom(2 ** (event.deltaY / 200), this.#momentAt(event) * 1000);
      else this.view.pan((event.deltaX / this.ruler.clientWidth) * this.view.span);
    }, { passive: false });
  }

  #overviewing() {
    const box = this.#mark("overview");
    const move = (event) => {
      const { left, width } = box.getBoundingClientRect();
      const at = ((event.clientX - left) / width) * this.view.lengthMs;
      if (this.view.whole) this.sound.seek(at / 1000);
      else this.view.show(at - this.view.span / 2, at + this.view.span / 2);
    };
    box.addEventListener("pointerdown", (event) => { box.setPointerCapture(event.pointerId); move(event); });
    box.addEventListener("pointermove", (event) => { if (box.hasPointerCapture(event.pointerId)) move(event); });
  }

  #press(what, pressed) {
    this.root.querySelector(`[data-do="${what}"]`).setAttribute("aria-pressed", String(pressed));
  }

  #mark(name) {
    return this.root.querySelector(`[data-${name}]`);
  }
}

/** What the page's story marks: elements with data-mark (the kind) and data-at (a time) or data-at-ms. */
function marksOf(startedAt) {
  return [...document.querySelectorAll("[data-mark]")]
    .map(({ dataset }) => ({
      kind: dataset.mark,
      text: dataset.text,
      ms: dataset.atMs ? Number(dataset.atMs) : startedAt ? new Date(dataset.at) - startedAt : NaN,
    }))
    .filter(({ ms }) => Number.isFinite(ms))
    .sort((one, other) => one.ms - other.ms);
}
