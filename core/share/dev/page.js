// Keeps the page as it is in the workshop: what changed is drawn anew in its place, and what
// somebody types, chooses, opens or presses stays (morph.js).
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
  for (const part of ["header", "main"]) morph(document.querySelector(part), next.querySelector(part));
}
