// Who listened to which seconds, live or later, as a thin lane below the others: from the page's access log, which is there
// for those who may see it. Several over each other are darker.

import { moment } from "./times.js";

const LEAST = 0.2; // percent

/** `box` holds the lane; hidden where nobody listened, or nobody may know. */
export function drawListened(box, view) {
  const heard = [...document.querySelectorAll("[data-heard]")].map(({ dataset }) => ({
    ...dataset, from: Number(dataset.fromMs), to: dataset.toMs ? Number(dataset.toMs) : view.lengthMs,
  }));
  box.hidden = !heard.length;
  const spans = heard.filter(({ from, to }) => to >= view.from && from <= view.to);
  box.querySelector("[data-spans]").replaceChildren(...spans.map((span) => drawn(span, view)));
}

function drawn({ from, to, heard, text }, view) {
  const [left, right] = [from, to].map((ms) => Math.min(100, Math.max(0, view.percent(ms))));
  const mark = document.createElement("div");
  mark.className = `player-span span-${heard}`;
  mark.style.left = `${left}%`;
  mark.style.width = `${Math.max(LEAST, right - left)}%`;
  mark.title = `${text}, ${moment(from / 1000)} – ${moment(to / 1000)}`;
  return mark;
}
