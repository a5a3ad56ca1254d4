// Verifies credentials with the libraries of Digital Bazaar, which share no code with
// the passport. One JSON object in: credentials by name, the host that their did:web
// names with the address where it answers here, and files of JSON-LD contexts. One
// JSON object out: for each name null, or why it does not verify. DID documents come
// from the running passport over HTTP.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import { cryptosuite } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import * as statusList from '@digitalbazaar/vc-bitstring-status-list';

process.removeAllListeners('warning').on('warning', () => {});
const didContext = createRequire(import.meta.url)('did-context');
const input = JSON.parse(readFileSync(0, 'utf8'));

async function documentLoader(url) {
  const [did, fragment] = url.split('#');
  const own = `https://${input.host}/`;
  if (url.startsWith(own)) return { contextUrl: null, documentUrl: url, document: await get(`/${url.slice(own.length)}`) };
  if (!did.startsWith('did:web:')) return { contextUrl: null, documentUrl: url, document: context(url) };
  const document = await resolve(did);
  if (!fragment) return { contextUrl: null, documentUrl: url, document };
  const method = document.verificationMethod.find((m) => m.id === url);
  if (!method) throw new Error(`${did} does not list ${url}`);
  const withContext = { '@context': 'https://w3id.org/security/multikey/v1', ...method };
  return { contextUrl: null, documentUrl: url, document: withContext };
}

function context(url) {
  if (didContext.contexts.has(url)) return didContext.contexts.get(url);
  if (input.contexts[url]) return JSON.parse(readFileSync(input.contexts[url], 'utf8'));
  throw new Error(`no document ${url}`);
}

// resolve reads a DID document as did:web §3.2 says.
async function resolve(did) {
  const [host, ...path] = did.slice('did:web:'.length).split(':');
  if (host !== input.host) throw new Error(`${did} is not of ${input.host}`);
  const at = path.length ? `/${path.join('/')}/did.json` : '/.well-known/did.json';
  return get(at);
}

async function get(at) {
  const answer = await fetch(input.base + at);
  if (!answer.ok) throw new Error(`${at} answers ${answer.status}`);
  return answer.json();
}

// checkStatus asks the status list, whose own proof is verified as well, and says no for
// what is revoked there (Bitstring Status List §3.2).
async function checkStatus(options) {
  const answer = await statusList.checkStatus(options);
  if (answer.verified && answer.results.some((r) => r.status)) {
    return { ...answer, verified: false, error: new Error('revoked') };
  }
  return answer;
}

function reason(error) {
  const parts = [error, ...(error?.errors ?? [])];
  return parts.map((e) => `${e?.name}: ${e?.message}`).join('; ');
}

const out = {};
for (const [name, text] of Object.entries(input.credentials)) {
  try {
    const suite = new DataIntegrityProof({ cryptosuite });
    const result = await vc.verifyCredential({ credential: JSON.parse(text), suite, documentLoader, checkStatus });
    out[name] = result.verified ? null : reason(result.error ?? result.statusResult?.error);
  } catch (error) {
    out[name] = reason(error);
  }
}
console.log(JSON.stringify(out));
