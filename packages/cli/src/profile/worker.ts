/** Makes a profile beside the main thread, which stays free to draw and to be interrupted. */
import { parentPort, workerData } from 'node:worker_threads';
import { CliError } from '../cli-error.ts';
import type { ProfileJob, ProfileMessage } from './profile-in-worker.ts';
import { profileTable } from './profile-table.ts';

const PROGRESS_MS = 100;

const { request, folderPath } = workerData as ProfileJob;
const send = (message: ProfileMessage) => parentPort?.postMessage(message);
let sentAt = Number.NEGATIVE_INFINITY;
/** Often enough for the eye; a message a chunk would cost more than the chunk. */
const sendSometimes = (message: ProfileMessage) => {
  const now = performance.now();
  if (now - sentAt < PROGRESS_MS) return;
  sentAt = now;
  send(message);
};

try {
  const report = await profileTable(request, folderPath, {
    reading: (rowCount, bytes, bytesTotal) => sendSometimes({ kind: 'reading', rowCount, bytes, bytesTotal }),
    building: (progress) => sendSometimes({ kind: 'building', progress }),
  });
  send({ kind: 'made', report });
} catch (error) {
  if (!(error instanceof CliError)) throw error;
  send({ kind: 'refused', code: error.code, message: error.message });
}
