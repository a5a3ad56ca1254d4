// Small improvements for pages that already work without them.
'use strict';

const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
const toast = document.querySelector('[data-toast]');

function say(text) {
  toast.textContent = '';
  window.setTimeout(() => { toast.textContent = text; }, 50);
  window.clearTimeout(say.timer);
  say.timer = window.setTimeout(() => { toast.textContent = ''; }, 4000);
}

// Tabs that do not fit begin with the one that is open.
for (const tab of all('.tabs [aria-current]')) {
  const tabs = tab.parentElement;
  if (tabs.scrollWidth > tabs.clientWidth) tab.scrollIntoView({ block: 'nearest', inline: 'center', behavior: 'instant' });
}

// Menus close on Escape and on a click elsewhere.
function closeMenus(except) {
  for (const menu of all('details[data-menu][open]')) {
    if (menu !== except) menu.open = false;
  }
}
document.addEventListener('click', (e) => closeMenus(e.target.closest('details[data-menu]')));
document.addEventListener('keydown', (e) => {
  if (e.key !== 'Escape') return;
  const menu = document.querySelector('details[data-menu][open]');
  if (!menu) return;
  menu.open = false;
  menu.querySelector('summary').focus();
});

// Copy buttons show only where copying works.
async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(field.value ?? field.textContent);
  } catch {
    field.focus();
    field.select?.();
    return;
  }
  say(button.dataset.done);
}
// Buttons that need the clipboard or the phone's own share menu show where there is one.
const equipped = new WeakSet();
function once(element, event, act) {
  if (!equipped.has(element)) element.addEventListener(event, act);
  equipped.add(element);
}
function equip(root) {
  if (navigator.clipboard) {
    for (const button of all('[data-copy]', root)) {
      button.hidden = false;
      once(button, 'click', () => copy(button));
    }
  }
  if (navigator.share && window.matchMedia('(pointer: coarse)').matches) {
    for (const button of all('[data-share]', root)) {
      button.hidden = false;
      once(button, 'click', () => {
        navigator.share({ title: button.dataset.title, url: button.dataset.share }).catch(() => {});
      });
    }
  }
  for (const field of all('[data-select]', root)) once(field, 'focus', () => field.select());
}
equip(document);

for (const button of all('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}

// A form that came back with mistakes is read out first.
document.querySelector('[data-focus]')?.focus();

// Filters act at once; their button stays for keyboards without script.
for (const field of all('[data-submit]')) field.addEventListener('change', () => field.form.requestSubmit());

// The browser's button for files speaks the browser's language; this one speaks the page's.
for (const field of all('input[type="file"][data-pick]')) {
  const face = document.createElement('span');
  const button = document.createElement('span');
  const name = document.createElement('span');
  face.className = 'file-pick';
  button.className = 'btn';
  name.className = 'file-pick-name';
  button.ariaHidden = name.ariaHidden = 'true';
  button.textContent = field.dataset.pick;
  const show = () => { name.textContent = Array.from(field.files, (f) => f.name).join(', ') || field.dataset.none; };
  field.before(face);
  face.append(button, name, field);
  field.addEventListener('change', show);
  show();
}

// What was typed and not saved is not lost without a question.
for (const form of all('form[data-unsaved]')) {
  let changed = false;
  form.addEventListener('input', () => { changed = true; });
  form.addEventListener('submit', () => { changed = false; });
  window.addEventListener('beforeunload', (e) => { if (changed) e.preventDefault(); });
}

// "/" goes to the search, unless it was switched off on the page of the search.
const keys = { get on() { return localStorage.getItem('keys') !== 'off'; }, set on(v) { localStorage.setItem('keys', v ? 'on' : 'off'); } };
document.addEventListener('keydown', (e) => {
  if (e.key !== '/' || e.ctrlKey || e.metaKey || e.altKey || !keys.on) return;
  if (e.target.closest('input, textarea, select, [contenteditable]')) return;
  const field = all('[data-search]').find((f) => f.offsetParent !== null);
  e.preventDefault();
  if (field) {
    field.focus();
    field.select();
  } else {
    window.location.assign('/search');
  }
});
for (const box of all('[data-keys]')) {
  box.checked = keys.on;
  box.closest('label').hidden = false;
  box.addEventListener('change', () => { keys.on = box.checked; });
}

// One press, one request.
document.addEventListener('submit', (e) => {
  const form = e.target;
  if (form.method !== 'post' || e.defaultPrevented) return;
  if (form.dataset.sent) {
    e.preventDefault();
    return;
  }
  form.dataset.sent = '1';
  window.setTimeout(() => { delete form.dataset.sent; }, 4000);
});
window.addEventListener('pageshow', () => { for (const form of all('form[data-sent]')) delete form.dataset.sent; });
