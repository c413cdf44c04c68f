// Calls that ring here: said to those who hear the page instead of seeing it, in the title, and aloud where somebody
// switched that on. The banner itself is kept current by htmx; the board tells it at once.

import "console/command.js";
import "console/actions.js";

const KEY = "ring-aloud", AGAIN_MS = 3000, TOLD_MS = 10000;
const QUIET = 0.04;

const bell = document.querySelector("[data-bell]");
const voice = document.body.appendChild(Object.assign(document.createElement("div"), { className: "visually-hidden" }));
const title = document.title;
let known = new Set();
let sound = null;
let ringing = 0;

voice.setAttribute("role", "alert");

function aloud() {
  try {
    return localStorage.getItem(KEY) === "1";
  } catch {
    return false;
  }
}

/** Two soft tones. Browsers allow it after the first click or key on a page. */
async function ring() {
  sound ??= new AudioContext();
  if (sound.state === "suspended") await Promise.race([sound.resume(), new Promise((done) => { setTimeout(done, 200); })]);
  if (sound.state !== "running") return;
  [660, 880].forEach((pitch, number) => {
    const at = sound.currentTime + number * 0.25, tone = sound.createOscillator(), gain = sound.createGain();
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(QUIET, at + 0.02);
    gain.gain.linearRampToValueAtTime(0, at + 0.22);
    tone.connect(gain).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.25);
  });
}

function look() {
  const rings = [...document.querySelectorAll("[data-ring]")];
  const fresh = rings.filter(({ id }) => !known.has(id));
  known = new Set(rings.map(({ id }) => id));
  if (fresh.length) voice.textContent = fresh.map(({ dataset }) => dataset.ring).join(". ");
  const wanted = rings.length ? `☎ ${rings[0].dataset.ring}` : title;
  if (document.title !== wanted) document.title = wanted;
  const loud = rings.length > 0 && bell && aloud();
  if (loud && !ringing) {
    ring();
    ringing = setInterval(ring, AGAIN_MS);
  } else if (!loud && ringing) {
    clearInterval(ringing);
    ringing = 0;
  }
}

function show() {
  bell?.setAttribute("aria-pressed", aloud());
}

bell?.addEventListener("click", () => {
  try {
    localStorage.setItem(KEY, aloud() ? "0" : "1");
  } catch { /* no storage: it stays silent */ }
  show();
  if (aloud()) ring(); // how it sounds; and the click that lets this page ring
  look();
});
addEventListener("storage", show);

document.addEventListener("htmx:after:swap", () => {
  look();
  const told = document.getElementById("incoming-told");
  if (told?.firstElementChild && !told.dataset.until) {
    told.dataset.until = "soon";
    setTimeout(() => { told.replaceChildren(); delete told.dataset.until; }, TOLD_MS);
  }
});

show();
