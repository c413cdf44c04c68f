// Keys of a page: single ones ("k", "ArrowLeft", "Shift+ArrowLeft") and two in a row ("g b"). Typing in a field, and the
// browser's own shortcuts, are left alone.

const SEQUENCE_MS = 1500;
const FIELDS = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable], dialog[open]";
const PRESSABLE = "button, summary, [type=checkbox], [type=radio]";
const SLIDING = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];
const OWN = { // what a key does by itself, and there
  " ": PRESSABLE, Enter: `${PRESSABLE}, a`, ...Object.fromEntries(SLIDING.map((key) => [key, "[type=range]"])),
};
const bound = []; // what was bound last goes first
let before = "";
let timer = 0;

/** Binds each key of `actions` to its function, which gets the event. Returns a function that unbinds them. */
export function keys(actions) {
  bound.unshift(actions);
  return () => bound.splice(bound.indexOf(actions), 1);
}

function meaning(name) {
  return bound.find((actions) => name in actions)?.[name];
}

function begins(name) {
  return bound.some((actions) => Object.keys(actions).some((other) => other.startsWith(`${name} `) && other.length > 2));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.target.closest?.(FIELDS)) return;
  const name = event.shiftKey && event.key.length > 1 ? `Shift+${event.key}` : event.key;
  const act = (before && meaning(`${before} ${name}`)) || meaning(name);
  clearTimeout(timer);
  before = !before && begins(name) ? name : "";
  timer = setTimeout(() => { before = ""; }, SEQUENCE_MS);
  if (!act || (event.key in OWN && event.target.closest?.(OWN[event.key]))) return;
  event.preventDefault();
  act(event);
});
