/**
 * How full the ways out are. An export queue registers itself here; whoever makes telemetry asks.
 *
 * Invariants
 * 1. Copies of this package in one process agree: the registry hangs on a global symbol.
 * 2. Asking costs a few nanoseconds and never throws; who does not wait is sampled instead.
 */

export interface BackPressureSource {
  /** Share of what could be captured that there is room for, in (0, 1]; 1 when there is plenty. Must not throw. */
  share(): number;
  /** Undefined when there is room; else it resolves when there is, or when waiting is of no use. Never rejects. */
  ready(): Promise<void> | undefined;
  /** Resolves when all that was taken so far is sent or dropped. Never rejects. */
  flush(): Promise<void>;
  /** Items dropped since the start. */
  droppedCount(): number;
}

const SOURCES_MAX = 16;
const REGISTRY_KEY = Symbol.for('leeway.back_pressure.1');

const registry = globalThis as { [REGISTRY_KEY]?: BackPressureSource[] };
registry[REGISTRY_KEY] ??= [];
const sources = registry[REGISTRY_KEY];

/**
 * For export queues: from now on capture follows how full this one is.
 *
 * @returns takes it away again
 * @example const remove = addBackPressure({ share: () => 1, ready: () => undefined, flush: async () => {}, droppedCount: () => 0 });
 */
export function addBackPressure(source: BackPressureSource): () => void {
  if (sources.length < SOURCES_MAX) sources.push(source);
  return () => {
    const index = sources.indexOf(source);
    if (index >= 0) sources.splice(index, 1);
  };
}

/**
 * Whether somebody would know when there is no room.
 *
 * @example hasBackPressure() // false, while only stock processors export
 */
export function hasBackPressure(): boolean {
  return sources.length > 0;
}

/** Share of what could be captured that the fullest queue has room for. */
export function roomShare(): number {
  let share = 1;
  for (let i = 0; i < sources.length; i++) share = Math.min(share, sources[i].share());
  return share;
}

/** Undefined when every queue has room. */
export function untilRoom(): Promise<void> | undefined {
  let waits: Promise<void>[] | undefined;
  for (const source of sources) {
    const wait = source.ready();
    if (wait === undefined) continue;
    waits ??= [];
    waits.push(wait);
  }
  return waits === undefined ? undefined : Promise.all(waits).then(() => undefined);
}

/**
 * Resolves when all telemetry of inferences so far is sent, or dropped and counted: the last line of a job. Without one
 * of Leeway's export queues it resolves at once; flush the SDK's own processors then.
 *
 * @example await flushInferences();
 */
export async function flushInferences(): Promise<void> {
  await Promise.all(sources.map((source) => source.flush()));
}

export function droppedByQueues(): number {
  return sources.reduce((sum, source) => sum + source.droppedCount(), 0);
}
