/** The sidecar's worker, but a batch whose body is DIE ends it: after all that came before was answered. */
import { parentPort } from 'node:worker_threads';
import '../src/worker.ts';

parentPort?.on(
  'message',
  ({ kind, batch }: { readonly kind: string; readonly batch?: { readonly body: Uint8Array } }) => {
    if (kind === 'append' && Buffer.from(batch?.body ?? []).toString() === 'DIE') process.exit(7);
  },
);
