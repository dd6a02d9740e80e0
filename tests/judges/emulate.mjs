// Run npm's `emulate` as a Slack workspace behind a bridge that understands what Python's slack_sdk sends.
//
// The bridge moves query arguments into the body (emulate reads only bodies) and writes is_private as a word
// (emulate reads `1` as false). Everything else passes unchanged; POST /reset begins anew. One JSON line on stdout
// says where it listens.
import { createServer, request } from 'node:http';
import { createEmulator } from 'emulate';

const [, , seedText] = process.argv;
const host = '127.0.0.1';
const emulator = await createEmulator({ service: 'slack', port: 0, hostname: host, seed: { slack: JSON.parse(seedText) } });
const inner = new URL(emulator.url);

function bodyOf(call) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    call.on('data', (chunk) => chunks.push(chunk));
    call.on('end', () => resolve(Buffer.concat(chunks)));
    call.on('error', reject);
  });
}

function bridged(call, body) {
  const type = call.headers['content-type'] ?? '';
  if (type.includes('application/json')) return { type, body };
  const fields = new URLSearchParams(body.toString('utf8'));
  for (const [key, value] of new URL(call.url, emulator.url).searchParams) fields.set(key, value);
  if (fields.has('is_private')) fields.set('is_private', ['1', 'true'].includes(fields.get('is_private')) ? 'true' : 'false');
  return { type: 'application/x-www-form-urlencoded', body: Buffer.from(fields.toString()) };
}

const bridge = createServer(async (call, answer) => {
  if (call.url === '/reset') {
    emulator.reset();
    return answer.end('{}');
  }
  const raw = await bodyOf(call);
  const api = call.url.startsWith('/api/');
  const sent = api ? bridged(call, raw) : { type: call.headers['content-type'] ?? '', body: raw };
  const headers = { ...call.headers, 'content-type': sent.type, 'content-length': String(sent.body.length) };
  const path = api ? call.url.split('?')[0] : call.url;
  const onward = request({ host, port: inner.port, path, method: api ? 'POST' : call.method, headers }, (said) => {
    answer.writeHead(said.statusCode, said.headers);
    said.pipe(answer);
  });
  onward.on('error', (error) => answer.destroy(error));
  onward.end(sent.body);
});

bridge.listen(0, host, () => process.stdout.write(`${JSON.stringify({ url: `http://${host}:${bridge.address().port}` })}\n`));
// The test that started us holds our stdin open; when it is gone, so are we.
process.stdin.on('end', () => process.exit(0)).resume();
