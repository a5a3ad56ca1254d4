// Keeps the page as it is in the workshop, section by section, and leaves a section
// alone in which somebody is typing or has chosen something.
let drawn = Number(document.documentElement.dataset.drawn), newest = drawn;
let drawing = false, leaving = false;
addEventListener("submit", () => { leaving = true; });

const events = new EventSource("/events");
events.onmessage = (e) => { newest = Number(e.data); draw(); };
events.onerror = () => { drawn = -1; }; // a workshop that starts again counts from nothing

async function draw() {
  if (drawing) return;
  drawing = true;
  try {
    while (drawn < newest && !leaving) await redraw();
  } catch {} // the workshop is gone: the next event tries again
  drawing = false;
}

async function redraw() {
  const answer = await fetch("/");
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (leaving) return;
  drawn = Number(next.documentElement.dataset.drawn);
  document.title = next.title;
  document.querySelector("header").replaceWith(next.querySelector("header"));
  const main = document.querySelector("main"), old = new Map(Array.from(main.children, (s) => [key(s), s]));
  let before = null;
  for (const s of Array.from(next.querySelectorAll("main > section"))) {
    const was = old.get(key(s));
    old.delete(key(s));
    if (was && inUse(was)) { before = was; continue; }
    if (was) { reopen(was, s); was.replaceWith(s); } else if (before) before.after(s); else main.prepend(s);
    before = s;
  }
  for (const gone of old.values()) gone.remove();
}

function key(section) { return section.querySelector("h2")?.id; }

function inUse(section) {
  const busy = document.activeElement;
  return section.contains(busy) && /^(INPUT|TEXTAREA|SELECT)$/.test(busy.tagName) || Array.from(section.querySelectorAll("input, textarea, select")).some(touched);
}

function touched(e) {
  if (e.tagName === "SELECT") return e.selectedIndex !== Math.max(0, Array.from(e.options).findIndex((o) => o.defaultSelected));
  return Boolean(e.checked) !== Boolean(e.defaultChecked) || e.value !== e.defaultValue;
}

function reopen(was, now) {
  const open = new Set(Array.from(was.querySelectorAll("details[open] > summary"), (s) => s.textContent));
  for (const s of now.querySelectorAll("details > summary")) s.parentElement.open = open.has(s.textContent);
}
