// Which connectors a person probably means. The ranks are those of `gallery search`, so that both answer alike:
// a text that equals the query, that begins with it, that has such a word, that has it inside; else texts that are alike.
const [EXACT, PREFIX, WORD, INSIDE, SLIP] = [1.0, 0.8, 0.7, 0.5, 0.95];
const LEAST_LIKENESS = 0.4;
const [NAME, TOPIC, MEANS] = [1.0, 0.6, 0.25];
const LEAST_MEANS = 3; // letters

/** The entries that answer to the query, best first; those of equal rank by slug. An empty query matches everything. */
export function matchEntries(query, entries) {
  const asked = plain(query);
  const bySlug = (one, other) => (one.slug < other.slug ? -1 : one.slug > other.slug ? 1 : 0);
  if (!asked) return [...entries].sort(bySlug);
  for (const alike of [false, true]) {
    const found = entries.map((entry) => [rank(asked, entry, alike), entry]).filter(([value]) => value > 0);
    if (found.length) {
      found.sort(([one, a], [other, b]) => other - one || bySlug(a, b));
      return found.map(([, entry]) => entry);
    }
  }
  return [];
}

function rank(asked, entry, alike) {
  const names = [entry.name, entry.slug, ...entry.aliases].map(plain);
  const topics = [...entry.categories, ...entry.keywords].map(plain);
  const means = entry.means.map(plain);
  const words = asked.split(" ");
  const whole = best(asked, names, topics, means, alike && words.length === 1);
  if (words.length === 1) return whole;
  const ranks = words.map((word) => best(word, names, topics, means, alike));
  const together = ranks.every((value) => value > 0) ? (0.9 * ranks.reduce((sum, value) => sum + value, 0)) / ranks.length : 0;
  return Math.max(whole, together);
}

// Means (ways to sign in, protocol) answer only as they are written.
function best(asked, names, topics, means, alike) {
  const highest = (texts, alike) => texts.reduce((most, text) => Math.max(most, score(asked, text, alike)), 0);
  const byMeans = asked.length >= LEAST_MEANS ? highest(means, false) : 0;
  return Math.max(NAME * highest(names, alike), TOPIC * highest(topics, alike), MEANS * byMeans);
}

function score(asked, text, alike) {
  if (asked === text) return EXACT;
  if (text.startsWith(asked)) return PREFIX;
  const words = text.split(" ");
  if (words.some((word) => word.startsWith(asked))) return WORD;
  if (asked.length >= 3 && text.includes(asked)) return INSIDE;
  if (!alike) return 0;
  const likeness = [text, ...words].reduce((most, word) => Math.max(most, likenessOf(asked, word)), 0);
  return likeness >= LEAST_LIKENESS ? likeness * INSIDE : 0;
}

// One slip of the finger, else Dice's coefficient of the trigrams; words of one or two letters are never alike.
function likenessOf(one, other) {
  if (one.length < 3 || other.length < 3) return 0;
  if (one.length > 3 && Math.abs(one.length - other.length) <= 1 && isOneSlip(one, other)) return SLIP;
  const first = trigrams(one);
  const second = trigrams(other);
  const shared = [...first].filter((trigram) => second.has(trigram)).length;
  return (2 * shared) / (first.size + second.size);
}

function isOneSlip(one, other) {
  let start = 0;
  while (start < Math.min(one.length, other.length) && one[start] === other[start]) start += 1;
  let [left, right] = [one.slice(start), other.slice(start)];
  while (left && right && left.at(-1) === right.at(-1)) [left, right] = [left.slice(0, -1), right.slice(0, -1)];
  const swapped = left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
  return Math.max(left.length, right.length) <= 1 || swapped;
}

function trigrams(word) {
  const padded = `  ${word} `;
  return new Set(Array.from({ length: padded.length - 2 }, (_, place) => padded.slice(place, place + 3)));
}

function plain(text) {
  return text.toLowerCase().replaceAll("-", " ").replaceAll("_", " ").split(/\s+/).filter(Boolean).join(" ");
}
