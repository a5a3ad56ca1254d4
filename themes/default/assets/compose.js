// Writing a share: how much room is left, and how it will look.
'use strict';

(() => {
  const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
  const address = /https?:\/\/\S+/g;
  const segments = typeof Intl.Segmenter === 'function' ? new Intl.Segmenter(undefined, { granularity: 'grapheme' }) : null;

  const graphemes = (text) => (segments ? Array.from(segments.segment(text), (s) => s.segment) : Array.from(text));
  const addresses = (text) => (text.match(address) ?? []).length;
  const without = (text) => text.replace(address, '');

  // The counts of the contract (Limits.Count).
  const counts = {
    rune: (text) => Array.from(text).length,
    utf16: (text) => text.length,
    grapheme: (text) => graphemes(text).length,
    url23: (text) => graphemes(without(text)).length + 23 * addresses(text),
    'x-weighted': (text) => graphemes(without(text)).reduce((n, g) => n + (wide.test(g) ? 2 : Array.from(g).length), 0) + 23 * addresses(text),
  };

  function count(form) {
    const counter = form.querySelector('[data-counter]');
    const max = Number(form.dataset.max);
    if (!max) return;
    const words = form.querySelector('[data-words]').value.trim();
    const whole = words.includes(form.dataset.address) ? words : `${words}\n${form.dataset.address}`.trim();
    const left = max - (counts[form.dataset.count] ?? counts.rune)(whole);
    counter.textContent = (left < 0 ? counter.dataset.over : counter.dataset.left).replace('{n}', Math.abs(left).toLocaleString(document.documentElement.lang));
    counter.classList.toggle('counter-over', left < 0);
  }

  // What the plugin would post is asked for when typing pauses.
  async function show(form) {
    const body = form.closest('[data-sheet-body]').querySelector('[data-preview-body]');
    show.turn = (show.turn ?? 0) + 1;
    const turn = show.turn;
    try {
      const answer = await fetch(form.dataset.preview, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'text/html' } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.querySelector('[data-preview-body]');
      if (fresh && turn === show.turn) body.replaceWith(fresh);
    } catch {
      // The button shows it all the same.
    }
  }

  function begin(root) {
    const form = root.querySelector('[data-compose]:not([data-begun])');
    if (!form) return;
    form.dataset.begun = '1';
    let timer;
    form.addEventListener('input', () => {
      count(form);
      window.clearTimeout(timer);
      timer = window.setTimeout(() => show(form), 600);
    });
    count(form);
    show(form);
  }
  begin(document);
  document.addEventListener('sheet', (e) => begin(e.target));
})();
