// A certified OpenID provider on loopback, for one passport. The first line of its
// input is {site, people}: the passport's address, and the claims of each person by
// name; each later line is people as they are from then on. It prints its address.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { site, people: first } = JSON.parse((await lines.next()).value);
let people = first;

let handle;
const server = createServer((req, res) => handle(req, res)).listen(0, '127.0.0.1');
await new Promise((listening) => server.once('listening', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const client = (id) => ({
  client_id: id,
  client_secret: 'a-secret-of-two',
  redirect_uris: [`${site}/auth/${id}/callback`],
  post_logout_redirect_uris: [`${site}/auth/${id}/signed-out`],
  backchannel_logout_uri: `${site}/auth/${id}/backchannel`,
  backchannel_logout_session_required: true,
});
const provider = new Provider(issuer, {
  clients: [client('college'), client('staff')],
  claims: {
    openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'], groups: ['groups'],
  },
  features: {
    devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true }, backchannelLogout: { enabled: true },
  },
  // It refuses to talk to loopback, where this passport is.
  fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
  findAccount: (_, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
});
provider.on('backchannel.error', (_, err) => console.error('back-channel:', err.message));
provider.on('server_error', (_, err) => console.error(err));
handle = provider.callback();
console.log(issuer);

for await (const line of lines) {
  people = JSON.parse(line);
  console.log('changed');
}
process.exit(0);
