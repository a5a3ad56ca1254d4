// Passkeys (WebAuthn Level 3). A form with data-passkey asks the server for a
// challenge, lets the browser answer it, and sends the answer like any form.
'use strict';

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

let waiting = null; // the quiet offer in the list of names, until a button is pressed

async function options(form) {
  const answer = await fetch(form.dataset.options, {
    method: 'POST', headers: { 'X-Csrf-Token': form.elements.csrf.value, Accept: 'application/json' },
  });
  if (answer.redirected) { // a fresh proof is asked for first
    window.location.assign(answer.url);
    return null;
  }
  if (!answer.ok) throw new Error(`options: ${answer.status}`);
  const { publicKey } = await answer.json();
  publicKey.challenge = bytes(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
  for (const list of [publicKey.allowCredentials, publicKey.excludeCredentials]) {
    for (const known of list || []) known.id = bytes(known.id);
  }
  return publicKey;
}

function written(credential) {
  const r = credential.response;
  const response = { clientDataJSON: text(r.clientDataJSON) };
  if (r.attestationObject) {
    response.attestationObject = text(r.attestationObject);
    response.transports = r.getTransports ? r.getTransports() : [];
  } else {
    response.authenticatorData = text(r.authenticatorData);
    response.signature = text(r.signature);
    if (r.userHandle) response.userHandle = text(r.userHandle);
  }
  return JSON.stringify({
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    authenticatorAttachment: credential.authenticatorAttachment || undefined, clientExtensionResults: {},
  });
}

function send(form, credential) {
  form.elements.credential.value = written(credential);
  delete form.dataset.sent;
  form.submit();
}

function tell(form, words) {
  const place = form.querySelector('[data-passkey-says]');
  place.hidden = !words;
  place.querySelector('span').textContent = words || '';
}

async function ask(form, button) {
  if (waiting) waiting.abort();
  button.setAttribute('aria-disabled', 'true');
  tell(form, '');
  try {
    const publicKey = await options(form);
    if (!publicKey) return;
    const credential = form.dataset.passkey === 'create'
      ? await navigator.credentials.create({ publicKey })
      : await navigator.credentials.get({ publicKey });
    send(form, credential);
  } catch (e) {
    tell(form, form.dataset[{ NotAllowedError: 'cancelled', AbortError: 'cancelled', InvalidStateError: 'exists' }[e.name]] || form.dataset.failed);
  } finally {
    button.removeAttribute('aria-disabled');
  }
}

// The browser offers passkeys where it fills in names (conditional mediation).
async function offer(form) {
  const able = window.PublicKeyCredential.isConditionalMediationAvailable;
  if (!able || !document.querySelector('input[autocomplete~="webauthn"]') || !await able.call(window.PublicKeyCredential)) return;
  waiting = new AbortController();
  try {
    const publicKey = await options(form);
    const credential = await navigator.credentials.get({ publicKey, mediation: 'conditional', signal: waiting.signal });
    if (credential) send(form, credential);
  } catch {
    // Nobody asked for it, so nobody is told.
  }
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const button = form.querySelector('[data-passkey-do]');
  if (!window.PublicKeyCredential || !navigator.credentials) {
    for (const place of document.querySelectorAll('[data-passkey-missing]')) place.hidden = false;
    continue;
  }
  button.hidden = false;
  form.addEventListener('submit', (e) => {
    e.preventDefault();
    if (!button.hasAttribute('aria-disabled')) ask(form, button);
  });
  if (form.dataset.passkey === 'offer') offer(form);
}
