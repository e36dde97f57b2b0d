/** Who may reach the two listeners, and what changes while they run: real sockets, real files. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DetailedPeerCertificate, connect as tlsConnect } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { createAuthority } from '../../exporter/test/certificates.ts';
import { referenceOf, rowsOf, spansOf, stopBalanced, writeFiles } from '../test/scoring.ts';
import { type Sidecar, startSidecar } from './main.ts';

const reference = referenceOf(rowsOf(500, 1));
const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(settings: object, extra: Record<string, string> = {}) {
  const files = writeFiles(reference, settings);
  for (const [name, text] of Object.entries(extra)) writeFileSync(join(files.folder, name), text);
  const sidecar = await startSidecar({ configFile: files.config, env: {} });
  cleanups.push(async () => {
    await stopBalanced(sidecar);
    rmSync(files.folder, { recursive: true, force: true });
  });
  return { sidecar, files, write: (name: string, text: string) => writeFileSync(join(files.folder, name), text) };
}

/** As fetch, which lets nobody choose the Host header. */
async function ask(url: string, options: RequestOptions = {}, body?: string) {
  const request = url.startsWith('https') ? httpsRequest : httpRequest;
  const out = request(url, { agent: false, ...options });
  out.end(body);
  const [response] = (await once(out, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text };
}

const send = (sidecar: Sidecar, headers: Record<string, string> = {}, options: RequestOptions = {}) =>
  ask(
    `${sidecar.otlpUrl}/v1/traces`,
    { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, ...options },
    spansOf(rowsOf(3, 1), Date.now()),
  );

const LOOPBACK = { otlp_http: '127.0.0.1:0', http: '127.0.0.1:0' };
const EVERYWHERE = { otlp_http: '0.0.0.0:0', http: '0.0.0.0:0' };

test('regression: names that are configured are served by both listeners, others by none', async () => {
  const { sidecar } = await start({
    listen: { ...EVERYWHERE, insecure_bind: true, allowed_hosts: ['leeway', '*.svc.cluster.local'] },
  });
  for (const [host, status] of [
    ['leeway', 200],
    ['leeway:14318', 200],
    ['LEEWAY.monitoring.svc.cluster.local', 200],
    ['leeway.', 200],
    ['10.0.0.7:14318', 200],
    ['[fd00::7]:14318', 200],
    ['evil.example', 403],
    ['svc.cluster.local', 403],
    ['leeway.evil.example', 403],
  ] as const) {
    expect([host, (await send(sidecar, { host })).status]).toEqual([host, status]);
    expect([host, (await ask(`${sidecar.httpUrl}/metrics`, { headers: { host } })).status]).toEqual([host, status]);
  }
});

test('who shows the token is not asked for a name; who does not is told so on neither listener', async () => {
  const listen = { ...EVERYWHERE, bearer_token_file: 'token' };
  const { sidecar } = await start({ listen }, { token: 'first-token\nsecond-token\n' });
  const host = 'any.name.example';
  for (const token of ['first-token', 'second-token'])
    expect((await send(sidecar, { host, authorization: `Bearer ${token}` })).status).toBe(200);
  expect((await send(sidecar, { host })).status).toBe(401);
  expect((await ask(`${sidecar.httpUrl}/metrics`)).status).toBe(401);
  const authorization = 'Bearer first-token';
  expect((await ask(`${sidecar.httpUrl}/metrics`, { headers: { host, authorization } })).status).toBe(200);
  // Probes carry no token: they learn whether it is ready, and no more.
  expect(await ask(`${sidecar.httpUrl}/readyz`)).toEqual({ status: 200, text: '{"status":"ready"}\n' });
});

test('regression: a token file that changes is read again by itself', async () => {
  const { sidecar, write } = await start(
    { listen: { ...LOOPBACK, bearer_token_file: 'token' } },
    { token: 'old-token\n' },
  );
  const status = async (token: string) => (await send(sidecar, { authorization: `Bearer ${token}` })).status;
  expect([await status('old-token'), await status('new-token')]).toEqual([200, 401]);
  write('token', 'new-token\n');
  await expect.poll(() => status('new-token'), { timeout: 15_000 }).toBe(200);
  expect(await status('old-token')).toBe(401);
});

test('regression: certificates that change are read again; connections under way go on', async () => {
  const authority = createAuthority();
  const [before, after] = [authority.issue('before'), authority.issue('after')];
  const tls = { cert_file: 'cert.pem', key_file: 'key.pem' };
  const { sidecar, write } = await start(
    { listen: { ...LOOPBACK, tls } },
    { 'cert.pem': before.cert, 'key.pem': before.key },
  );
  const { port } = new URL(sidecar.otlpUrl);
  const shown = async () => {
    const socket = tlsConnect({ port: Number(port), host: '127.0.0.1', ca: authority.cert });
    await once(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate() as DetailedPeerCertificate;
    socket.destroy();
    return subject.CN;
  };
  expect(await shown()).toBe('before');
  expect((await send(sidecar, {}, { ca: authority.cert })).status).toBe(200);
  // A pair that does not match changes nothing.
  write('key.pem', after.key);
  expect(await sidecar.reload()).toBe(false);
  expect(await shown()).toBe('before');
  write('cert.pem', after.cert);
  await expect.poll(shown, { timeout: 15_000 }).toBe('after');
  expect((await send(sidecar, {}, { ca: authority.cert })).status).toBe(200);
});

test('mTLS: only who shows a certificate of the authority may send, and read metrics from afar', async () => {
  const authority = createAuthority();
  const stranger = createAuthority('stranger').issue('client');
  const [own, client] = [authority.issue('server'), authority.issue('client')];
  const tls = { cert_file: 'cert.pem', key_file: 'key.pem', client_ca_file: 'ca.pem' };
  const files = { 'cert.pem': own.cert, 'key.pem': own.key, 'ca.pem': authority.cert };
  const { sidecar } = await start({ listen: { ...EVERYWHERE, tls } }, files);
  const host = 'any.name.example';
  const trusted = { ca: authority.cert, servername: 'localhost', ...client };
  expect((await send(sidecar, { host }, trusted)).status).toBe(200);
  await expect(send(sidecar, {}, { ca: authority.cert, servername: 'localhost' })).rejects.toThrow();
  await expect(send(sidecar, {}, { ca: authority.cert, servername: 'localhost', ...stranger })).rejects.toThrow();
  const metrics = `${sidecar.httpUrl}/metrics`;
  expect((await ask(metrics, { ...trusted, headers: { host } })).status).toBe(200);
  expect((await ask(metrics, { ca: authority.cert, servername: 'localhost' })).status).toBe(401);
  expect((await ask(`${sidecar.httpUrl}/readyz`, { ca: authority.cert, servername: 'localhost' })).text).toBe(
    '{"status":"ready"}\n',
  );
});

test('a unix socket: for owner and group, in place of the file that a dead process left', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-socket-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const socketPath = join(folder, 'otlp.sock');
  const stale = createServer().listen(socketPath);
  await once(stale, 'listening');
  const configuration = { listen: { otlp_http: `unix:${socketPath}`, http: '127.0.0.1:0' } };
  await expect(start(configuration)).rejects.toThrow(/another process listens on/);
  // What a process that was killed leaves: the file without anybody behind it.
  const { renameSync } = await import('node:fs');
  renameSync(socketPath, `${socketPath}.kept`);
  stale.close();
  await once(stale, 'close');
  renameSync(`${socketPath}.kept`, socketPath);
  const { sidecar } = await start(configuration);
  expect(statSync(socketPath).mode & 0o777).toBe(0o660);
  const options = {
    socketPath,
    path: '/v1/traces',
    method: 'POST',
    headers: { 'content-type': 'application/json', host: 'x' },
  };
  expect((await ask('http://x/v1/traces', options, '{}')).status).toBe(200);
  await sidecar.stop();
  expect(existsSync(socketPath)).toBe(false);
  writeFileSync(socketPath, 'a file of somebody');
  await expect(start(configuration)).rejects.toThrow(/is no socket/);
});
