// My badges: counts what is chosen, chooses a whole page or a row of badges at once.
'use strict';

const shelf = document.querySelector('[data-shelf]');
if (shelf) {
  const boxes = Array.from(shelf.querySelectorAll('input[name="badge"]'));
  const everything = shelf.querySelector('input[name="all"]');
  const count = shelf.querySelector('[data-count]');
  const whole = shelf.querySelector('[data-pick-all]');
  let last = null;

  const tell = () => {
    const n = boxes.filter((box) => box.checked).length;
    count.textContent = count.dataset.count.replace('%', String(n));
    count.hidden = Boolean(everything && everything.checked);
  };
  whole.hidden = false;
  whole.addEventListener('click', () => {
    const on = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = on;
    tell();
  });
  for (const box of boxes) {
    box.addEventListener('click', (e) => {
      if (e.shiftKey && last && last !== box) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
      }
      last = box;
      tell();
    });
  }
  if (everything) everything.addEventListener('change', tell);
  document.addEventListener('keydown', (e) => {
    if (e.key !== 'Escape' || document.querySelector('details[data-menu][open]')) return;
    for (const box of boxes) box.checked = false;
    if (everything) everything.checked = false;
    tell();
  });
  tell();
}
