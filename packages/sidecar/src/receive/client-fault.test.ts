/** Clients that never make a request, on raw sockets, with timeouts that a test can wait for. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Receiver, startReceiver } from './server.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(): Promise<Receiver> {
  const limits = { headersTimeoutMs: 150, requestTimeoutMs: 300, timeoutCheckMs: 50 };
  const receiver = await startReceiver({ listen: { port: 0 }, limits }, async () => ({
    kind: 'accepted',
    rejectedCount: 0,
  }));
  cleanups.push(() => receiver.stop(100));
  receiver.markReady();
  return receiver;
}

async function answerTo(socket: Socket): Promise<{ status: number; body: string }> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  const text = Buffer.concat(chunks).toString();
  return { status: Number(/^HTTP\/1\.1 (\d+) /.exec(text)?.[1]), body: text.split('\r\n\r\n')[1] ?? '' };
}

const countOf = (receiver: Receiver, status: number) =>
  receiver.counters.requests().find((one) => one.path === 'other' && one.status === status)?.count;

test.each([
  ['headers that never end', 'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\n', 408, 4],
  [
    'a body that never ends',
    'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    408,
    4,
  ],
  [
    'headers that are too large',
    `POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    8,
  ],
  ['no HTTP at all', 'NONSENSE\r\n\r\n', 400, 3],
])('regression: %s: the status that says so, with google.rpc.Status, counted', async (_, bytes, status, code) => {
  const receiver = await start();
  const socket = connect(receiver.port, '127.0.0.1');
  socket.write(bytes);
  const answer = await answerTo(socket);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toMatchObject({ code, message: expect.any(String) });
  expect(countOf(receiver, status)).toBe(1);
  await expect.poll(() => receiver.counters.inFlightBytes + receiver.counters.inFlightRequestCount).toBe(0);
});

test('regression: a sender that drips headers is ended although it never pauses', async () => {
  const receiver = await start();
  const socket = connect(receiver.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('POST /v1/traces HTTP/1.1\r\n');
  let number = 0;
  const timer = setInterval(() => socket.write(`X-${number++}: y\r\n`), 20);
  const { status } = await answerTo(socket);
  clearInterval(timer);
  expect(status).toBe(408);
});
