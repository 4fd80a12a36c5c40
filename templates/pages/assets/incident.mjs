// Search with Pagefind's index, which is part of the site: no request to another host.
// Scripts that only some pages need (the list of incidents, graphs) are separate.

const root = new URL("../../", import.meta.url);
const FILTERS = { severity: "Severity", status: "Status", cause: "Cause", asset: "Asset" };
const FIRST = 10; // each result is a file: load more on demand
const MORE = 40;

const PARTS = 12; // longer words that one word of the query may stand for

let [engine, joined, places] = [null, null, []];
const pagefind = () => (engine ??= load());

/** There is one index per group of years; the newest one has the code, the others are merged. */
async function load() {
  const years = await (await fetch(new URL("pagefind/years.json", root))).json();
  places = years.map((year) => new URL(`pagefind/${year}/`, root).href);
  const options = { baseUrl: root.pathname, excerptLength: 24 };
  const found = await import(`${places[0]}pagefind.js`);
  await found.options(options);
  await found.init();
  await Promise.all(places.slice(1).map((place) => found.mergeIndex(place, options)));
  return found;
}

document.querySelectorAll(".no-script").forEach((one) => one.remove());

const element = (name, attributes = {}, ...children) => {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
};

const plain = (text) => text.toLowerCase().replaceAll("ß", "ss").normalize("NFD").replace(/\p{M}/gu, "");

/** Longer words of the archive with a word of the query in them: only in languages that join words. */
async function longer(words) {
  await pagefind();
  const lists = await (joined ??= Promise.all(
    places.map(async (place) => (await fetch(`${place}words.json`)).json()),
  ));
  const known = [...new Set(lists.flat())].map((word) => [word, plain(word)]);
  const parts = words.split(/\s+/).map(plain).filter((part) => part.length > 3);
  const within = (part) => known.filter(([, whole]) => whole.indexOf(part) > 0).slice(0, PARTS);
  return parts.flatMap(within).map(([word]) => word);
}

/** What a query finds, then what has its words as parts of longer ones. */
async function query(words, options) {
  const { results, loose } = await exact(words, options);
  const more = new Map();
  for (const word of await longer(words)) {
    for (const one of (await (await pagefind()).search(`"${word}"`, options)).results) more.set(one.id, one);
  }
  results.forEach((one) => more.delete(one.id));
  return { results: [...results, ...more.values()], loose: loose && results.length > 0 };
}

/** Pagefind ANDs the words of a query; if that finds nothing, match any of them. */
async function exact(words, options) {
  const found = await (await pagefind()).search(words || null, options);
  const single = words.split(/\s+/).filter((word) => word.length > 2);
  if (found.results.length || single.length < 2) return { results: found.results, loose: false };
  const scores = new Map();
  for (const word of single) {
    for (const result of (await (await pagefind()).search(word, options)).results) {
      const seen = scores.get(result.id);
      scores.set(result.id, { ...result, score: result.score + (seen?.score ?? 0) });
    }
  }
  return { results: [...scores.values()].sort((a, b) => b.score - a.score), loose: true };
}

/** An excerpt is text with <mark>; no other element gets through. */
function excerpt(html, title) {
  const parsed = new DOMParser().parseFromString(html, "text/html").body;
  const first = parsed.firstChild;
  // the title is above, and a heading is not a sentence
  if (first?.nodeName === "#text") first.textContent = first.textContent.replace(`${title}. `, "").replace(/^Summary\. /, "");
  const line = element("p", { className: "quiet" });
  for (const node of parsed.childNodes) {
    line.append(node.nodeName === "MARK" ? element("mark", { textContent: node.textContent }) : node.textContent);
  }
  return line;
}

function row(data) {
  const { title, date, severity = "?", level = severity, status, owner } = data.meta;
  const chip = element("span", { className: `sev sev-${level.toLowerCase()}`, textContent: severity });
  const day = element("time", { dateTime: date ?? "", textContent: date ?? "" });
  const top = element("p", { className: "found-top" }, chip, element("b", { textContent: title }), day);
  const facts = element("p", { className: "quiet", textContent: [status, owner].filter(Boolean).join(" · ") });
  return element("li", {}, element("a", { href: data.url }, top, excerpt(data.excerpt, title), facts));
}

/** How many letters to add, drop or change, to get from one word to the other. */
function distance(a, b) {
  let row = [...b, ""].map((_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1]));
    row = next;
  }
  return row[b.length];
}

/** The query with each word that is nearly the name of an asset or a cause, or part of one, replaced by it. */
function nearest(query, names) {
  const known = [...new Set(names.flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)]))].filter((name) => name.length > 3);
  const found = query.toLowerCase().split(/\s+/).map((word) => {
    const close = known.map((name) => [distance(word, name.toLowerCase()), name]).filter(([n]) => n <= Math.min(2, word.length / 3));
    return close.sort(([a], [b]) => a - b)[0]?.[1] ?? word;
  });
  return found.join(" ");
}

async function searchPage(form) {
  const input = form.elements.q;
  const list = document.getElementById("found");
  const count = document.getElementById("count");
  const bar = document.getElementById("filters");
  const address = new URLSearchParams(location.search);
  const selects = {};
  input.value = address.get("q") ?? "";
  try {
    await pagefind();
  } catch {
    if (!form.dataset.empty) count.textContent = "Search index not found. Run `mkdocs build` to create it.";
    return;
  }
  for (const [name, label] of Object.entries(FILTERS)) {
    const select = element("select", { name }, element("option", { value: "", textContent: "Any" }));
    selects[name] = select;
    bar.append(element("label", {}, label, select));
  }
  /** The filter options are one file per index: don't hold up the results for them. */
  async function fill() {
    const known = await (await pagefind()).filters();
    for (const [name, select] of Object.entries(selects)) {
      const options = Object.entries(known[name] ?? {}).sort(([a], [b]) => a.localeCompare(b));
      select.append(...options.map(([value, n]) => element("option", { value, textContent: `${value} (${n})` })));
      select.value = address.get(name) ?? "";
      if (select.selectedIndex < 0) select.value = "";
    }
  }

  const ideas = element("ul", { id: "ideas" });
  list.before(ideas);
  /** What to try where nothing was found. */
  async function offer(words, narrowed, mine) {
    const known = await (await pagefind()).filters();
    if (mine !== run) return;
    const names = ["asset", "cause"].flatMap((name) => Object.keys(known[name] ?? {}));
    const other = nearest(words, names);
    const link = (query, text) => element("a", { href: query ? `?${new URLSearchParams({ q: query })}` : location.pathname, textContent: text });
    const steps = [];
    if (other !== words.toLowerCase()) steps.push(["Did you mean ", link(other, other), "?"]);
    if (narrowed && words) steps.push([link(words, "Search without the filters"), "."]);
    steps.push(["Try fewer or other words: a table, a column, a cause."], [element("a", { href: form.dataset.list, textContent: "See all incidents" }), "."]);
    ideas.replaceChildren(...steps.map((step) => element("li", {}, ...step)));
  }

  let [run, shown, rest] = [0, 0, []];
  const more = element("button", { type: "button", className: "more", textContent: "Show more", hidden: true });
  more.addEventListener("click", async () => {
    const next = rest.slice(shown, shown + MORE);
    shown += MORE;
    more.hidden = rest.length <= shown;
    const data = await Promise.all(next.map((result) => result.data()));
    const rows = data.map(row);
    list.append(...rows);
    rows[0]?.querySelector("a").focus();
  });
  list.after(more);
  async function show() {
    const mine = ++run;
    list.dataset.state = "busy";
    const words = input.value.trim();
    const filters = {};
    const state = new URLSearchParams();
    if (words) state.set("q", words);
    for (const [name, select] of Object.entries(selects)) {
      if (!select.value) continue;
      filters[name] = [select.value];
      state.set(name, select.value);
    }
    const sort = words ? undefined : { date: "desc" };
    const { results, loose } = await query(words, { filters, sort });
    const data = await Promise.all(results.slice(0, FIRST).map((result) => result.data()));
    if (mine !== run) return; // outdated: the query has changed
    shown = FIRST;
    rest = results;
    more.hidden = results.length <= shown;
    history.replaceState(null, "", state.size ? `?${state}` : location.pathname);
    list.replaceChildren(...data.map(row));
    ideas.replaceChildren();
    list.dataset.state = "done";
    const some = `${results.length} postmortem${results.length === 1 ? "" : "s"}`;
    count.textContent = loose ? `${some} matching any of the words` : some;
    if (!results.length) await offer(words, Object.keys(filters).length > 0, mine);
  }

  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 120);
  });
  bar.addEventListener("change", show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("a")?.click();
  });
  document.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (at < 0 && document.activeElement !== input) return;
    if (event.key === "ArrowDown") (links[at + 1] ?? links[at])?.focus();
    else if (event.key === "ArrowUp" && at >= 0) (links[at - 1] ?? input).focus();
    else if (event.key === "Escape") {
      if (at < 0 && !input.value) return input.blur();
      input.value = "";
      input.focus();
      show();
    } else return;
    event.preventDefault();
  });
  if (!matchMedia("(pointer: coarse)").matches) input.focus();
  const narrowed = Object.keys(FILTERS).some((name) => address.get(name));
  if (narrowed) await fill();
  await show();
  if (!narrowed) await fill();
}

/** A search field in the header of every page except the search page, which has its own. */
function headField(action) {
  const input = element("input", { type: "search", name: "q", placeholder: "Search  /", autocomplete: "off" });
  input.setAttribute("aria-label", "Search incidents");
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
if (form) searchPage(form);
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
