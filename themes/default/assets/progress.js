// A page on which something goes on: asked for again until that is done, and drawn anew
// in its place (morph.js).
'use strict';

const pause = 700;

async function look() {
  if (!document.querySelector('[data-live]')) return;
  try {
    const answer = await fetch(document.querySelector('[data-live]').dataset.live, { headers: { Accept: 'text/html' } });
    if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
      location.replace(answer.url);
      return;
    }
    if (answer.status >= 500) throw new Error(answer.status);
    const main = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
    if (main) draw(main);
  } catch {
    // The page asks for itself again; nothing is lost when one try fails.
  }
  window.setTimeout(look, pause);
}

function draw(main) {
  const told = document.querySelector('main .wrap > .flash'); // once, and not yet read
  if (told && !main.querySelector('.wrap > .flash')) main.querySelector('.wrap').prepend(told.cloneNode(true));
  morph(document.querySelector('main'), main);
  equip(document.querySelector('main')); // app.js
  const done = !document.querySelector('[data-live]');
  if (done && document.activeElement === document.body) document.querySelector('[data-focus]')?.focus();
}
window.setTimeout(look, pause);
