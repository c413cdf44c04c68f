// Keeps the command line beside a form current: the request to the REST API that does what the form does. Fields say by
// data-json how they stand in the request's body (text, list, number, flag); those that are empty are left out.

const READ = {
  text: (field) => field.value.trim() || undefined,
  list: (field) => { const words = field.value.split(/[\n,;]+/).map((word) => word.trim()).filter(Boolean); return words.length ? words : undefined; },
  number: (field) => (field.value === "" ? undefined : Number(field.value)),
  flag: (field) => (field.checked === field.defaultChecked ? undefined : field.checked),
};

function body(form) {
  const found = {};
  for (const field of form.querySelectorAll("[data-json]")) {
    if (field.disabled || field.closest("[hidden]") || (field.type === "radio" && !field.checked)) continue;
    const value = READ[field.dataset.json](field);
    if (value !== undefined && field.dataset.default !== String(value)) found[field.dataset.key ?? field.name] = value;
  }
  return found;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function show(form) {
  for (const place of form.querySelectorAll("pre[data-url]")) {
    const lines = [`curl -X ${place.dataset.method} ${quoted(place.dataset.url)}`, '-H "Authorization: Bearer $TOKEN"',
      "-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body(form)))}`];
    place.textContent = lines.join(" \\\n  ");
  }
}

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => { if (target.form?.querySelector("pre[data-url]")) show(target.form); });
}

export { show };
