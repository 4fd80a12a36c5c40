// Search with Pagefind's index, which is part of the site: no request to another host.

import { Vocabulary, found, isWord, plain, snippet } from "./search_text.mjs";

const root = new URL("../../", import.meta.url);
const FILTERS = { severity: "Severity", status: "Status", cause: "Cause", asset: "Asset" };
const HAS = { incident: ["severity", "status", "cause", "asset"], "action-item": ["severity", "asset"] }; // by kind
const ORDERS = { incident: ", newest first", "action-item": ", latest due date first", asset: ", latest incident first" }; // without words
const FIRST = 10; // each result is a file: load more on demand
const MORE = 40;
const FEW = 3; // results: look for a better spelling
const PARTS = 12; // longer words that one word of the query may stand for
const REFERENCE = /^\w+:\S+$/; // of an asset
const CODES = new Set(["code", "id", "severity", "level", "date"]);
// what a word counts where it is found; a title counts once more as text, the more the shorter it is
const WEIGHTS = { title: 4, name: 4, ref: 1, code: 8, id: 4, assets: 2, owner: 1.5, date: 1.5, due: 0.5, incident: 0.3, level: 6, severity: 6, status: 0.5, state: 0.5, trust: 0.5 };

const form = document.getElementById("seek");
const input = form.elements.q;
const list = document.getElementById("found");
const count = document.getElementById("count");
const bar = document.getElementById("filters");
const ideas = document.getElementById("ideas");
const kinds = [...document.querySelectorAll("#kinds input")];
const labels = Object.fromEntries(kinds.map((one) => [one.value, one.dataset.one]));
const nouns = Object.fromEntries(kinds.map((one) => [one.value, one.dataset.noun]));
const every = Object.keys(labels).filter(Boolean);
const icons = Object.fromEntries([...document.getElementById("icons").content.children].map((one) => [one.dataset.icon, one.firstElementChild]));
const address = new URLSearchParams(location.search);
const spoken = new Intl.DateTimeFormat("en-US", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const today = new Date().toISOString().slice(0, 10);

const element = (name, attributes = {}, ...children) => {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
};
const icon = (name) => icons[name].cloneNode(true);
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const counted = (n, noun) => `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;
const file = async (url) => (await fetch(url)).json();

let [joins, places, words_] = [false, [], null];
const engine = load();

/** There is one index per group of years, and of the assets and the guide, which has the code. */
async function load() {
  const lists = file(new URL("pagefind/indexes.json", root));
  const [{ indexes, joins_words }, pagefind] = await Promise.all([lists, import(new URL("pagefind/guide/pagefind.js", root))]);
  joins = joins_words;
  places = indexes.map((name) => new URL(`pagefind/${name}/`, root).href);
  // the archive comes first; a worker would only copy large results
  const options = (name) => ({ baseUrl: root.pathname, ranking: { metaWeights: WEIGHTS, pageLength: 0.5 }, indexWeight: { guide: 0.4, assets: 0.7 }[name] ?? 1 });
  await pagefind.options({ ...options("guide"), noWorker: true });
  await pagefind.init();
  await Promise.all(indexes.slice(1).map((name, n) => pagefind.mergeIndex(places[n + 1], options(name))));
  return pagefind;
}

const vocabulary = () => (words_ ??= Promise.all(places.map((place) => file(`${place}words.json`))).then((lists) => new Vocabulary(lists)));

/** Pagefind ANDs the words of a query; if that finds nothing, match any of them. `counts`: by kind, where known. */
async function ask(words, kind, filters) {
  const pagefind = await engine;
  if (words && !/[\p{L}\p{N}]/u.test(words)) return { results: [], counts: {}, loose: false };
  const sort = words ? undefined : { date: "desc" };
  const all = await pagefind.search(words || null, { filters: { ...filters, kind: { any: every } }, sort });
  const only = kind || (words ? "" : "incident"); // without words, the newest incidents
  const options = { filters: { ...filters, kind: only ? [only] : { any: every } }, sort };
  let { results } = only ? await pagefind.search(words || null, options) : all;
  if (/^(?=.*\d)(?=.*[a-z])[a-z\d-]+$/i.test(words)) {
    // `P1`, `INC301`, an id: not what merely begins like it
    const same = new Set((await pagefind.search(`"${words}"`, options)).results.map(({ id }) => id));
    const own = results.filter(({ id, matchedMetaFields: fields }) => same.has(id) || fields?.some((name) => CODES.has(name)));
    if (same.size) return { results: own, counts: own.length === results.length ? all.filters.kind : null, loose: false };
  }
  const single = words.split(/\s+/).filter((word) => word.length > 2);
  const loose = !results.length && single.length > 1;
  if (loose) results = sum(await Promise.all(single.map((word) => pagefind.search(word, options))));
  const more = new Map();
  for (const word of joins ? (await vocabulary()).longer(words, PARTS) : []) {
    for (const one of (await pagefind.search(`"${word}"`, options)).results) more.set(one.id, one);
  }
  const strict = results.length > 0;
  results.forEach((one) => more.delete(one.id));
  return { results: [...results, ...more.values()], counts: loose || more.size ? null : all.filters.kind, loose: loose && strict };
}

function sum(answers) {
  const scores = new Map();
  for (const result of answers.flatMap(({ results }) => results)) {
    scores.set(result.id, { ...result, score: result.score + (scores.get(result.id)?.score ?? 0) });
  }
  return [...scores.values()].sort((a, b) => b.score - a.score);
}

/** Text with the words of the query marked. */
const marked = (text, words) => text.split(/([\p{L}\p{N}]+)/u).map((part, n) => (n % 2 && words.some((word) => isWord(part, word)) ? element("mark", { textContent: part }) : part));

const severity = (label, level = label) => element("span", { className: `sev sev-${level.toLowerCase()}`, textContent: label });
const state = (look, name, text) => element("span", { className: `state ${look}` }, icon(name), text);
const day = (iso) => element("time", { dateTime: iso, textContent: spoken.format(new Date(iso)) });
const ITEM = { done: ["ok", "done"], "in progress": ["info", "in_progress"], committed: ["", "committed"] };
const TRUST = { "Incident open": ["bad", "open"], "Needs attention": ["warn", "shield_alert"], "Follow-up open": ["info", "shield_half"], Clear: ["ok", "shield_check"] };

/** What is said of a result besides its kind and title. */
function facts({ meta, filters }) {
  switch (filters.kind[0]) {
    case "incident":
      return [severity(meta.severity ?? "?", meta.level ?? meta.severity), capital(meta.status ?? ""), meta.owner, meta.date && day(meta.date)];
    case "action-item": {
      const open = !["done", "won't do"].includes(meta.state);
      const late = open && meta.due < today ? Math.round((Date.parse(today) - Date.parse(meta.due)) / 86_400_000) : 0;
      const due = late ? state("bad", "alert", `${counted(late, "day")} overdue`) : meta.due && open && element("span", {}, "due ", day(meta.due));
      const where = element("span", { className: "of" }, severity(filters.severity?.[0] ?? "?"), " ", meta.incident ?? "");
      return [state(...(ITEM[meta.state] ?? ["", "proposed"]), capital(meta.state ?? "no status")), meta.owner ?? "unassigned", due, where];
    }
    case "asset":
      return [state(...(TRUST[meta.trust] ?? TRUST.Clear), meta.trust ?? ""), counted(Number(filters.incidents?.[0] ?? 0), "incident")];
    case "rule":
      return [meta.code && element("code", { textContent: meta.code })];
    default:
      return [];
  }
}

function row({ data, why, words }) {
  const kind = data.filters.kind[0];
  const href = data.url.replace(/(?:index\.html)?@(.*)\.html$/, "#$1"); // an item is a place on a page
  const link = element("a", { href }, ...marked(data.meta.title, words));
  const said = [element("b", { textContent: labels[kind] }), ...facts(data).filter(Boolean)];
  const line = element("p", { className: "hit-facts" }, ...said.map((one) => (one instanceof Node ? one : element("span", { textContent: one }))));
  const parts = snippet(data, words).flatMap(({ word, isHit }) => {
    const some = isHit ? marked(word, words) : [word];
    return isHit && some.every((one) => typeof one === "string") ? [element("mark", { textContent: word })] : some; // another form
  });
  const body = element("div", {}, element("h2", {}, link), line);
  if (parts.length) body.append(element("p", { className: "hit-text" }, ...parts));
  const mark = element("span", { className: "hit-kind" }, icon(kind));
  return element("li", {}, mark, body, element("p", { className: "why", textContent: why }));
}

/** Whether the query is the full reference of an asset. */
const isTyped = ({ data }) => plain(data.meta.ref ?? "") === plain(input.value.trim());

/** Some results with why they were found, the exact ones first. */
async function page({ results }, from, to, query) {
  const datas = await Promise.all(results.slice(from, to).map((result) => result.data()));
  const one = query.replace(/"/g, " ").trim();
  const words = one.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  for (const { meta } of datas) meta.title = meta.title.replace(/^Playbook: (.)/, (_, letter) => letter.toUpperCase()); // the kind says so
  const all = datas.map((data) => ({ data, words, ...found(data, one, words) })).sort((a, b) => a.tier - b.tier || isTyped(b) - isTyped(a));
  return all.filter(({ has }) => has.size || !all[0].has.size); // not what merely begins alike
}

const selects = {};
for (const [name, label] of Object.entries(FILTERS)) {
  const select = element("select", { name }, element("option", { value: "", textContent: "Any" }));
  if (address.get(name)) select.append(element("option", { value: address.get(name), textContent: address.get(name) }));
  select.value = address.get(name) ?? "";
  selects[name] = select;
  bar.append(element("label", {}, label, select));
}
const fold = document.querySelector(".filter-toggle");
let filled = false;

/** The filter options are files of every index: most people need none. */
async function fill() {
  if (filled) return;
  filled = true;
  const known = await (await engine).filters();
  for (const [name, select] of Object.entries(selects)) {
    const { value } = select;
    const options = Object.entries(known[name] ?? {}).sort(([a], [b]) => a.localeCompare(b));
    select.replaceChildren(select.options[0], ...options.map(([text, n]) => element("option", { value: text, textContent: `${text} (${n.toLocaleString("en-US")})` })));
    if (value && !known[name]?.[value]) select.append(element("option", { value, textContent: `${value} (0)` }));
    select.value = value;
  }
}

const chosen = () => kinds.find((one) => one.checked)?.value ?? "";
const query = (values) => `?${new URLSearchParams(Object.entries(values).filter(([, value]) => value))}`;

/** A better spelling, and what to try where nothing was found. `unknown`: words that no result has. */
async function offer(words, kind, filters, { results, counts }, unknown, mine) {
  const narrowed = Object.keys(filters).length > 0;
  const link = (href, text) => element("a", { href: href === "?" ? location.pathname : href, textContent: text });
  const steps = [];
  if (words && (unknown.length || results.length <= FEW)) {
    const other = (await vocabulary()).nearest(words);
    const better = other && (await ask(other, kind, filters)).results.length > 0;
    if (other && (better || (await ask(other, "", {})).results.length)) {
      steps.push(["Did you mean ", link(query(better ? { q: other, kind, ...chosenFilters() } : { q: other }), other), "?"]);
    }
  }
  if (!results.length) {
    const known = await vocabulary();
    const isKnown = words.split(/\s+/).some((word) => known.has(plain(word)));
    const others = kind && counts && isKnown ? every.reduce((n, one) => n + (counts[one] ?? 0), 0) : 0;
    if (others) steps.push([link(query({ q: words, ...chosenFilters() }), `Show ${counted(others, "result")} of other kinds`), "."]);
    if (narrowed && words) steps.push([link(query({ q: words, kind }), "Search without the filters"), "."]);
    steps.push(["Try fewer or other words: a table, a column, a cause."], [link(form.dataset.list, "See all incidents"), "."]);
  } else if (unknown.length) {
    steps.push([`Nothing has ${unknown.map((word) => `“${word}”`).join(" or ")}. These match the rest.`]);
  }
  if (mine === run) ideas.replaceChildren(...steps.map((step) => element("li", {}, ...step)));
}

const chosenFilters = () => Object.fromEntries(Object.entries(selects).filter(([, select]) => select.value && !select.parentElement.hidden).map(([name, select]) => [name, select.value]));

function showCounts(counts) {
  for (const one of kinds) {
    const n = one.value ? counts?.[one.value] : counts && every.reduce((all, kind) => all + (counts[kind] ?? 0), 0);
    const shown = one.nextElementSibling.querySelector(".n");
    shown.textContent = counts ? (n ?? 0).toLocaleString("en-US") : "";
    one.parentElement.classList.toggle("none", Boolean(counts) && !n);
  }
}

let [run, shown, rest, shownFor] = [0, 0, [], ""];
const more = element("button", { type: "button", className: "more", textContent: "Show more", hidden: true });
more.addEventListener("click", async () => {
  shown += MORE;
  more.hidden = rest.length <= shown;
  const rows = (await page({ results: rest }, shown - MORE, shown, shownFor)).map(row);
  list.append(...rows);
  rows[0]?.querySelector("a").focus();
});
list.after(more);

async function show() {
  const mine = ++run;
  list.dataset.state = "busy";
  const words = input.value.trim();
  let clean = words.replace(/(?<![\p{L}\p{N}"])[^\p{L}\p{N}"\s]+|[^\p{L}\p{N}"\s]+(?![\p{L}\p{N}"])/gu, " ").trim(); // `_orders`, `(late)`
  const kind = chosen();
  for (const [name, select] of Object.entries(selects)) select.parentElement.hidden = Boolean(kind) && !HAS[kind]?.includes(name);
  bar.hidden = Boolean(kind) && !HAS[kind];
  if (fold) fold.hidden = bar.hidden;
  const picked = chosenFilters();
  const filters = Object.fromEntries(Object.entries(picked).map(([name, value]) => [name, [value]]));
  if (REFERENCE.test(words)) {
    const [asset] = await page(await ask(clean, "asset", {}), 0, FIRST, clean);
    if (asset && isTyped(asset)) clean = asset.data.meta.name; // its incidents have the name
  }
  let answer = await ask(clean || words, kind, filters);
  let first = await page(answer, 0, FIRST, clean);
  // Pagefind ignores a word that it doesn't know, or takes one that begins alike
  let unknown = (first[0]?.words ?? []).filter((word) => word.length > 2 && !first.some((one) => one.has.has(word)));
  if (unknown.length) {
    const known = await vocabulary();
    unknown = clean.split(/\s+/).filter((word) => !known.has(plain(word)));
    const others = clean.split(/\s+/).filter((word) => !unknown.includes(word)).join(" ");
    if (unknown.length) answer = others ? await ask(others, kind, filters) : { results: [], counts: {}, loose: false };
    if (unknown.length) first = await page(answer, 0, FIRST, others);
  }
  let instead = "";
  if (words && !answer.results.length) {
    instead = (await vocabulary()).nearest(clean);
    const other = instead && (await ask(instead, kind, filters));
    if (other && other.results.length) {
      answer = other;
      first = await page(answer, 0, FIRST, instead);
    } else instead = "";
  }
  if (mine !== run) return; // outdated: the query has changed
  const { results: kept, counts, loose } = answer;
  shown = FIRST;
  rest = kept;
  shownFor = instead || clean;
  more.hidden = kept.length <= shown;
  history.replaceState(null, "", Object.keys(picked).length || words || kind ? query({ q: words, kind, ...picked }) : location.pathname);
  list.replaceChildren(...first.map(row));
  ideas.replaceChildren();
  showCounts(counts);
  if (fold) fold.textContent = Object.keys(picked).length ? `Filters (${Object.keys(picked).length})` : "Filters";
  const some = counted(kept.length - (Math.min(kept.length, FIRST) - first.length), kind || !words ? nouns[kind || "incident"] : "result");
  const how = words ? "" : (ORDERS[kind || "incident"] ?? "");
  count.textContent = loose ? `${some} matching any of the words` : `${some}${how}`;
  if (instead) {
    const link = element("a", { href: query({ q: instead, kind, ...picked }), textContent: instead });
    ideas.replaceChildren(element("li", {}, `No results for “${words}”; showing “`, link, "”."));
  } else if (words && (kept.length <= FEW || unknown.length)) await offer(clean, kind, filters, answer, unknown, mine);
  if (mine === run) list.dataset.state = "done";
}

let timer;
input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(show, 120);
});
document.getElementById("kinds").addEventListener("change", show);
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

input.value = address.get("q") ?? "";
const wanted = kinds.find((one) => one.value === (address.get("kind") ?? ""));
(wanted ?? kinds[0]).checked = true;
if (!matchMedia("(pointer: coarse)").matches) input.focus();
const isThere = await engine.then(
  () => true,
  () => false,
);
if (isThere) {
  await show();
  for (const event of ["pointerover", "focusin"]) bar.addEventListener(event, fill);
  fold?.addEventListener("click", fill);
  if (Object.keys(chosenFilters()).length) await fill();
} else {
  count.textContent = "Search index not found. Run `mkdocs build` to create it.";
}
