// Write one JSON Schema per interface of types/*.ts into schemas/, from the types Slack publishes on npm.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGenerator } from 'ts-json-schema-generator';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, 'schemas');

rmSync(out, { recursive: true, force: true });
mkdirSync(out);
for (const file of readdirSync(join(here, 'types'))) {
  const path = join(here, 'types', file);
  const generator = createGenerator({
    path,
    tsconfig: join(here, 'tsconfig.json'),
    type: '*',
    skipTypeCheck: true,
    jsDoc: 'none',
    // Slack adds fields to what it sends without notice; what we send must hold only fields that Slack names.
    additionalProperties: file !== 'outbound.ts',
  });
  for (const [, name] of readFileSync(path, 'utf8').matchAll(/^export interface (\w+)/gm)) {
    writeFileSync(join(out, `${name.toLowerCase()}.json`), JSON.stringify(generator.createSchema(name)));
  }
}
