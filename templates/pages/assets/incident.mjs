// What all pages need; scripts that only some need (search, the list of incidents, graphs) are separate.

document.querySelectorAll(".no-script").forEach((one) => one.remove());

const element = (name, attributes = {}, ...children) => {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
};

/** A search field in the header of every page except the search page, which has its own. */
function headField(action) {
  const input = element("input", { type: "search", name: "q", placeholder: "Search  /", autocomplete: "off" });
  input.setAttribute("aria-label", "Search");
  const form = element("form", { className: "head-seek", action, method: "get" }, input);
  form.setAttribute("role", "search");
  // on narrow screens, a link replaces the field
  const link = element("a", { className: "md-header__button md-icon head-find", href: form.action });
  link.setAttribute("aria-label", "Search");
  link.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M9.5 3A6.5 6.5 0 0 1 16 9.5c0 1.6-.6 3.1-1.6 4.2l.3.3h.8l5 5-1.5 1.5-5-5v-.8l-.3-.3A6.5 6.5 0 1 1 9.5 3m0 2a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9"/></svg>';
  document.querySelector(".md-header__inner")?.append(form, link);
}

const form = document.querySelector("form#seek");
// a handbook has its own search
const ours = document.querySelector('link[rel="search"]');
if (form) import("./search.mjs");
else if (ours) headField(ours.href);

// on a phone, the filters fold into one button
for (const filters of document.querySelectorAll("form.filters")) {
  const fold = element("button", { type: "button", className: "btn filter-toggle", textContent: "Filters" });
  fold.setAttribute("aria-expanded", "false");
  fold.addEventListener("click", () => fold.setAttribute("aria-expanded", String(filters.classList.toggle("shown"))));
  filters.before(fold);
}
if (document.querySelector("form#narrow")) import("./index.mjs");
if (document.querySelector("form#board-filters")) import("./board.mjs");
const copy = document.querySelector("[data-copy-link]");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(location.href.split("#")[0]);
    copy.lastElementChild.textContent = "Copied";
  });
}
if (document.querySelector("pre.graph")) import("./graph.mjs");

// filter fields: hide table rows that do not contain all words
for (const field of document.querySelectorAll(".narrow-field")) {
  field.parentElement.hidden = false;
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/);
    for (const row of document.querySelectorAll(field.dataset.rows)) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
}

document.addEventListener("keydown", (event) => {
  const target = event.target;
  const typing = target.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName);
  if (!ours || typing || event.ctrlKey || event.metaKey || event.altKey || !["/", "s"].includes(event.key)) return;
  const field = [...document.querySelectorAll(".seek input, .head-seek input")].find((one) => one.offsetParent);
  if (!field) return document.querySelector(".head-find")?.click();
  event.preventDefault();
  field.focus();
});

// label dialogs that the theme leaves unlabeled
document.querySelectorAll('[role="dialog"]:not([aria-label])').forEach((one) => one.setAttribute("aria-label", "Dialog"));
