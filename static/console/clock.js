// <time datetime="…" data-local> as it is on this machine's clock; UTC stays in its title. data-local="time" without the
// day, "day" without the time.

const DAY = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short" }); // 2026-03-01, as everywhere in the console
const TIME = new Intl.DateTimeFormat("sv-SE", { timeStyle: "medium" });
const SHOWN = { time: (at) => TIME.format(at), day: (at) => DAY.format(at) };

export function localise(root) {
  for (const time of root.matches("time[data-local]") ? [root] : root.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const text = SHOWN[time.dataset.local]?.(at) ?? whole(at);
    const title = `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
    if (time.textContent !== text) time.textContent = text;
    if (time.title !== title) time.title = title;
  }
}

/** Day and time. */
export function whole(at) {
  return `${DAY.format(at)} ${TIME.format(at)}`;
}
