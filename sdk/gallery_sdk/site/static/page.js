// What every page has: the theme, copying of commands, and where one is on a long page.
const THEMES = ["system", "light", "dark"];
const WORDS = { system: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };

function startTheme(button) {
  const root = document.documentElement;
  const show = () => {
    const theme = root.dataset.theme ?? "system";
    button.setAttribute("aria-label", WORDS[theme]);
    button.title = WORDS[theme];
  };
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "system") + 1) % THEMES.length];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      localStorage.setItem("gallery-theme", next);
    } catch {
      // The theme holds for this page only.
    }
    show();
  });
  show();
  button.hidden = false;
}

function startCopying(button) {
  if (!navigator.clipboard) return; // needs https or this machine
  const [seen] = button.children;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    seen.textContent = "Copied";
    setTimeout(() => (seen.textContent = "Copy"), 1600);
  });
}

function followReading(toc) {
  const links = new Map([...toc.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  const mark = (id) => {
    for (const [other, link] of links) {
      if (other === id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  const watcher = new IntersectionObserver(
    (entries) => {
      const seen = entries.find((entry) => entry.isIntersecting);
      if (seen) mark(seen.target.id);
    },
    { rootMargin: "-15% 0px -75% 0px" },
  );
  for (const id of links.keys()) {
    const part = document.getElementById(id);
    if (part) watcher.observe(part);
  }
}

// A link to something folded in opens what it is folded in.
function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let one = target && target.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
}

document.querySelectorAll("[data-theme-toggle]").forEach(startTheme);
document.querySelectorAll("[data-copy]").forEach(startCopying);
document.querySelectorAll("[data-follow]").forEach(followReading);
addEventListener("hashchange", openTarget);
openTarget();
