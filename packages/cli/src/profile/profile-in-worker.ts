/**
 * Makes a profile in a thread of its own: counting a column is one long synchronous piece of work, during which nobody
 * could interrupt it, and a worker can be given a small young generation, which decides how much garbage stays resident.
 *
 * Invariant: the folder of the spools is gone when the promise settles, and when the process exits before.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BuildProgress } from '@leeway/engine';
import { CliError, type ErrorCode } from '../cli-error.ts';
import type { ProfileProgress, ProfileReport, ProfileRequest } from './profile-table.ts';

export interface ProfileJob {
  readonly request: ProfileRequest;
  readonly folderPath: string;
}

export type ProfileMessage =
  | { readonly kind: 'reading'; readonly rowCount: number; readonly bytes: number; readonly bytesTotal: number }
  | { readonly kind: 'building'; readonly progress: BuildProgress }
  | { readonly kind: 'made'; readonly report: ProfileReport }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string };

/** Megabytes. */
const YOUNG_GENERATION_MAX = 24;

/** @throws CliError with place and fix */
export async function profileInWorker(request: ProfileRequest, progress: ProfileProgress): Promise<ProfileReport> {
  const folderPath = mkdtempSync(join(tmpdir(), 'leeway-profile-'));
  const remove = () => rmSync(folderPath, { recursive: true, force: true });
  process.once('exit', remove);
  const worker = newWorker({ request, folderPath });
  try {
    return await new Promise<ProfileReport>((resolve, reject) => {
      worker.on('message', (message: ProfileMessage) => {
        if (message.kind === 'reading') progress.reading(message.rowCount, message.bytes, message.bytesTotal);
        else if (message.kind === 'building') progress.building(message.progress);
        else if (message.kind === 'made') resolve(message.report);
        else reject(new CliError(message.code, message.message));
      });
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the worker ended without a profile (exit code ${code})`)));
    });
  } finally {
    await worker.terminate();
    process.off('exit', remove);
    remove();
  }
}

function newWorker(job: ProfileJob): Worker {
  // Unbuilt source needs the condition under which packages resolve to their source.
  const isSource = import.meta.url.endsWith('.ts');
  return new Worker(new URL(isSource ? './worker.ts' : './worker.js', import.meta.url), {
    workerData: job,
    execArgv: isSource ? ['--conditions=@leeway/source'] : [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MAX },
  });
}
