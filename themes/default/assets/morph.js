// Draws something anew in its place. What is as it was stays, and with it what has the
// focus, what is typed, chosen or open, and the button that is just being pressed.
'use strict';

// Two that are alike may become each other. A button that does something else may not:
// somebody may be about to press it.
function alike(was, now) {
  if (was.nodeName !== now.nodeName || was.id !== now.id) return false;
  if (was.nodeType !== Node.ELEMENT_NODE) return true;
  return ['action', 'aria-labelledby'].concat(was.nodeName === 'BUTTON' ? ['name', 'value', 'formaction'] : [])
    .every((name) => was.getAttribute(name) === now.getAttribute(name));
}

// What scripts and people set is not the server's to take away.
const ownAttributes = ['open', 'data-sent'];

function morph(was, now) {
  if (was.nodeType !== Node.ELEMENT_NODE) {
    if (was.data !== now.data) was.data = now.data;
    return;
  }
  for (const { name, value } of Array.from(now.attributes)) {
    if (was.getAttribute(name) !== value) was.setAttribute(name, value);
  }
  for (const { name } of Array.from(was.attributes)) {
    if (!now.hasAttribute(name) && !ownAttributes.includes(name)) was.removeAttribute(name);
  }
  let at = was.firstChild;
  for (const child of Array.from(now.childNodes)) {
    let same = at;
    while (same && !alike(same, child)) same = same.nextSibling;
    if (!same) {
      was.insertBefore(child, at);
      continue;
    }
    while (at !== same) at = dropped(at);
    morph(same, child);
    at = same.nextSibling;
  }
  while (at) at = dropped(at);
}

// dropped takes a node away and gives the next.
function dropped(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}
