// The peers of make bench that run in Node.js. One line of JSON in, one out: the
// first line brings the inputs, each other one asks for an operation n times. The
// answer tells the CPU time of this process in microseconds, all threads included.
import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as vc from '@digitalbazaar/vc';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import { cryptosuite } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as jose from 'jose';

process.removeAllListeners('warning').on('warning', () => {}); // old packages warn at each call
const { extract } = createRequire(import.meta.url)('openbadges-bakery');

const inputs = {};
const operations = {
  async credential({ credential, now }) {
    const suite = new DataIntegrityProof({ cryptosuite });
    const answer = await vc.verifyCredential({ credential: JSON.parse(credential), suite, now: new Date(now), documentLoader });
    if (!answer.verified) throw answer.error;
  },
  async token({ token, key }) {
    await jose.jwtVerify(token, key, { currentDate: new Date(inputs.now) });
  },
  picture({ picture, payload }) {
    return new Promise((resolve, reject) => {
      extract(picture, (err, text) => (err || text.length !== payload ? reject(err ?? new Error('wrong text')) : resolve()));
    });
  },
};

async function documentLoader(url) {
  const document = inputs.documents[url];
  if (!document) throw new Error(`no document ${url}`);
  return { contextUrl: null, documentUrl: url, document };
}

// begin keeps the inputs in the form in which each package wants them.
async function begin(message) {
  inputs.now = message.now;
  inputs.documents = message.documents;
  for (const [url, file] of Object.entries(message.contexts)) inputs.documents[url] = JSON.parse(readFileSync(file, 'utf8'));
  inputs.cases = {};
  for (const [name, c] of Object.entries(message.cases)) {
    inputs.cases[name] = {
      run: operations[c.operation],
      credential: c.credential,
      now: message.now,
      token: c.token,
      key: c.jwk && (await jose.importJWK(c.jwk, c.alg)),
      picture: c.picture && Buffer.from(c.picture, 'base64'),
      payload: c.payload,
    };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  const before = process.cpuUsage();
  const answer = {};
  try {
    if (message.cases) await begin(message);
    else for (let i = 0; i < message.n; i++) await inputs.cases[message.name].run(inputs.cases[message.name]);
  } catch (err) {
    answer.error = String(err?.stack ?? err);
  }
  const used = process.cpuUsage(before);
  answer.cpu = used.user + used.system;
  process.stdout.write(JSON.stringify(answer) + '\n');
}
