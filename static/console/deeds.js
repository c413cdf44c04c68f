// Forms behind a button (details.deed): who opens one can type at once, and Escape closes it.

document.addEventListener("toggle", ({ target }) => {
  if (target.matches?.("details.deed[open]")) target.querySelector("input:not([type=hidden]), select")?.focus();
}, true);

document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && event.target.closest?.("details.deed[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
