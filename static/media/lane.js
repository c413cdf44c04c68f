// One participant's lane: name, mute, solo and gain; waveform from the server's peaks, gaps hatched.

import { drawWave } from "./drawing.js";
import { moment, stretch } from "./times.js";

const COLOURS = 8;
const NARROW = 0.3; // percent of the view: gaps closer than this are drawn as one

export class Lane extends EventTarget {
  /** @param participant as the API gives it; `number` is its place in the session and decides its colour. Event: "mix". */
  constructor(participant, number) {
    super();
    this.participant = participant;
    this.name = participant.label || participant.raw_id || "mixed";
    this.muted = this.solo = false;
    this.decibels = 0;
    this.gaps = [];
    this.element = element("div", `player-lane lane-${number % COLOURS}`);
    this.track = element("div", "player-track");
    this.canvas = element("canvas", "player-wave");
    this.holes = element("div", "player-gaps");
    this.note = element("p", "player-wait", "Loading the waveform …");
    this.track.append(this.canvas, this.holes, this.note);
    this.element.append(this.#head(number), this.track);
  }

  /** How many points fill the lane on this screen. */
  points() {
    return Math.min(3000, Math.max(200, Math.round(this.track.clientWidth * (window.devicePixelRatio || 1))));
  }

  /** `wave`: {from, to, points}; kept until there is another. */
  show(wave) {
    this.wave = wave;
    this.note.hidden = true;
  }

  /** `gain` is the same for all lanes, so that loud looks louder. */
  draw(view, gain) {
    drawWave(this.canvas, this.wave, view, gain, getComputedStyle(this.element).getPropertyValue("--lane").trim());
    this.#hatch(view);
  }

  fail(sentence, again) {
    const button = element("button", "player-again", "Try again");
    button.type = "button";
    button.addEventListener("click", again);
    this.note.replaceChildren(`No waveform: ${sentence} `, button);
    this.note.hidden = false;
  }

  toggle(what) {
    this[what] = !this[what];
    this.element.querySelector(`[data-${what}]`).setAttribute("aria-pressed", this[what]);
    this.dispatchEvent(new Event("mix"));
  }

  set heard(heard) {
    this.element.classList.toggle("unheard", !heard);
  }

  #head(number) {
    const head = element("div", "player-name");
    const chip = element("span", `chip lane-${number % COLOURS}`, this.name);
    chip.title = this.participant.raw_id || "mixed audio";
    const controls = element("span", "player-mix");
    for (const [what, letter, words] of [["muted", "M", "Mute"], ["solo", "S", "Solo"]]) {
      const button = element("button", "", letter);
      Object.assign(button, { type: "button", title: number < 9 && what === "muted" ? `${words} (${number + 1})` : words });
      button.dataset[what] = "";
      button.setAttribute("aria-pressed", "false");
      button.setAttribute("aria-label", `${words} ${this.name}`);
      button.addEventListener("click", () => this.toggle(what));
      controls.append(button);
    }
    controls.append(this.#fader());
    head.append(chip, controls);
    return head;
  }

  #fader() {
    const fader = element("input", "player-gain");
    Object.assign(fader, { type: "range", min: -24, max: 18, step: 1, value: 0 });
    fader.setAttribute("aria-label", `Loudness of ${this.name}`);
    const heard = () => {
      this.decibels = Number(fader.value);
      fader.title = `${this.decibels > 0 ? "+" : ""}${this.decibels} dB; double-click for 0`;
      fader.setAttribute("aria-valuetext", `${this.decibels} decibels`);
      this.dispatchEvent(new Event("mix"));
    };
    fader.addEventListener("input", heard);
    fader.addEventListener("dblclick", () => { fader.value = 0; heard(); });
    fader.title = "0 dB";
    return fader;
  }

  /** Hatches the gaps in view; one of unknown length reaches to the end, and many close together are one mark. */
  #hatch(view) {
    const marks = [];
    for (const gap of this.gaps) {
      const from = view.percent(Math.max(0, gap.from_ms));
      const to = gap.duration_ms === null ? view.percent(view.lengthMs) : view.percent(Math.min(gap.to_ms, view.lengthMs));
      if (to < 0 || from > 100) continue;
      const before = marks.at(-1);
      if (before && before.gaps[0].duration_ms !== null && gap.duration_ms !== null && from - before.to < NARROW && to - from < 1) {
        before.to = Math.max(before.to, to);
        before.gaps.push(gap);
      } else marks.push({ from, to, gaps: [gap] });
    }
    this.holes.replaceChildren(...marks.map(hatching));
  }
}

function hatching({ from, to, gaps }) {
  const [gap] = gaps;
  const open = gap.duration_ms === null;
  const mark = element("div", open ? "player-gap open" : "player-gap");
  mark.style.left = `${Math.max(0, from)}%`;
  mark.style.width = `${Math.min(100, to) - Math.max(0, from)}%`;
  if (open && to - from < 1) mark.classList.add("at-end");
  const howLong = open ? "of unknown length" : stretch(gap.duration_ms);
  const more = gaps.length > 1 ? `, and ${gaps.length - 1} more close by` : "";
  mark.title = `Gap at ${moment(gap.from_ms / 1000)}, ${howLong}: ${gap.reason}${more}`;
  return mark;
}

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  if (text) made.textContent = text;
  return made;
}
