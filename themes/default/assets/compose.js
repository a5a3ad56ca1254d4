// Writing a share: how much room is left, and how it will look.
'use strict';

// The counts of the contract (Limits.Count), as plugins count them (plugins/sdk/count.go).
const shareCounts = (() => {
  const space = '\\t\\n\\f\\r ';
  const address = new RegExp(`https?://[^${space}]+`, 'giu');
  const bareAddress = new RegExp(`https?://[^${space}]+|[\\p{L}\\p{N}-]+(?:\\.[\\p{L}\\p{N}-]+)*\\.\\p{L}{2,}(?:/[^${space}]*)?`, 'giu');
  const perAddress = 23;
  const segments = typeof Intl.Segmenter === 'function' ? new Intl.Segmenter('en', { granularity: 'grapheme' }) : null;

  const runes = (text) => Array.from(text, (r) => r.codePointAt(0));
  const graphemes = (text) => (segments ? Array.from(segments.segment(text), (s) => s.segment) : Array.from(text));
  const around = (text, links, count) => text.split(links).reduce((n, part) => n + count(part), 0) + perAddress * (text.match(links) ?? []).length;

  const light = (r) => r <= 4351 || (r >= 8192 && r <= 8205) || (r >= 8208 && r <= 8223) || (r >= 8242 && r <= 8247);
  const pictured = (r) => r === 0x200d || r === 0xfe0f || r === 0x20e3 || (r >= 0x1f000 && r <= 0x1faff);
  const weight = (cluster) => {
    const all = runes(cluster);
    return all.some(pictured) ? 2 : all.reduce((n, r) => n + (light(r) ? 1 : 2), 0);
  };

  return {
    rune: (text) => runes(text).length,
    utf16: (text) => text.length,
    grapheme: (text) => graphemes(text).length,
    url23: (text) => around(text, address, (part) => graphemes(part).length),
    'x-weighted': (text) => around(text, bareAddress, (part) => graphemes(part).reduce((n, g) => n + weight(g), 0)),
  };
})();

(() => {
  function count(form) {
    const counter = form.querySelector('[data-counter]');
    const max = Number(form.dataset.max);
    if (!max) return;
    const words = form.querySelector('[data-words]').value.trim() || form.dataset.otherwise;
    const left = max - (shareCounts[form.dataset.count] ?? shareCounts.rune)(`${words} ${form.dataset.address}`.trim());
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
