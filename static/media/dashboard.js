// Keeps the admin's first page current: asks for it again every ten seconds while somebody looks, and puts the figures in.

import { morph } from "./morph.js";

const ASK_EVERY_MS = 10000;
const PARTS = [".as-of time", "#dashboard"];
const stale = document.querySelector("[data-stale]");

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(ASK_EVERY_MS) });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || !fresh.querySelector("#dashboard")) throw new Error();
    for (const part of PARTS) morph(document.querySelector(part), fresh.querySelector(part));
    stale.textContent = "";
  } catch {
    stale.textContent = "not current: the server does not answer, or you are signed out";
  }
}

if (stale) {
  setInterval(refresh, ASK_EVERY_MS);
  document.addEventListener("visibilitychange", refresh);
}
