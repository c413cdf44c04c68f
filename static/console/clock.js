// <time datetime="…" data-local> as it is on this machine's clock; UTC stays in its title. data-local="time" without the day.

const DAY = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short" }); // 2026-03-01, as everywhere in the console
const TIME = new Intl.DateTimeFormat("sv-SE", { timeStyle: "medium" });

export function localise(root) {
  for (const time of root.matches("time[data-local]") ? [root] : root.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const text = time.dataset.local === "time" ? TIME.format(at) : `${DAY.format(at)} ${TIME.format(at)}`;
    if (time.textContent === text) continue;
    time.textContent = text;
    time.title = `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  }
}
