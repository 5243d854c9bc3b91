// The home page comes alive: instant search, facets that narrow down, connectors picked for comparison.
// What is chosen stands in the address, so that it can be bookmarked and sent.
import { matchEntries } from "./search.js";

const MOST_PICKED = 4;
const box = document.querySelector("#q");
const list = document.querySelector(".results .cards");
const cards = new Map([...list.querySelectorAll(".card")].map((card) => [card.dataset.slug, card.parentElement]));
const count = document.querySelector("[data-count]");
const none = document.querySelector("[data-none]");
const clear = document.querySelector("[data-clear]");
const facets = [...document.querySelectorAll("[data-facet]")];
const chosen = new Map(facets.map((facet) => [facet.dataset.facet, new Set()]));
const labels = []; // { facet, value, input, label, count }
let index = null;
let asking = null;

/** The search index, fetched when it is first needed. */
function load() {
  asking ??= fetch("search.json")
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`search.json: ${answer.status}`))))
    .then((document) => (index = document.connectors));
  return asking;
}

/** Links to the pages of topics become boxes to tick. */
function turnIntoBoxes(facet) {
  for (const link of facet.querySelectorAll("a[data-value]")) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    input.type = "checkbox";
    input.value = link.dataset.value;
    input.name = facet.dataset.facet;
    label.append(input, ...link.childNodes);
    link.replaceWith(label);
    labels.push({ facet: facet.dataset.facet, value: input.value, input, label, count: label.querySelector(".count") });
    input.addEventListener("change", () => {
      const values = chosen.get(facet.dataset.facet);
      if (input.checked) values.add(input.value);
      else values.delete(input.value);
      show();
    });
  }
}

/** Of one facet any of the chosen values will do; of abilities each must be there. */
function fits(entry, except) {
  for (const [facet, values] of chosen) {
    if (facet === except || !values.size) continue;
    const held = entry.facets[facet] ?? [];
    const all = facet === "capability";
    if (![...values][all ? "every" : "some"]((value) => held.includes(value))) return false;
  }
  return true;
}

async function show() {
  await load();
  const answering = matchEntries(box.value, index);
  const found = answering.filter((entry) => fits(entry));
  const slugs = new Set(found.map((entry) => entry.slug));
  for (const { slug } of found) list.append(cards.get(slug)); // the best first
  for (const [slug, card] of cards) card.hidden = !slugs.has(slug);
  count.textContent = `${found.length} of ${cards.size}`;
  none.hidden = found.length > 0;
  const any = box.value.trim() !== "" || [...chosen.values()].some((values) => values.size);
  clear.hidden = !any;
  showCounts(answering);
  remember();
}

/** Beside each value: how many there would be with it. */
function showCounts(answering) {
  for (const { facet, value, label, count } of labels) {
    const all = facet === "capability";
    const number = answering.filter(
      (entry) => fits(entry, all ? undefined : facet) && (entry.facets[facet] ?? []).includes(value),
    ).length;
    count.textContent = number;
    label.classList.toggle("none", number === 0);
  }
}

function remember() {
  const words = new URLSearchParams();
  if (box.value.trim()) words.set("q", box.value.trim());
  for (const [facet, values] of chosen) for (const value of values) words.append(facet, value);
  const address = words.size ? `?${words}` : location.pathname;
  history.replaceState(null, "", address);
}

function recall() {
  const words = new URLSearchParams(location.search);
  box.value = words.get("q") ?? "";
  for (const { facet, value, input } of labels) {
    input.checked = words.getAll(facet).includes(value);
    if (input.checked) {
      chosen.get(facet).add(value);
      input.closest("details.facet").open = true;
    }
  }
  if ([...words].length) show();
}

/** A box on each card; those that are ticked gather in the tray. */
function startPicking() {
  const tray = document.querySelector("[data-tray]");
  const picked = [];
  const boxes = new Map();
  const tell = () => {
    tray.hidden = !picked.length;
    tray.querySelector("[data-tray-names]").textContent =
      picked.length === 1 ? `${nameOf(picked[0])} and …` : picked.map(nameOf).join(", ");
    const fields = picked.map((slug, place) => Object.assign(document.createElement("input"), { type: "hidden", name: "abcd"[place], value: slug }));
    tray.querySelector("[data-tray-fields]").replaceChildren(...fields);
    for (const [slug, input] of boxes) input.disabled = picked.length >= MOST_PICKED && !picked.includes(slug);
  };
  const nameOf = (slug) => cards.get(slug).querySelector(".card-name").textContent;
  for (const [slug, card] of cards) {
    const input = Object.assign(document.createElement("input"), { type: "checkbox" });
    const label = document.createElement("label");
    label.className = "pick";
    const hidden = Object.assign(document.createElement("span"), { className: "sr", textContent: ` ${nameOf(slug)}` });
    label.append(input, " Compare", hidden);
    card.querySelector(".card-facts").append(label);
    boxes.set(slug, input);
    input.addEventListener("change", () => {
      if (input.checked) picked.push(slug);
      else picked.splice(picked.indexOf(slug), 1);
      tell();
    });
  }
  tray.querySelector("[data-tray-clear]").addEventListener("click", () => {
    picked.length = 0;
    for (const input of boxes.values()) input.checked = false;
    tell();
    box.focus();
  });
}

facets.forEach(turnIntoBoxes);
startPicking();
box.disabled = false;
box.addEventListener("input", show);
box.addEventListener("focus", load, { once: true });
box.form.addEventListener("submit", (event) => {
  event.preventDefault();
  const [first] = [...list.children].filter((item) => !item.hidden);
  if (box.value.trim() && first) first.querySelector("a").click();
});
clear.addEventListener("click", () => {
  box.value = "";
  for (const values of chosen.values()) values.clear();
  for (const { input } of labels) input.checked = false;
  show();
  box.focus();
});
addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    box.focus();
  }
});
if (matchMedia("(max-width: 56rem)").matches) document.querySelector("[data-facets]").open = false;
recall();
