/** A shard in a thread of its own. Requests are answered in the order they come. */
import { parentPort, workerData } from 'node:worker_threads';
import { Shard, type ShardReport, type ShardSettings } from './shard.ts';
import type { Reply, Request } from './worker-messages.ts';

const shard = new Shard(workerData as ShardSettings);

parentPort?.on('message', (request: Request) => {
  const { reply, transfer } = answer(request);
  parentPort?.postMessage(reply, transfer);
});

function answer(request: Request): { reply: Reply; transfer: ArrayBuffer[] } {
  const { id, kind } = request;
  if (kind === 'append') {
    const appended = shard.append(request.batch, request.nowMs);
    return { reply: { id, kind, appended, receivedCount: shard.receivedCount }, transfer: [] };
  }
  if (kind === 'report') {
    const report = shard.report(request.nowMs, request.options);
    return { reply: { id, kind, report }, transfer: buffersOf(report) };
  }
  if (kind === 'snapshot') return { reply: { id, kind, bytes: shard.snapshot() }, transfer: [] };
  if (kind === 'restore')
    return { reply: { id, kind, restored: shard.restore(request.bytes, request.isTrial) }, transfer: [] };
  if (kind === 'learn') shard.learnSchemas(request.schemas);
  else shard.configure(request.references, request.nowMs);
  return { reply: { id, kind }, transfer: [] };
}

/** Panes are handed over, not copied. */
function buffersOf({ series }: ShardReport): ArrayBuffer[] {
  return series.flatMap(({ panes }) => panes.map(({ state }) => state.buffer as ArrayBuffer));
}
