// Fetches and draws the waveforms and gaps of all lanes: the whole session once, and the part in view more finely.

import { drawWave } from "./drawing.js";

const LOUDEST_GAIN = 12; // a lane of near silence is not blown up further
const SETTLED_MS = 150;

export class Waves {
  constructor(root, api, view) {
    [this.root, this.api, this.view] = [root, api, view];
    this.lanes = [];
    this.incomplete = true;
    this.gain = 1;
    view.addEventListener("change", () => { this.draw(); this.#refine(); });
    const again = () => this.draw();
    new ResizeObserver(again).observe(root);
    this.watch = new MutationObserver(again);
    this.watch.observe(document.documentElement, { attributes: true, attributeFilter: ["class", "data-bs-theme", "data-theme"] });
  }

  stop() {
    this.watch.disconnect();
    clearTimeout(this.settled);
  }

  /** Everything anew; gives a sentence where the gaps did not come. */
  async load(lengthMs) {
    if (!lengthMs || !this.lanes.length) return undefined;
    const lanes = this.lanes;
    const waves = lanes.map((lane) => this.api.waveform(lane.participant.id, lane.points(), 0, lengthMs));
    const [gaps, ...drawn] = await Promise.allSettled([this.api.gaps(), ...waves]);
    drawn.forEach(({ value, reason }, number) => {
      if (value) lanes[number].show(lanes[number].all = value);
      else lanes[number].fail(reason.message, () => this.load(lengthMs));
      const { id } = lanes[number].participant;
      if (gaps.value) lanes[number].gaps = gaps.value.filter((gap) => gap.participant === null || gap.participant === id);
    });
    this.incomplete = drawn.some((one) => one.status === "rejected");
    this.gain = Math.min(LOUDEST_GAIN, 122 / Math.max(1, loudest(lanes)));
    this.draw();
    this.#refine();
    return gaps.reason && `The gaps are not drawn: ${gaps.reason.message}`;
  }

  draw() {
    this.drawing ??= requestAnimationFrame(() => {
      this.drawing = null;
      for (const lane of this.lanes) {
        if (!lane.all) continue;
        const fine = lane.fine && lane.fine.from <= this.view.from && lane.fine.to >= this.view.to - 1;
        lane.show(fine && !this.view.whole ? lane.fine : lane.all);
        lane.draw(this.view, this.gain);
      }
      this.#overview();
    });
  }

  /** The part in view and half as much around it, once the view has come to rest. */
  #refine() {
    clearTimeout(this.settled);
    if (this.view.whole) return;
    this.settled = setTimeout(async () => {
      const from = Math.max(0, this.view.from - this.view.span / 2);
      const to = Math.min(this.view.lengthMs, this.view.to + this.view.span / 2);
      const lanes = this.lanes;
      const fine = await Promise.allSettled(lanes.map((lane) => this.api.waveform(lane.participant.id, 2 * lane.points(), from, to)));
      fine.forEach(({ value }, number) => { if (value) lanes[number].fine = value; });
      this.draw();
    }, SETTLED_MS);
  }

  /** All lanes on top of each other, and which part of them is in view. */
  #overview() {
    const box = this.root.querySelector("[data-overview]");
    const waves = this.lanes.map((lane) => lane.all).filter(Boolean);
    if (waves.length) {
      const points = waves[0].points.map((_, at) => [
        Math.min(...waves.map((wave) => wave.points[at]?.[0] ?? 0)), Math.max(...waves.map((wave) => wave.points[at]?.[1] ?? 0)),
      ]);
      const colour = getComputedStyle(box).getPropertyValue("--player-soft").trim();
      drawWave(box.querySelector("canvas"), { ...waves[0], points }, { from: 0, to: this.view.lengthMs }, this.gain, colour);
    }
    const pane = box.querySelector("[data-window]");
    pane.hidden = this.view.whole;
    pane.style.left = `${(this.view.from * 100) / Math.max(1, this.view.lengthMs)}%`;
    pane.style.width = `${(this.view.span * 100) / Math.max(1, this.view.lengthMs)}%`;
  }
}

function loudest(lanes) {
  let most = 0;
  for (const lane of lanes) {
    for (const [low, high] of lane.all?.points ?? []) most = Math.max(most, -low, high);
  }
  return most;
}
