/** Laws of the queue, with exporters that do what servers do: answer late, refuse, be away, find it too large. */
import { afterEach, expect, test } from 'vitest';
import { ExportQueue, type ExportQueueOptions } from './export-queue.ts';
import type { ExportOutcome } from './exporter.ts';
import { QueueCounts } from './queue-counts.ts';

const ITEM_BYTES = 100;
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function queueOf(
  answer: (items: readonly number[]) => ExportOutcome | Promise<ExportOutcome>,
  options: ExportQueueOptions = {},
) {
  const counts = new QueueCounts();
  const exporter = { export: async (items: readonly number[]) => ({ outcome: await answer(items) }) };
  const weigh = (item: number) => ({ bytes: ITEM_BYTES, observationCount: item < 0 ? 0 : 1, isExpendable: item < 0 });
  const queue = new ExportQueue<number>(exporter, weigh, counts, {
    bytesMax: 100 * ITEM_BYTES,
    batchItemsMax: 10,
    ...options,
  });
  const total = (outcome: string, reason?: string) =>
    counts
      .view()
      .filter((line) => line.outcome === outcome && (reason === undefined || line.reason === reason))
      .reduce((sum, line) => sum + line.items, 0);
  return { queue, counts, total };
}

/** An exporter that answers when it is told to. */
function gate() {
  const waiting: (() => void)[] = [];
  return {
    answer: () => new Promise<ExportOutcome>((resolve) => waiting.push(() => resolve('sent'))),
    open: async () => {
      for (const go of waiting.splice(0)) go();
      await new Promise((resolve) => setImmediate(resolve));
    },
    get count() {
      return waiting.length;
    },
  };
}

test('what is added is exported once, in order, and add itself exports nothing', async () => {
  const seen: number[] = [];
  const { queue, total } = queueOf((items) => {
    seen.push(...items);
    return 'sent';
  });
  for (let i = 0; i < 100; i++) queue.add(i);
  expect(seen).toEqual([]);
  await queue.flush();
  expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(total('sent')).toBe(100);
});

test('a burst beyond the limit is dropped and counted: taken = sent + dropped', async () => {
  const { queue, total, counts } = queueOf(() => 'sent');
  for (let i = 0; i < 1_000; i++) queue.add(i);
  await queue.flush();
  expect([total('sent'), total('dropped', 'queue_full')]).toEqual([100, 900]);
  expect(counts.droppedItems).toBe(900);
  expect(counts.view().reduce((sum, { observations }) => sum + observations, 0)).toBe(1_000);
});

test('items without values give way first', () => {
  const { queue, total } = queueOf(() => 'sent');
  for (let i = 0; i < 60; i++) queue.add(-1);
  expect(total('dropped', 'pressure')).toBe(10);
  for (let i = 0; i < 50; i++) queue.add(i);
  expect(total('dropped')).toBe(10);
});

test('the share is 1 up to three quarters, then halves sixteen times up to the end', () => {
  const { queue } = queueOf(() => 'sent');
  const shares: number[] = [];
  for (let i = 0; i < 100; i++) {
    queue.add(i);
    shares.push(queue.share());
  }
  expect(shares[74]).toBe(1);
  expect(shares[75]).toBe(1 / 2);
  expect(shares[99]).toBe(2 ** -16);
  expect(shares.every((share, i) => i === 0 || share <= shares[i - 1])).toBe(true);
});

test('who asks is held back until there is room, with so many exports at a time as are allowed', async () => {
  const server = gate();
  const { queue } = queueOf(server.answer, { inFlightMax: 2 });
  for (let i = 0; i < 49; i++) queue.add(i);
  expect(queue.ready()).toBe(undefined);
  for (let i = 0; i < 11; i++) queue.add(i);
  let isLetGo = false;
  const ready = queue.ready()?.then(() => {
    isLetGo = true;
  });
  expect(server.count).toBe(2);
  await new Promise((resolve) => setImmediate(resolve));
  expect(isLetGo).toBe(false);
  await server.open();
  await ready;
  expect(queue.ready()).toBe(undefined);
  expect(server.count).toBe(2);
  closing.push(() => void server.open());
});

test('regression: a batch begun right after the one that filled the queue was sampled', async () => {
  const { queue, total } = queueOf(() => 'sent');
  const shares = new Set<number>();
  for (let batch = 0; batch < 100; batch++) {
    const room = queue.ready();
    shares.add(queue.share());
    for (let i = 0; i < 5; i++) queue.add(i);
    await room;
  }
  await queue.flush();
  expect([[...shares], total('sent')]).toEqual([[1], 500]);
});

test('a server that is away: the export is tried again, and its items arrive once', async () => {
  let calls = 0;
  const { queue, total } = queueOf(() => (++calls === 1 ? 'again' : 'sent'));
  queue.add(1);
  await queue.flush();
  expect([calls, total('sent'), total('dropped')]).toEqual([2, 1, 0]);
});

test('a server that stays away: dropped and counted once the time for it is over', async () => {
  const { queue, total } = queueOf(() => 'again', { retryMs: 0 });
  queue.add(1);
  await queue.flush();
  expect(total('dropped', 'unreachable')).toBe(1);
});

test('a server that stays away holds nobody back for longer than agreed', async () => {
  const { queue } = queueOf(() => new Promise<ExportOutcome>(() => undefined), { stallMs: 1 });
  for (let i = 0; i < 80; i++) queue.add(i);
  await queue.ready();
  expect(queue.share()).toBeLessThan(1);
  // From now on a turn of the event loop and no more.
  await queue.ready();
});

test('too large: halved until it fits; what does not fit alone is dropped', async () => {
  const { queue, total } = queueOf((items) => (items.length > 3 || items.includes(7) ? 'too_large' : 'sent'));
  for (let i = 0; i < 10; i++) queue.add(i);
  await queue.flush();
  expect([total('sent'), total('dropped', 'too_large')]).toEqual([9, 1]);
});

test('shutdown sends what is left, as long as was agreed; afterwards nothing is taken', async () => {
  const server = queueOf(() => 'sent');
  server.queue.add(1);
  await server.queue.shutdown();
  server.queue.add(2);
  expect([server.total('sent'), server.total('dropped', 'shutdown')]).toEqual([1, 1]);
  const silent = queueOf(() => new Promise<ExportOutcome>(() => undefined), { shutdownMs: 1 });
  silent.queue.add(1);
  await silent.queue.shutdown();
  expect(silent.total('dropped', 'shutdown')).toBe(1);
  const away = queueOf(() => 'again', { shutdownMs: 1, inFlightMax: 1 });
  for (let i = 0; i < 30; i++) away.queue.add(i);
  await away.queue.shutdown();
  expect(away.total('dropped', 'shutdown')).toBe(30);
});
