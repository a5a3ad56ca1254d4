// The page of sharing as a dialog over the page that one shares from. Without
// script, or when something goes wrong, the link leads to the page.
'use strict';

(() => {
  if (typeof HTMLDialogElement !== 'function') return;
  let dialog;
  let opener;

  function make() {
    dialog = document.createElement('dialog');
    dialog.className = 'sheet';
    document.body.append(dialog);
    dialog.addEventListener('close', () => { keep(); dialog.replaceChildren(); opener?.focus(); });
    // A press that begins and ends beside it closes it: one that chooses words may end there.
    let beside = false;
    const outside = (e) => { const box = dialog.getBoundingClientRect(); return e.clientX < box.left || e.clientX > box.right || e.clientY < box.top || e.clientY > box.bottom; };
    dialog.addEventListener('pointerdown', (e) => { beside = outside(e); });
    dialog.addEventListener('click', (e) => { if (e.target === dialog && beside && outside(e)) dialog.close(); });
  }

  // What was written is there again when the same form comes back.
  const written = new Map();
  const fields = (form) => Array.from(form.querySelectorAll('textarea, input:not([type=hidden], [type=checkbox], [type=radio]), select'));
  function keep() {
    for (const form of dialog.querySelectorAll('form[data-compose]')) written.set(form.action, new Map(fields(form).map((f) => [f.name, f.value])));
  }
  function bringBack() {
    for (const form of dialog.querySelectorAll('form[data-compose]')) {
      for (const field of fields(form)) field.value = written.get(form.action)?.get(field.name) ?? field.value;
    }
  }

  // What the page has to say: its heading and its body, with a button to close.
  function fill(page, words) {
    const head = page.querySelector('[data-sheet-head]');
    const body = page.querySelectorAll('main [data-sheet-body], main [data-sheet-line]');
    const title = head?.querySelector('h1');
    if (!title || !body.length) return false;
    const close = document.createElement('button');
    close.type = 'button';
    close.className = 'btn btn-small btn-quiet sheet-close';
    close.textContent = words;
    close.addEventListener('click', () => dialog.close());
    title.id = 'sheet-title';
    title.tabIndex = -1;
    dialog.setAttribute('aria-labelledby', 'sheet-title');
    keep();
    dialog.replaceChildren(close, head, ...body);
    bringBack();
    equip(dialog); // app.js
    return true;
  }

  async function show(link) {
    const answer = await fetch(link.href, { headers: { Accept: 'text/html' } });
    if (!answer.ok || new URL(answer.url).pathname !== new URL(link.href).pathname) throw new Error('elsewhere');
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (!dialog) make();
    const inside = dialog.contains(link);
    if (!inside) opener = link;
    if (!fill(page, dialog.dataset.close ?? link.dataset.close ?? '×')) throw new Error('no sheet');
    dialog.dataset.close = dialog.querySelector('.sheet-close').textContent;
    if (!dialog.open) dialog.showModal();
    dialog.querySelector('h1').focus();
    await scripts(page);
    dialog.dispatchEvent(new CustomEvent('sheet', { bubbles: true }));
  }

  // A page that is written in has a script of its own.
  function scripts(page) {
    const wanted = Array.from(page.querySelectorAll('head script[src]'), (s) => s.getAttribute('src'))
      .filter((src) => src.includes('compose') && !document.querySelector(`script[src="${src}"]`));
    return Promise.all(wanted.map((src) => new Promise((done) => {
      const script = document.createElement('script');
      script.src = src;
      script.addEventListener('load', done);
      script.addEventListener('error', done);
      document.head.append(script);
    })));
  }

  document.addEventListener('click', (e) => {
    const link = e.target.closest('a[data-sheet]');
    if (!link || e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    if (!link.dataset.close && !dialog?.contains(link)) return; // on the page itself it is a link
    e.preventDefault();
    show(link).catch(() => { location.href = link.href; });
  });
})();
