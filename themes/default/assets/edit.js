// The editor of pages: what is typed is saved by itself, and blocks are dragged.
'use strict';

const blocks = document.querySelector('[data-blocks]');
const wait = 900; // ms after the last key

function body(form) {
  const data = new FormData(form);
  data.delete('upload'); // files go with the button
  return data;
}

// What is on its way when somebody goes on to another page arrives all the same, where it
// is not more than browsers take (64 KiB).
async function post(address, data) {
  const keepalive = Array.from(data.values()).join('').length < 15000;
  return fetch(address, { method: 'POST', body: data, headers: { Accept: 'application/json' }, credentials: 'same-origin', keepalive });
}

// One form is saved after the other: each save needs the rev that the one before gave.
function autosave(form) {
  const state = form.querySelector('[data-state]');
  const rev = form.querySelector('[data-rev]');
  const preview = form.closest('[data-block]').querySelector('[data-preview]');
  let timer = 0;
  let saving = null; // a promise
  let stopped = false;

  async function save() {
    state.textContent = blocks.dataset.saving;
    try {
      const answer = await post(form.action, body(form));
      const result = answer.headers.get('Content-Type')?.includes('json') ? await answer.json() : null;
      if (answer.ok && result) {
        rev.value = result.rev;
        const parsed = new DOMParser().parseFromString(result.html, 'text/html');
        if (parsed.body.textContent.trim() || parsed.body.querySelector('img')) show(parsed.body);
        state.textContent = result.saved;
      } else if (answer.status === 409) {
        stopped = true;
        state.textContent = blocks.dataset.clash;
      } else {
        state.textContent = result?.error?.message ?? blocks.dataset.failed;
      }
    } catch {
      state.textContent = blocks.dataset.failed;
    }
  }

  function show(fresh) {
    const now = preview.cloneNode(false);
    now.append(...fresh.childNodes);
    morph(preview, now); // morph.js
  }

  // flush saves what was typed and gives a promise of the end of that, null when all is
  // saved.
  function flush() {
    if (!timer || stopped) return saving;
    window.clearTimeout(timer);
    timer = 0;
    const mine = (saving ?? Promise.resolve()).then(save).finally(() => { if (saving === mine) saving = null; });
    saving = mine;
    return mine;
  }

  form.addEventListener('input', (e) => {
    if (e.target.type === 'file') return;
    window.clearTimeout(timer);
    timer = window.setTimeout(flush, wait);
  });
  form.addEventListener('focusout', flush);
  return flush;
}

// A form is sent when what was typed in any is saved, since it needs the rev that the
// save gives, and moves, takes back or removes what was saved.
function afterSaving(flushes) {
  document.addEventListener('submit', (e) => {
    const saving = flushes.map((flush) => flush()).filter(Boolean);
    if (!saving.length) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    const { target, submitter } = e;
    Promise.all(saving).then(() => target.requestSubmit(submitter));
  }, { capture: true });
  window.addEventListener('pagehide', () => { for (const flush of flushes) flush(); });
}

// Blocks are dragged by their grip; the buttons do the same for keyboards.
function draggable(block) {
  const grip = block.querySelector('[data-grip]');
  grip.hidden = false;
  grip.addEventListener('mousedown', () => { block.draggable = true; });
  block.addEventListener('dragstart', (e) => {
    e.dataTransfer.effectAllowed = 'move';
    e.dataTransfer.setData('text/plain', block.dataset.block);
    block.classList.add('block-dragged');
  });
  block.addEventListener('dragend', () => {
    block.draggable = false;
    block.classList.remove('block-dragged');
    drop(block);
  });
}

function over(e) {
  const dragged = blocks.querySelector('.block-dragged');
  const target = e.target.closest('[data-block]');
  if (!dragged) return;
  e.preventDefault();
  if (!target || target === dragged) return;
  const box = target.getBoundingClientRect();
  target.parentNode.insertBefore(dragged, e.clientY < box.top + box.height / 2 ? target : target.nextSibling);
}

async function drop(block) {
  const place = Array.from(blocks.querySelectorAll('[data-block]')).indexOf(block);
  const data = new FormData();
  data.set('csrf', block.querySelector('input[name="csrf"]').value);
  data.set('to', place);
  const answer = await post(block.dataset.move, data).catch(() => null);
  if (answer?.ok) return;
  await Promise.all(flushes.map((flush) => flush()));
  location.reload();
}

const flushes = [];
if (blocks) {
  for (const form of blocks.querySelectorAll('form[data-autosave]')) flushes.push(autosave(form));
  afterSaving(flushes);
  for (const block of blocks.querySelectorAll('[data-block]')) draggable(block);
  blocks.addEventListener('dragover', over);
  blocks.addEventListener('drop', (e) => e.preventDefault());
}
