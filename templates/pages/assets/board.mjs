// The board of action items: filters are in the URL; the data of all open items is loaded when needed.

const form = document.querySelector("form#board-filters");
const tally = document.getElementById("tally");
const root = new URL("../../", import.meta.url);
const FILTERS = { owner: "Owner", severity_label: "Severity", type: "Type", incident: "Incident" };
const NAMES = { severity_label: "severity" }; // in the URL
const MOST = 12; // cards per column, until more are asked for

const element = (name, attributes = {}, ...children) => {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
};
const icon = document.querySelector(".late .ic");
const day = new Date().toISOString().slice(0, 10);
const DAY = 86_400_000;
const spoken = new Intl.DateTimeFormat("en-US", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const number = (n) => n.toLocaleString("en-US");
const counted = (n, noun) => `${number(n)} ${noun}${n === 1 ? "" : "s"}`;
const late = (row) => row.due !== "" && row.due < day;

const { fields, rows } = await (await fetch(new URL(form.dataset.source, location.href.split(/[?#]/)[0]))).json();
const items = rows.map((row) => Object.fromEntries(fields.map((name, n) => [name, row[n]])));
const state = new URLSearchParams(location.search);

const selects = {};
for (const [name, label] of Object.entries(FILTERS)) {
  const counts = new Map();
  for (const item of items) if (item[name]) counts.set(item[name], (counts.get(item[name]) ?? 0) + 1);
  const select = element("select", { name }, element("option", { value: "", textContent: "Any" }));
  const asked = state.get(NAMES[name] ?? name) ?? "";
  if (asked && !counts.has(asked)) counts.set(asked, 0); // a team without open items
  const sorted = [...counts].sort(([a], [b]) => a.localeCompare(b));
  select.append(...sorted.map(([value, n]) => element("option", { value, textContent: `${value} (${number(n)})` })));
  select.value = asked;
  selects[name] = select;
  form.append(element("label", {}, label, select));
}
const overdue = element("input", { type: "checkbox", name: "overdue", checked: state.has("overdue") });
form.append(Object.assign(element("label", {}, overdue, "Overdue only"), { className: "check" }));
const clear = element("button", { type: "button", textContent: "Clear" });
form.append(clear);
form.hidden = false;

function card(item) {
  const due = element("span", { className: "due" });
  if (late(item)) {
    const days = Math.round((Date.parse(day) - Date.parse(item.due)) / DAY);
    const mark = element("span", { className: "state bad" }, `${counted(days, "day")} overdue`);
    if (icon) mark.prepend(icon.cloneNode(true));
    due.append(mark);
  } else {
    due.append(item.due ? element("time", { dateTime: item.due, textContent: spoken.format(new Date(item.due)) }) : "no due date");
  }
  const owner = item.owner ? element("a", { href: new URL(item.owner_url, root).href, textContent: item.owner }) : "unassigned";
  const facts = element("span", { className: "m" }, owner, item.type ? ` · ${capital(item.type)}` : "", due);
  const severity = element("span", { className: `sev sev-${item.severity.toLowerCase()}`, textContent: item.severity_label });
  const incident = element("span", { className: "inc" }, severity, element("a", { href: new URL(item.url, root).href, textContent: item.incident }));
  return element("li", { className: "card" }, element("span", { className: "t", textContent: item.title }), facts, incident);
}

const shown = {}; // by column, how many cards
function draw() {
  const chosen = Object.entries(selects).filter(([, select]) => select.value);
  const found = items.filter((item) => chosen.every(([name, select]) => item[name] === select.value) && (!overdue.checked || late(item)));
  for (const column of document.querySelectorAll(".board .col")) {
    const here = found.filter((item) => item.state === column.dataset.state);
    here.sort((a, b) => late(b) - late(a) || (a.due || "9").localeCompare(b.due || "9"));
    const most = shown[column.dataset.state] ?? MOST;
    column.querySelector("ul").replaceChildren(...here.slice(0, most).map(card));
    column.querySelector(".n").textContent = number(here.length);
    const overdueHere = here.filter(late).length;
    column.querySelector(".late").hidden = !overdueHere;
    column.querySelector(".late .state > span").textContent = `${number(overdueHere)} overdue`;
    column.querySelector(".empty").hidden = here.length > 0;
    column.querySelector(".more")?.remove();
    if (here.length > most) {
      const more = element("button", { type: "button", className: "more", textContent: `Show ${number(here.length - most)} more` });
      more.addEventListener("click", () => {
        shown[column.dataset.state] = Infinity;
        draw();
        column.querySelectorAll(".card a")[most]?.focus();
      });
      column.append(more);
    }
  }
  clear.hidden = !chosen.length && !overdue.checked;
  document.querySelector(".filter-toggle").textContent = chosen.length ? `Filters (${chosen.length})` : "Filters";
  tally.hidden = clear.hidden;
  tally.textContent = `${number(found.length)} of ${counted(items.length, "open item")}`;
  const query = new URLSearchParams(chosen.map(([name, select]) => [NAMES[name] ?? name, select.value]));
  if (overdue.checked) query.set("overdue", "1");
  history.replaceState(null, "", `${location.pathname}${query.size ? `?${query}` : ""}${location.hash}`);
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", draw);
clear.addEventListener("click", () => {
  for (const select of Object.values(selects)) select.value = "";
  overdue.checked = false;
  draw();
});
draw();
document.documentElement.dataset.board = "done";
