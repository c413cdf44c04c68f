// Makes a part of the page like another one, node by node: what stays the same is not touched, so keyboard focus, scrolled
// boxes, selected text and open <details> are kept. Knows nothing of what the page shows.

/** Makes `old` like `fresh` (a node of another document); elements with an id are found again among their siblings. */
export function morph(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
  } else if (old.nodeType === Node.ELEMENT_NODE) {
    attributes(old, fresh);
    children(old, fresh);
  }
}

function attributes(old, fresh) {
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) {
    const theirs = name === "open" && old.localName === "details"; // the reader's, not the server's
    if (!theirs && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
}

function children(old, fresh) {
  let place = old.firstChild;
  for (const child of fresh.childNodes) {
    const same = counterpart(old, place, child);
    if (!same) old.insertBefore(document.importNode(child, true), place);
    else {
      if (same === place) place = place.nextSibling;
      else old.insertBefore(same, place);
      morph(same, child);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

/** The child of `old` that `child` is a newer state of: the one with its id, else the one at its place. */
function counterpart(old, place, child) {
  if (child.id) return [...old.children].find((one) => one.id === child.id);
  return place && !place.id && place.nodeName === child.nodeName ? place : null;
}
