// Keeps the command line beside a form current: the request to the REST API that does what the form does. Fields say by
// data-json how they stand in the request's body (text, list, number, flag); what is empty, or stands at its data-default, is
// left out. "whole": a text that means something when it is empty too. "named": a text whose key another field says.
// data-only: of several commands of a form, the field belongs to the one whose address ends so.

const READ = {
  text: (field) => field.value.trim() || undefined,
  list: (field) => { const words = field.value.split(/[\n,;]+/).map((word) => word.trim()).filter(Boolean); return words.length ? words : undefined; },
  number: (field) => (field.value === "" ? undefined : Number(field.value)),
  flag: (field) => field.checked,
  checked: (field) => (field.checked ? field.value : undefined),
  whole: (field) => field.value.trim(),
  named: (field) => field.value.trim() || undefined,
};

function body(form, address) {
  const found = {};
  for (const field of form.querySelectorAll("[data-json]")) {
    if (field.disabled || field.closest("[hidden]") || (field.type === "radio" && !field.checked)) continue;
    if (field.dataset.only && !address.endsWith(field.dataset.only)) continue;
    const value = READ[field.dataset.json](field);
    if (value !== undefined && field.dataset.default !== String(value)) found[key(form, field)] = value;
  }
  return found;
}

const key = (form, field) => (field.dataset.json === "named" ? new FormData(form).get(field.dataset.keyOf) : field.name);

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function show(form) {
  for (const place of form.querySelectorAll("pre[data-url]")) {
    const lines = [`curl -X ${place.dataset.method} ${quoted(place.dataset.url)}`, '-H "Authorization: Bearer $TOKEN"',
      "-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body(form, place.dataset.url)))}`];
    place.textContent = lines.join(" \\\n  ");
  }
}

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => { if (target.form?.querySelector("pre[data-url]")) show(target.form); });
}

document.querySelectorAll("form:has(pre[data-url])").forEach((form) => { if ("command" in form.dataset) show(form); });
