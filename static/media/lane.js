// One participant's lane: name, waveform from the server's peaks (drawn by wavesurfer, nothing is decoded), gaps hatched.

import WaveSurfer from "wavesurfer.js";
import { moment, stretch } from "./times.js";

const COLOURS = 8;
const HEIGHT = 56;

export class Lane {
  /** @param participant as the API gives it; `number` is its place in the session and decides its colour */
  constructor(participant, number) {
    this.participant = participant;
    this.element = element("div", `player-lane lane-${number % COLOURS}`);
    const name = element("div", "player-name");
    const chip = element("span", `chip lane-${number % COLOURS}`);
    chip.textContent = participant.label || participant.raw_id || "mixed";
    chip.title = participant.raw_id || "mixed audio";
    name.append(chip);
    this.track = element("div", "player-track");
    this.wave = element("div", "player-wave");
    this.note = element("p", "player-wait");
    this.note.textContent = "Loading the waveform …";
    this.track.append(this.wave, this.note);
    this.element.append(name, this.track);
  }

  /** How many points fill the lane on this screen. */
  points() {
    return Math.min(2000, Math.max(200, Math.round(this.track.clientWidth)));
  }

  /** `gain` scales −128…127 to the lane's height; the same for all lanes, so that loud looks louder. */
  draw({ points, ms_per_point: msPerPoint }, lengthMs, gain) {
    this.note.hidden = true;
    if (!points.length || !lengthMs) return;
    const peaks = [1, 0].map((side) => Float32Array.from(points, (pair) => Math.min(1, (Math.abs(pair[side]) * gain) / 128)));
    const seconds = (points.length * msPerPoint) / 1000;
    this.wave.style.width = `${(seconds * 1e5) / lengthMs}%`;
    if (this.surfer) {
      this.surfer.load("", peaks, seconds).catch(() => {});
      return;
    }
    this.surfer = WaveSurfer.create({
      container: this.wave, height: HEIGHT, peaks, duration: seconds,
      interact: false, cursorWidth: 0, hideScrollbar: true, ...this.#colours(),
    });
  }

  /** Hatches the gaps of this lane; one of unknown length reaches to the end. */
  hatch(gaps, lengthMs) {
    this.track.querySelectorAll(".player-gap").forEach((old) => old.remove());
    for (const gap of gaps) {
      if (gap.participant === null || gap.participant === this.participant.id) this.track.append(hatching(gap, lengthMs));
    }
  }

  fail(sentence, again) {
    const button = element("button", "player-again");
    button.type = "button";
    button.textContent = "Try again";
    button.addEventListener("click", again);
    this.note.replaceChildren(`No waveform: ${sentence} `, button);
    this.note.hidden = false;
  }

  recolour() {
    this.surfer?.setOptions(this.#colours());
  }

  #colours() {
    const colour = getComputedStyle(this.element).getPropertyValue("--lane").trim();
    return { waveColor: colour, progressColor: colour };
  }
}

function hatching(gap, lengthMs) {
  const open = gap.duration_ms === null;
  const from = Math.min(Math.max(0, gap.from_ms), lengthMs);
  const to = open ? lengthMs : Math.min(gap.to_ms, lengthMs);
  const mark = element("div", open ? "player-gap open" : "player-gap");
  mark.style.left = `${(from * 100) / lengthMs}%`;
  mark.style.width = `${((to - from) * 100) / lengthMs}%`;
  if (open && to - from < lengthMs / 100) mark.classList.add("at-end");
  const howLong = open ? "of unknown length" : stretch(gap.duration_ms);
  mark.title = `Gap at ${moment(gap.from_ms / 1000)}, ${howLong}: ${gap.reason}`;
  return mark;
}

function element(tag, className) {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}
