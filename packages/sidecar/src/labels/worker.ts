/** The keeper of labels in a thread of its own: SQLite answers synchronously. Requests are answered in order. */
import { parentPort, workerData } from 'node:worker_threads';
import { LabelKeeper, type LabelKeeperSettings } from './label-keeper.ts';
import type { LabelReply, LabelRequest } from './label-messages.ts';

const keeper = new LabelKeeper(workerData as LabelKeeperSettings);

parentPort?.on('message', (request: LabelRequest) => {
  parentPort?.postMessage(answer(request));
});

function answer(request: LabelRequest): LabelReply {
  const { id, kind } = request;
  try {
    if (kind === 'report') {
      return { id, kind, report: keeper.report(request.closedThroughMs, request.nowMs) };
    }
    if (kind === 'take') keeper.take(request.work, request.nowMs);
    else if (kind === 'configure') keeper.configure(request.references);
    else keeper.close();
    return { id, kind: 'done' };
  } catch (error) {
    return { id, kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}
