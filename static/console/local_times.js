// Keeps the times of a page by the clock of this machine, also those that come later or change.

import { localise } from "console/clock.js";

localise(document.body);
new MutationObserver((changes) => {
  for (const { type, target, addedNodes } of changes) {
    if (type === "characterData") target.parentElement?.matches("time[data-local]") && localise(target.parentElement);
    else addedNodes.forEach((node) => { if (node.nodeType === Node.ELEMENT_NODE) localise(node); });
  }
}).observe(document.body, { childList: true, subtree: true, characterData: true });
