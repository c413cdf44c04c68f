// Forms behind a button (details.action): who opens one can type at once, and Escape closes it.

document.addEventListener("toggle", ({ target }) => {
  if (target.matches?.("details.action[open]")) target.querySelector("input:not([type=hidden]), select")?.focus();
}, true);

document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && event.target.closest?.("details.action[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
