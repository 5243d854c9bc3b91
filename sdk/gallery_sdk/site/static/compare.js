// Connectors side by side. Each one's lines are read from a file of their own; lines with the same section and label
// come together, in the order in which they are met.
const form = document.querySelector("[data-picks]");
const place = document.querySelector("[data-comparison]");
const message = document.querySelector("[data-message]");
const selects = [...form.querySelectorAll("select")];
const all = form.elements.all;
const known = new Map();

async function linesOf(slug) {
  if (!known.has(slug)) {
    const answer = await fetch(`${encodeURIComponent(slug)}.json`);
    if (!answer.ok) throw new Error(`${slug}: ${answer.status}`);
    known.set(slug, await answer.json());
  }
  return known.get(slug);
}

async function show() {
  const slugs = [...new Set(selects.map((one) => one.value).filter(Boolean))];
  const words = new URLSearchParams(slugs.map((slug, number) => ["abcd"[number], slug]));
  if (all.checked) words.set("all", "1");
  history.replaceState(null, "", words.size ? `?${words}` : location.pathname);
  if (slugs.length < 2) {
    place.replaceChildren();
    tell(slugs.length ? "Choose a second connector." : "Choose two to four connectors.");
    return;
  }
  let subjects;
  try {
    subjects = await Promise.all(slugs.map(linesOf));
  } catch {
    place.replaceChildren();
    tell("One of them could not be read. Reload the page to try again.");
    return;
  }
  const rows = together(subjects);
  const shown = all.checked ? rows : rows.filter((row) => new Set(row.values).size > 1);
  const alike = rows.length - shown.length;
  tell(alike ? `Alike in ${alike} more lines.` : "");
  place.replaceChildren(table(subjects, shown));
}

function together(subjects) {
  const rows = new Map();
  subjects.forEach((subject, number) => {
    for (const [section, label, value] of subject.rows) {
      const key = `${section}\n${label}`;
      if (!rows.has(key)) rows.set(key, { section, label, values: subjects.map(() => "") });
      rows.get(key).values[number] = value;
    }
  });
  return [...rows.values()];
}

function table(subjects, rows) {
  const scroll = element("div", { className: "scroll", tabIndex: 0 });
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "Comparison");
  const built = element("table", { className: "comparison" });
  const head = built.createTHead().insertRow();
  head.append(header("", "col"), ...subjects.map((one) => header(one.name, "col")));
  for (const section of new Set(rows.map((row) => row.section))) {
    const body = built.createTBody();
    const title = header(section, "rowgroup");
    title.colSpan = subjects.length + 1;
    body.insertRow().append(title);
    for (const row of rows.filter((one) => one.section === section)) {
      const line = body.insertRow();
      // Where all lines are shown, those that differ stand out.
      if (all.checked && new Set(row.values).size > 1) line.className = "differs";
      line.append(header(row.label, "row"), ...row.values.map((value) => breakable(element("td"), value || "–")));
    }
  }
  scroll.append(built);
  return scroll;
}

function header(text, scope) {
  // An empty corner is a cell, not a header of anything.
  return text ? breakable(element("th", { scope }), text) : element("td");
}

// Names of attributes and quirks are long, and may go on in the next line after a mark and before a capital.
function breakable(cell, text) {
  text.split(/(?<=[._:/[])(?=\w)|(?<=[a-z])(?=[A-Z])/).forEach((part, number) => cell.append(...(number ? [element("wbr")] : []), part));
  return cell;
}

function element(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}

function tell(text) {
  message.hidden = !text;
  message.textContent = text;
}

const asked = new URLSearchParams(location.search);
selects.forEach((one) => {
  const slug = asked.get(one.name);
  if ([...one.options].some((option) => option.value === slug)) one.value = slug;
});
all.checked = asked.get("all") === "1";
form.hidden = false;
form.addEventListener("change", show);
form.addEventListener("submit", (event) => event.preventDefault());
show();
