// What every page of the console can do: theme, keys, copying, times as they are here. Knows no page.

import "htmx.org";
import "console/local_times.js";
import { keys } from "console/keys.js";

const COPIED_MS = 3000;
const dialog = document.querySelector("[data-keys-list]");

function switchTheme() {
  const root = document.documentElement;
  root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  try {
    if (root.dataset.bsTheme === system) localStorage.removeItem("theme"); // follows the system again
    else localStorage.setItem("theme", root.dataset.bsTheme);
  } catch { /* no storage: until the next page */ }
}

async function copy(button) {
  const text = document.getElementById(button.dataset.copy).textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, COPIED_MS);
  } catch { // plain http on another host
    getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.matches("[data-theme-switch]")) switchTheme();
  if (button?.matches("[data-keys]")) dialog.showModal();
  if (button?.matches("[data-copy]")) copy(button);
});

const go = (name) => document.querySelector(`.top-nav a[href="${name}"], .top-end a[href="${name}"]`)?.click();
keys({
  "?": () => dialog.showModal(),
  "/": () => document.querySelector("[data-search]")?.focus(),
  n: () => document.querySelector("[data-new]")?.click(),
  "g b": () => go("/"),
  "g c": () => go("/calls/"),
  "g s": () => go("/sessions/"),
  "g p": () => go("/profile/"),
});

const replaced = document.querySelector("[data-replace-url]");
if (replaced) history.replaceState(null, "", replaced.dataset.replaceUrl);
