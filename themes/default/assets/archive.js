// A large archive is sent in slices, one behind the other, since the server takes
// no large request. Without this script small ones are sent by the form itself.
'use strict';

const form = document.querySelector('[data-archive]');
const sliceSize = 4 * 1024 * 1024;

function say(text) {
  const place = form.querySelector('[data-archive-error]');
  place.textContent = text;
  place.hidden = !text;
}

async function send(file, bar) {
  let id = '';
  for (let at = 0; at < file.size; at += sliceSize) {
    const body = new FormData();
    body.set('csrf', form.elements.csrf.value);
    body.set('id', id);
    body.set('at', String(at));
    body.set('size', String(file.size));
    body.set('slice', file.slice(at, at + sliceSize), 'slice');
    const answer = await fetch(form.action + '/slice', { method: 'POST', body, headers: { Accept: 'application/json' } });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error?.message || String(answer.status));
    id = said.id;
    bar.value = Math.round((100 * (at + sliceSize)) / file.size);
    if (said.location) {
      location.assign(said.location);
      return;
    }
  }
}

form?.addEventListener('submit', async (event) => {
  const file = form.elements.file.files[0];
  if (!file || file.size <= sliceSize) return;
  event.preventDefault();
  const button = form.querySelector('button[type="submit"]');
  const bar = form.querySelector('progress');
  say('');
  button.disabled = true;
  bar.hidden = false;
  try {
    await send(file, bar);
  } catch (problem) {
    say(problem.message);
    bar.hidden = true;
    button.disabled = false;
  }
});
