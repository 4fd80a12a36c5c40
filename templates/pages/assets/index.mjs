// The list of all incidents: filtered, sorted and paginated here; the URL holds its state.

const form = document.querySelector("form#narrow");
const table = document.querySelector("table#incidents");
const tally = document.getElementById("tally");
const pager = document.getElementById("pager");
const root = new URL("../../", import.meta.url);
const PAGE = 50;
const FILTERS = { severity: "Severity", status: "Status", kind: "Kind", cause: "Cause", trigger: "Trigger", owner: "Owner", asset: "Asset", tag: "Tag", year: "Year" };
const KEYS = { severity: "severity_label", asset: "assets", tag: "tags" };

const element = (name, attributes = {}, ...children) => {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
};
const words = (value) => value.replaceAll("_", " ");
const number = (n) => n.toLocaleString("en-US");

function duration(minutes) {
  if (minutes === null) return "\u2013";
  const left = Math.abs(minutes);
  const parts = [[Math.floor(left / 1440), "d"], [Math.floor(left / 60) % 24, "h"], [left % 60, "min"]];
  const shown = parts.filter(([n]) => n).slice(0, 2).map(([n, unit]) => `${n} ${unit}`);
  return (minutes < 0 ? "-" : "") + (shown.join(" ") || "0 min");
}

const { columns, rows } = await (await fetch(new URL(form.dataset.source, location.href.split(/[?#]/)[0]))).json();
const at = Object.fromEntries(columns.map((name, n) => [name, n]));
const text = rows.map((row) => [row[at.id], row[at.title], row[at.owner], ...row[at.assets], ...row[at.tags]].join("\n").toLowerCase());
function value(row, name) {
  const found = (name === "year" ? row[at.date].slice(0, 4) : row[at[KEYS[name] ?? name]]) || "unknown";
  return name === "status" && row[at.ongoing] ? [found, "open"] : found; // chosen by either
}

// the fields
const state = new URLSearchParams(location.search);
const search = element("input", { type: "search", name: "q", value: state.get("q") ?? "", placeholder: "A table, a keyword, an owner\u2026", autocomplete: "off" });
form.append(Object.assign(element("label", {}, "Text", search), { className: "wide" }));
const selects = {};
for (const [name, label] of Object.entries(FILTERS)) {
  const counts = new Map();
  for (const row of rows) for (const one of [value(row, name)].flat()) if (one) counts.set(one, (counts.get(one) ?? 0) + 1);
  const asked = state.get(name) ?? "";
  if (asked && !counts.has(asked)) counts.set(asked, 0); // shown as what it is: nothing has it
  const options = [...counts].sort(([a], [b]) => (name === "year" ? b.localeCompare(a) : a.localeCompare(b)));
  const select = element("select", { name }, element("option", { value: "", textContent: "Any" }));
  select.append(...options.map(([one, n]) => element("option", { value: one, textContent: `${words(one)} (${number(n)})` })));
  select.value = asked;
  selects[name] = select;
  form.append(element("label", {}, label, select));
}
const clear = element("button", { type: "button", textContent: "Clear" });
form.append(clear);
form.hidden = false;

// sort by clicking a column header
let [sort, direction] = (state.get("sort") ?? "date-desc").split("-");
const heads = [...table.tHead.rows[0].cells];
if (!heads.some((head) => head.dataset.key === sort)) [sort, direction] = ["date", "desc"];
for (const head of heads) {
  const button = element("button", { type: "button", textContent: head.textContent });
  button.addEventListener("click", () => {
    const first = ["title", "severity", "status", "owner"].includes(head.dataset.key) ? "asc" : "desc";
    direction = sort === head.dataset.key ? (direction === "asc" ? "desc" : "asc") : first;
    sort = head.dataset.key;
    page = 0;
    show();
  });
  head.replaceChildren(button);
}
let page = Math.max(0, (Number.parseInt(state.get("page") ?? "1", 10) || 1) - 1);

function matching() {
  const sought = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = Object.entries(selects).filter(([, select]) => select.value).map(([name, select]) => [name, select.value]);
  const found = [];
  rows.forEach((row, n) => {
    if (!wanted.every(([name, one]) => [value(row, name)].flat().includes(one))) return;
    if (sought.every((word) => text[n].includes(word))) found.push(row);
  });
  const turn = direction === "asc" ? 1 : -1;
  const key = at[sort];
  return found.sort((a, b) => {
    const [x, y] = [a[key], b[key]];
    if (x === y) return a[at.date] < b[at.date] ? 1 : a[at.date] > b[at.date] ? -1 : 0;
    if (x === null || x === "") return 1; // unknown values last, in either direction
    if (y === null || y === "") return -1;
    return (x < y ? -1 : 1) * turn;
  });
}

function line(row) {
  const get = (name) => row[at[name]];
  const cell = (label, ...children) => {
    const made = element("td", {}, ...children);
    made.dataset.label = label;
    return made;
  };
  const chip = (value, shown = value) => element("span", { className: `chip chip-${value.toLowerCase().replaceAll("_", "-")}`, textContent: shown || "?" });
  const named = get("assets").slice(0, 3).flatMap((name) => [element("code", { textContent: name }), " "]);
  const more = get("assets").length > 3 ? [`and ${get("assets").length - 3} more`] : [];
  const below = named.length ? [element("br"), element("span", { className: "quiet" }, ...named, ...more)] : [];
  const link = element("a", { href: new URL(get("url"), root).href, textContent: get("title") });
  return element("tr", {},
    cell("Date", element("time", { dateTime: get("date"), textContent: get("date") })),
    cell("Incident", link, ...below),
    cell("Severity", element("span", { className: `sev sev-${get("severity").toLowerCase()}`, textContent: get("severity_label") || "?" })),
    cell("Status", chip(get("status"), words(get("status"))), ...(get("ongoing") ? [" ", element("span", { className: "chip chip-incident-open", textContent: "open" })] : [])),
    cell("Owner", get("owner")),
    cell("Time to detect", duration(get("detect"))),
    cell("Time to resolve", duration(get("resolve"))));
}

function show() {
  const found = matching();
  const pages = Math.max(1, Math.ceil(found.length / PAGE));
  page = Math.min(page, pages - 1);
  table.tBodies[0].replaceChildren(...found.slice(page * PAGE, (page + 1) * PAGE).map(line));
  for (const head of heads) {
    if (head.dataset.key === sort) head.setAttribute("aria-sort", direction === "asc" ? "ascending" : "descending");
    else head.removeAttribute("aria-sort");
  }
  tally.textContent = found.length === rows.length ? `${number(rows.length)} postmortem${rows.length === 1 ? "" : "s"}` : `${number(found.length)} of ${number(rows.length)} postmortems`;
  const kept = new URLSearchParams();
  if (search.value.trim()) kept.set("q", search.value.trim());
  for (const [name, select] of Object.entries(selects)) if (select.value) kept.set(name, select.value);
  if (sort !== "date" || direction !== "desc") kept.set("sort", `${sort}-${direction}`);
  if (page) kept.set("page", page + 1);
  history.replaceState(null, "", kept.size ? `?${kept}` : location.pathname);
  clear.disabled = !kept.size;
  const narrowed = Object.values(selects).filter((select) => select.value).length;
  document.querySelector(".filter-toggle").textContent = narrowed ? `Filters (${narrowed})` : "Filters";
  pager.hidden = pages < 2;
  back.disabled = page === 0;
  forth.disabled = page === pages - 1;
  where.textContent = `Page ${number(page + 1)} of ${number(pages)}`;
  table.dataset.state = "done";
}

const where = element("span");
const back = element("button", { type: "button", textContent: "Previous" });
const forth = element("button", { type: "button", textContent: "Next" });
const turned = (by) => () => {
  page += by;
  show();
  table.scrollIntoView({ block: "start" });
};
back.addEventListener("click", turned(-1));
forth.addEventListener("click", turned(1));
pager.replaceChildren(back, where, forth);

let timer;
search.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => { page = 0; show(); }, 80);
});
form.addEventListener("change", (event) => {
  if (event.target === search) return;
  page = 0;
  show();
});
form.addEventListener("submit", (event) => event.preventDefault());
clear.addEventListener("click", () => {
  search.value = "";
  for (const select of Object.values(selects)) select.value = "";
  [sort, direction, page] = ["date", "desc", 0];
  show();
  search.focus();
});
show();
