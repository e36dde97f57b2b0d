/** A progress bar on a terminal, silence elsewhere. Only long work shows one: nothing is drawn in the first half second. */
import type { BuildProgress } from '@leeway/engine';
import { Presets, SingleBar } from 'cli-progress';
import type { ProfileProgress } from './profile/profile-table.ts';

const QUIET_MS = 500;
const SHARE_READING = 0.8;

export interface Progress extends ProfileProgress {
  sending(rowCount: number, bytes: number, bytesTotal: number): void;
  stop(): void;
}

const silent: Progress = {
  reading: () => undefined,
  building: () => undefined,
  sending: () => undefined,
  stop: () => undefined,
};

export function createProgress(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return silent;
  const format = '{bar} {percentage} % · {what}';
  const bar = new SingleBar({ format, stream, clearOnComplete: true, hideCursor: true, etaBuffer: 50 }, Presets.rect);
  const started = performance.now();
  let isShown = false;
  const show = (share: number, what: string) => {
    if (!isShown && performance.now() - started < QUIET_MS) return;
    if (!isShown) bar.start(100, 0, { what });
    isShown = true;
    bar.update(Math.floor(100 * share), { what });
  };
  return {
    sending: (rowCount, bytes, total) => {
      const rate = Math.round(rowCount / seconds(started)).toLocaleString('en-US');
      show(total > 0 ? bytes / total : 0, `sending: ${rowCount.toLocaleString('en-US')} rows, ${rate} rows/s`);
    },
    reading: (rowCount, bytes, total) => {
      const rows = `${rowCount.toLocaleString('en-US')} rows`;
      if (total > 0) show(SHARE_READING * (bytes / total), `reading: ${rows}`);
      // Of a stream nobody knows the end: what has come and how fast is all there is to say.
      else show(0, `reading: ${rows}, ${megabytes(bytes)} MB, ${megabytes(bytes / seconds(started))} MB/s`);
    },
    building: ({ column, columnIndex, columnCount }: BuildProgress) =>
      show(SHARE_READING + (1 - SHARE_READING) * (columnIndex / columnCount), `counting: ${column}`),
    stop: () => {
      if (isShown) bar.stop();
      isShown = false;
    },
  };
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
const seconds = (sinceMs: number): number => Math.max(1e-3, (performance.now() - sinceMs) / 1000);
