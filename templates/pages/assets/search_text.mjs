// Words and sentences: why a result was found, which part of its text to show, and spelling.

const MOST = 40; // words of a snippet
const LEAST = 14; // a shorter sentence gets company
const LEAD = 26; // words before the first hit
const LONG = 10; // letters of a word in which two may be wrong
const PART = 3; // letters that are not yet looked for within a word
const SPACELESS = "\u200B"; // Pagefind's mark between words of a language without spaces
const ABBREVIATION = /^\(?(?:e\.g|i\.e|etc|vs|cf|approx|no|incl)\.$/i;

export const plain = (text) => text.toLowerCase().replaceAll("ß", "ss").normalize("NFD").replace(/\p{M}/gu, "");
const parts = (text) => plain(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** A word without an English plural's ending; a word of another language stays nearly the same. */
export function singular(word) {
  if (word.length < 4 || /(ss|us|is)$/.test(word)) return word;
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  return /(s|x|z|ch|sh)es$/.test(word) ? word.slice(0, -2) : word.replace(/s$/, "");
}

const stem = (word) => word.replace(/(?<=\p{L}{4})(?:ations?|ments?|ions?|ings?|ers?|ed|ly|es|s|e)$/u, "");

/** Whether a word of a text begins with a word of the query, in any number. */
export const isWord = (word, asked) => singular(plain(word)).startsWith(singular(plain(asked)));

/** The same, where the index says so: other endings are fine, other words are not. */
function isForm(word, asked) {
  if (isWord(word, asked) || (asked.length > PART && word.includes(plain(asked)))) return true;
  const [a, b] = [stem(word), stem(plain(asked))];
  if (a === b || (b.startsWith(a) && b.length - a.length < 2)) return true;
  let same = 0;
  while (same < word.length && word[same] === plain(asked)[same]) same++;
  return same >= Math.max(3, asked.length - 2);
}

const all = (text) => parts(text).map(singular).join(" ");

// where a word may be found, in the order in which it counts; what to say if all words are there
const FIELDS = [
  ["title", "title", "In the title"],
  ["incident", "its incident's title", "In its incident's title"],
  ["code", "code", "Code"],
  ["id", "id", "In the id"],
  ["assets", "asset", "Asset"],
  ["owner", "owner", "Owner"],
  ["severity", "severity", "Severity"],
  ["level", "severity", "Severity"],
  ["status", "state", "State"],
  ["state", "state", "State"],
  ["trust", "state", "State"],
  ["date", "date", "Date"],
  ["due", "due date", "Due date"],
  ["name", "name", "In the name"],
  ["ref", "full name", "In the full name"],
];
const EXACT = { id: "Exact id", code: "Exact code", name: "Exact name", ref: "Exact name", title: "Exact title", severity: "Severity", level: "Severity", date: "Date" };

/**
 * Why a result was found, in words, and its tier: exact, in the title, an asset or owner, elsewhere, not
 * with all words. `has`: the words found.
 */
export function found(data, query, words) {
  const { meta, filters } = data;
  if (!words.length) return { tier: 0, why: "", has: new Set() };
  const whole = all(query);
  const asked = plain(query).trim();
  const exact = Object.keys(EXACT).find((name) => meta[name] && plain(meta[name]) === asked);
  if (exact) return { tier: 0, why: EXACT[exact], has: new Set(words) };
  const nearly = Object.keys(EXACT).find((name) => meta[name] && all(meta[name]) === whole); // in the other number
  if (nearly) return { tier: 0, why: FIELDS.find(([name]) => name === nearly)[2], has: new Set(words) };
  if (data.raw_content?.includes(SPACELESS)) {
    const isTitle = words.every((word) => all(meta.title).includes(all(word)));
    return { tier: isTitle ? 1 : 3, why: isTitle ? "In the title" : "In the text", has: new Set(words) };
  }
  const said = data.content.split(/\s+/);
  const texts = new Set(data.locations.flatMap((at) => parts(said[at] ?? "")));
  const where = new Map(); // by word: the field, or "" for the text
  for (const word of words) {
    const field = FIELDS.find(([name]) => meta[name] && parts(meta[name]).some((one) => isWord(one, word)));
    if (field) where.set(word, field);
    else if ([...texts].some((one) => isForm(one, word))) where.set(word, ["", "text", "In the text"]);
  }
  const has = new Set(where.keys());
  const names = new Map([...where.values()].map(([, name, alone]) => [name, alone]));
  const missing = words.filter((word) => word.length > 1 && !has.has(word));
  if (missing.length) return { tier: 4, why: has.size ? `Without “${missing.join(" ")}”` : "Similar words", has };
  const why = names.size > 1 ? [...names.keys()].join(", ").replace(/, ([^,]*)$/, " and $1") : ([...names.values()][0] ?? "");
  if (names.size === 1 && names.has("title")) return { tier: 1, why, has };
  if (filters.kind[0] === "incident" && filters.asset?.some((name) => all(name) === whole)) return { tier: 2, why: `Affected ${query}`, has };
  if (meta.owner && all(meta.owner) === whole) return { tier: 2, why: "Owner", has };
  return { tier: 3, why: `${why.charAt(0).toUpperCase()}${why.slice(1)}`, has };
}

/** The words of the sentence with most hits, with spaces; headings and the title aside. `asked`: words of the query. Short texts are shown from the start. */
export function snippet(data, asked = []) {
  const raw = (data.raw_content ?? "").replaceAll("&lt;", "<").replaceAll("&gt;", ">");
  const joiner = raw.includes(SPACELESS) ? "" : " ";
  const words = joiner ? raw.split(/[\r\n\s]+/) : raw.split(SPACELESS);
  const sentence = []; // by word, the start of its sentence; -1 in a heading
  const skip = (from, text) => {
    const size = joiner ? text.trim().split(/\s+/).length : 1;
    for (let n = from; n < from + size; n++) sentence[n] = -1;
  };
  if (raw.startsWith(data.meta.title)) skip(0, data.meta.title);
  for (const { location, text } of data.anchors ?? []) if (text?.trim()) skip(location, text);
  let start = 0;
  for (let n = 0; n < words.length; n++) {
    if (sentence[n] === -1) start = n + 1;
    else sentence[n] = start;
    if (/[.!?。！？][)"'”’]*$/.test(words[n]) && !ABBREVIATION.test(words[n])) start = n + 1;
  }
  const scores = new Map();
  const hits = new Set(data.locations);
  const seen = new Set(); // a word of the query counts once per sentence, and less in code
  for (const { location, weight } of data.weighted_locations) {
    const at = sentence[location];
    const here = parts(words[location] ?? "");
    const key = `${at} ${asked.find((word) => here.some((part) => isForm(part, word))) ?? here}`;
    if (at >= 0 && !seen.has(key)) scores.set(at, (scores.get(at) ?? 0) + (weight < 0.5 ? 0.5 : 1));
    seen.add(key);
  }
  const top = sentence.find((at) => at >= 0) ?? 0;
  const best = words.length - top < MOST ? top : ([...scores].sort(([a, x], [b, y]) => y - x || a - b)[0]?.[0] ?? top);
  const end = (from) => {
    let n = from;
    while (n < words.length && sentence[n] === sentence[from]) n++;
    return n;
  };
  let [first, last] = [best, end(best)];
  const least = words.length - top < MOST ? MOST : LEAST;
  const isProse = (from) => sentence[from] >= 0 && (least === MOST || end(from) - from > 3); // not the cell of a table
  while (last - first < least && last < words.length && isProse(last)) last = end(last);
  const hit = [...hits].filter((at) => at >= first && at < last).sort((a, b) => a - b)[0] ?? first;
  if (hit - first > LEAD) {
    first = hit - 8;
    for (let n = first; n < hit; n++) if (/[,;:–—]$/.test(words[n])) first = n + 1;
  }
  const isCut = last - first > MOST;
  if (isCut) last = first + MOST;
  const shown = first > best ? [{ word: "… ", isHit: false }] : [];
  for (let n = first; n < last; n++) {
    const [, before, core, after] = words[n].match(/^([^\p{L}\p{N}]*)(.*?)([^\p{L}\p{N}]*)$/su);
    if (before) shown.push({ word: before, isHit: false });
    if (core) shown.push({ word: core, isHit: hits.has(n) });
    shown.push({ word: after + (n < last - 1 ? joiner : ""), isHit: false });
  }
  if (isCut) shown.push({ word: " …", isHit: false });
  return shown.filter(({ word }) => word);
}

/** How many letters to add, drop, change or swap with the next, to get from one word to the other. */
export function distance(a, b) {
  let [before, row] = [[], Array.from({ length: b.length + 1 }, (_, n) => n)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    [before, row] = [row, next];
  }
  return row[b.length];
}

/** Typos are rarely in the first letter, unless it is swapped with the second. */
const beginsLike = (a, b) => a[0] === b[0] || (a[0] === b[1] && a[1] === b[0]);

/** Whether one word has no letter that the other lacks: slips, not another word such as `decide` for `denied`. */
const areOneIn = (a, b) => [...a].every((letter) => b.includes(letter)) || [...b].every((letter) => a.includes(letter));

/** The words of the archive, the most frequent first in each list. */
export class Vocabulary {
  constructor(lists) {
    this.ranks = new Map();
    for (const list of lists) {
      list.forEach((word, rank) => this.ranks.set(word, Math.min(rank, this.ranks.get(word) ?? Infinity)));
    }
    this.plain = [...this.ranks].map(([word, rank]) => [plain(word), word, rank]);
    this.known = new Set(this.plain.map(([word]) => singular(word)));
  }

  /** Longer words with a word of the query in them. */
  longer(query, most) {
    const within = (part) => this.plain.filter(([word]) => word.length > 8 && word.indexOf(part) > 0).slice(0, most);
    return parts(query).filter((part) => part.length > PART).flatMap(within).map(([, word]) => word);
  }

  has(word) {
    return this.known.has(singular(word)) || this.plain.some(([one]) => one.startsWith(word) || (word.length > PART && one.includes(word)));
  }

  /** The query with each unknown word replaced by the nearest known one; "" if all are known, or none is near. */
  nearest(query) {
    const asked = query.replace(/"/g, " ").split(/\s+/).filter(Boolean);
    const better = [];
    for (let n = 0; n < asked.length; n++) {
      const word = plain(asked[n]);
      const joined = word + plain(asked[n + 1] ?? "");
      const isNew = !this.has(word);
      if (asked[n + 1] && this.known.has(singular(joined)) && (isNew || !this.has(plain(asked[n + 1])))) {
        better.push(joined);
        n++;
      } else better.push((isNew && this.#near(word)) || asked[n]);
    }
    const made = better.join(" ");
    return made === asked.join(" ") ? "" : made;
  }

  #near(word) {
    if (word.length < 4 || /^\d+$/.test(word)) return "";
    const most = word.length < 6 ? 1 : 2;
    let [best, least] = ["", Infinity];
    for (const [one, shown, rank] of this.plain) {
      if (Math.abs(one.length - word.length) > most || !beginsLike(word, one)) continue;
      const n = distance(word, one);
      const cost = n + rank / 1e7;
      if (n <= most && cost < least && (n < 2 || word.length >= LONG || areOneIn(word, one))) [best, least] = [shown, cost];
    }
    return best || this.#start(word);
  }

  /** The longest known word that it begins with, if little follows. */
  #start(word) {
    for (let size = word.length - 1; size >= 4 && size * 2 > word.length; size--) {
      const start = singular(word.slice(0, size));
      if (this.known.has(start)) return start;
    }
    return "";
  }
}
