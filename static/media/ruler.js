// The time axis above the lanes, in call time or by the clock, and the marks of what happened.

import { length, moment } from "./times.js";

const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const LEAST_PIXELS = 72;

/** Ticks over the view. `startedAt` (Date) gives the clock, null call time. */
export function drawRuler(box, view, startedAt) {
  const step = STEPS_S.find((one) => (one * 1000 * box.clientWidth) / view.span >= LEAST_PIXELS) ?? 14400;
  const offset = startedAt ? clockOffset(startedAt) : 0;
  const ticks = [];
  for (let at = Math.ceil((view.from / 1000 + offset) / step) * step - offset; at * 1000 <= view.to; at += step) {
    const percent = view.percent(at * 1000);
    if (percent > 99) break;
    const tick = document.createElement("span");
    tick.style.left = `${percent}%`;
    tick.textContent = startedAt ? clock(startedAt, at, step < 1) : step < 1 ? moment(at) : length(at);
    ticks.push(tick);
  }
  box.replaceChildren(...ticks);
}

const TELLING = ["call", "words", "joined", "participant", "left", "dtmf", "opened", "ended", "closed", "marker"]; // more and more

/** Marks: {ms, kind, text}; many close together are one, which looks like the most telling of them. A click seeks. */
export function drawMarks(box, marks, view) {
  const drawn = [];
  let last = null;
  for (const mark of marks) {
    const percent = view.percent(Math.min(Math.max(0, mark.ms), view.lengthMs));
    if (percent < 0 || percent > 100) continue;
    if (last && percent - last.percent < 0.6) {
      last.button.title += `\n${words(mark)}`;
      last.button.setAttribute("aria-label", last.button.title);
      if (TELLING.indexOf(mark.kind) > TELLING.indexOf(last.kind)) look(last, mark);
      continue;
    }
    const button = document.createElement("button");
    Object.assign(button, { type: "button", title: words(mark), tabIndex: -1 });
    button.setAttribute("aria-label", words(mark));
    button.dataset.seek = mark.ms / 1000;
    button.style.left = `${percent}%`;
    drawn.push(button);
    last = { percent, button };
    look(last, mark);
  }
  box.replaceChildren(...drawn);
}

function look(drawn, { kind }) {
  drawn.kind = kind;
  drawn.button.className = `player-mark mark-${kind}`;
}

/** "hh:mm:ss" on this machine's clock, or "hh:mm:ss.t". */
export function clock(startedAt, seconds, tenths = false) {
  const at = new Date(startedAt.getTime() + Math.round(seconds * 1000));
  return at.toLocaleTimeString("sv-SE") + (tenths ? `.${Math.floor(at.getMilliseconds() / 100)}` : "");
}

function words({ ms, text }) {
  return `${moment(Math.max(0, ms) / 1000)} ${text}`;
}

/** Seconds since midnight here, so that ticks stand at full minutes of the clock. */
function clockOffset(startedAt) {
  return startedAt.getHours() * 3600 + startedAt.getMinutes() * 60 + startedAt.getSeconds() + startedAt.getMilliseconds() / 1000;
}
