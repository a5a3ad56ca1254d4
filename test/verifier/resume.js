// Holds documents against the schema of JSON Resume with its own validator. One JSON
// object in: documents by name. One out: for each name what does not fit.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { Validator } = require('jsonschema');
const schema = require('@jsonresume/schema/schema.json');

const out = {};
for (const [name, document] of Object.entries(JSON.parse(readFileSync(0, 'utf8')))) {
  out[name] = new Validator().validate(document, schema).errors.map((e) => e.stack);
}
console.log(JSON.stringify(out));
