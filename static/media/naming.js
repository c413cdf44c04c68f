// Names a participant for all calls at once: a button with data-name-of (a raw id) opens a small form, which asks the
// REST API; what the page shows of that lane is called so at once.

const form = document.createElement("dialog");
form.className = "naming panel";
form.setAttribute("aria-labelledby", "naming-title");
form.innerHTML = `
  <form method="dialog">
    <h2 id="naming-title">Name for all calls</h2>
    <label for="naming-name"></label>
    <input id="naming-name" name="name" maxlength="200" required autocomplete="off">
    <p class="naming-fault" role="alert"></p>
    <div class="naming-choices"><button class="page-action" value="save">Save</button><button class="page-action" type="button" data-cancel>Cancel</button></div>
  </form>`;
document.body.append(form);
const [label, input, fault] = ["label", "input", "[role=alert]"].map((what) => form.querySelector(what));
let asked = null;

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-name-of]");
  if (!button) return;
  asked = button;
  label.textContent = `Who is ${button.dataset.nameOf}?`;
  input.value = button.dataset.named || "";
  fault.textContent = "";
  form.showModal();
  input.select();
});
form.querySelector("[data-cancel]").addEventListener("click", () => form.close());
form.addEventListener("keydown", (event) => event.stopPropagation()); // letters are not the player's keys here
form.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  fault.textContent = "";
  try {
    call(asked, (await put(asked.dataset.nameOf, input.value)).name);
    form.close();
  } catch (error) {
    fault.textContent = error.message;
    input.focus();
  }
});

/** Every chip of that lane: in the player, in the tables. */
function call(button, name) {
  const [, lane] = button.dataset.lane.match(/^(lane-\d)$/) ?? [];
  const old = button.dataset.shown;
  for (const chip of document.querySelectorAll(`.chip.${lane}`)) if (chip.textContent.trim() === old) chip.textContent = name;
  Object.assign(button.dataset, { named: name, shown: name });
}

async function put(rawId, name) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const url = `/api/v1/people/${encodeURIComponent(rawId)}`;
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const answer = await fetch(url, { method: "PUT", headers, body: JSON.stringify({ name }), credentials: "same-origin" })
    .catch(() => { throw new Error("The server cannot be reached."); });
  if (answer.ok) return answer.json();
  const { detail } = await answer.json().catch(() => ({}));
  throw new Error([detail].flat().map((one) => one?.msg ?? one ?? `The server answered ${answer.status}.`).join(" "));
}
