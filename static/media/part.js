// A part of the page that is worked out only when somebody looks: [data-part] holds its address, data-again the seconds
// after which it is asked for again (of a running session).

const PATIENCE_MS = 20000;

async function fill(box) {
  try {
    const answer = await fetch(box.dataset.part, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok || answer.redirected) throw new Error(`The server answered ${answer.status}.`);
    box.innerHTML = await answer.text();
    box.hidden = !box.textContent.trim();
  } catch (error) {
    if (!box.textContent.trim()) box.textContent = `This part did not come: ${error.message}`;
  }
  if (box.dataset.again) setTimeout(() => fill(box), box.dataset.again * 1000);
}

document.querySelectorAll("[data-part]").forEach(fill);
