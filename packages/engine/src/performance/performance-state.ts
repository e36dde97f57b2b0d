/**
 * Performance panes and a few numbers as bytes.
 *
 * The outer form is that of every snapshot; its first part holds the numbers, each further one a pane: index, dropped
 * errors, entries of the stream, lengths of its arrays, then the arrays, all as little-endian doubles.
 */
import { decodeParts, encodeParts } from '../sketch/snapshot-parts.ts';
import type { OutcomeSums, PerformancePane } from './performance-pane.ts';
import { SUM_KEYS } from './performance-pane.ts';

/** "LWPF" */
const KIND = { magic: 0x4650574c, version: 1 } as const;
const PANE_HEAD = 3;

/** What the bytes must be of. */
export interface PerformanceIdentity {
  readonly profileId: string;
  readonly paneMs: number;
  readonly segments: readonly string[];
  readonly size: number;
  /** What the numbers are of, where that may differ. */
  readonly names?: readonly string[];
}

export interface PerformanceState {
  readonly numbers: readonly number[];
  readonly panes: readonly PerformancePane[];
}

export function encodePerformanceState(identity: PerformanceIdentity, { numbers, panes }: PerformanceState) {
  const parts = [Float64Array.from(numbers), ...panes.map(numbersOf)].map(bytesOf);
  return encodeParts(KIND, { content: identityOf(identity), parts });
}

/** Undefined when the bytes are not whole, of another identity, or hold what no pane holds. Never throws. */
export function decodePerformanceState(identity: PerformanceIdentity, bytes: Uint8Array): PerformanceState | undefined {
  const decoded = decodeParts(KIND, bytes);
  if (decoded === undefined || decoded.parts.length === 0) return undefined;
  if (JSON.stringify(decoded.content) !== JSON.stringify(identityOf(identity))) return undefined;
  const [numbers, ...parts] = decoded.parts.map(doublesOf);
  const panes = parts.map((part) => paneOf(identity, part));
  if (panes.some((pane) => pane === undefined) || numbers.some(Number.isNaN)) return undefined;
  return { numbers: [...numbers], panes: panes as PerformancePane[] };
}

function identityOf({ profileId, paneMs, segments, size, names = [] }: PerformanceIdentity) {
  return [profileId, paneMs, segments, size, names];
}

function numbersOf({ index, whole, segments, errors }: PerformancePane): Float64Array {
  const arrays = [whole, ...segments].flatMap((sums) => SUM_KEYS.map((key) => sums[key]));
  const { arrivedMs, eventMs, errors: sizes, counts } = errors;
  const head = [index, errors.droppedCount, sizes.length, ...arrays.map(({ length }) => length)];
  const all = [head, ...arrays, arrivedMs, eventMs, sizes, counts];
  const numbers = new Float64Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of all) {
    numbers.set(array, at);
    at += array.length;
  }
  return numbers;
}

function paneOf({ paneMs, segments, size }: PerformanceIdentity, numbers: Float64Array): PerformancePane | undefined {
  const arrayCount = SUM_KEYS.length * (segments.length + 1);
  const [index, droppedCount, entryCount] = numbers;
  let at = PANE_HEAD + arrayCount;
  if (!numbers.every(Number.isFinite) || numbers.length < at || !Number.isInteger(index)) return undefined;
  const lengths = numbers.subarray(PANE_HEAD, at);
  if (!lengths.every((length) => length === 0 || length === size)) return undefined;
  const total = lengths.reduce((sum, length) => sum + length, at + 4 * entryCount);
  if (total !== numbers.length) return undefined;
  const next = (length: number): Float64Array => {
    at += length;
    return numbers.slice(at - length, at);
  };
  const sums = Array.from({ length: segments.length + 1 }, (_, i): OutcomeSums => {
    const [measured, matched, estimated] = SUM_KEYS.map((_key, j) => next(lengths[SUM_KEYS.length * i + j]));
    return { measured, matched, estimated };
  });
  const [arrivedMs, eventMs, errors, counts] = [0, 1, 2, 3].map(() => next(entryCount));
  return {
    index,
    startMs: index * paneMs,
    endMs: (index + 1) * paneMs,
    whole: sums[0],
    segmentNames: segments,
    segments: sums.slice(1),
    errors: { arrivedMs, eventMs, errors, counts, droppedCount },
  };
}

function bytesOf(numbers: Float64Array): Uint8Array {
  const bytes = new Uint8Array(8 * numbers.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < numbers.length; i++) view.setFloat64(8 * i, numbers[i], true);
  return bytes;
}

function doublesOf(bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: bytes.length >> 3 }, (_, i) => view.getFloat64(8 * i, true));
}
