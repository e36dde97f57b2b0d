/**
 * The keeper of labels behind a promise-based face: in a thread of its own, or inline where there are no workers.
 *
 * Invariants
 * 1. A keeper that dies is started anew on the same file, later each time; until it runs `isReady` is false, and requests
 *    are answered busy.
 * 2. Work that a keeper did not acknowledge is counted as dropped: the predictions were counted, and will not be labelled.
 * 3. Counts of a keeper that died stay.
 */
import { Worker } from 'node:worker_threads';
import type { ReferenceEntry } from '@leeway/engine';
import type { LabelWork } from '@leeway/intake';
import { LabelKeeper, type LabelKeeperSettings, type LabelReport } from './label-keeper.ts';
import type { LabelReply, LabelRequest } from './label-messages.ts';

export interface LabelHost {
  readonly isReady: boolean;
  /** Predictions and labels that were not taken in. */
  readonly droppedCount: number;
  /** Resolves when it is in the file, or was dropped and counted. */
  take(work: LabelWork, nowMs: number): Promise<void>;
  /** Undefined while it does not run. */
  report(closedThroughMs: number, nowMs: number): Promise<LabelReport | undefined>;
  configure(references: readonly ReferenceEntry[]): Promise<void>;
  close(): Promise<void>;
}

export interface LabelHostOptions {
  /** Work could not be taken in, or the keeper died. */
  readonly onFault: (error: Error) => void;
  readonly restartDelayMs?: number;
}

/** @throws Error when the file cannot be opened, saying why */
export function startLabels(settings: LabelKeeperSettings, isThread: boolean, options: LabelHostOptions): LabelHost {
  // Opened here first: what is wrong with the file is a fault of the configuration, and said at the start.
  const probe = new LabelKeeper(settings);
  if (!isThread || settings.path === ':memory:') return new InlineLabels(probe, options);
  probe.close();
  return new LabelThread(settings, options);
}

const rowCountOf = ({ predictions, truths }: LabelWork): number =>
  predictions.reduce((sum, { count }) => sum + count, 0) +
  truths.reduce((sum, { inferenceIds }) => sum + inferenceIds.length, 0);

class InlineLabels implements LabelHost {
  readonly isReady = true;
  droppedCount = 0;
  readonly #keeper: LabelKeeper;
  readonly #options: LabelHostOptions;

  constructor(keeper: LabelKeeper, options: LabelHostOptions) {
    this.#keeper = keeper;
    this.#options = options;
  }

  async take(work: LabelWork, nowMs: number): Promise<void> {
    try {
      this.#keeper.take(work, nowMs);
    } catch (error) {
      this.droppedCount += rowCountOf(work);
      this.#options.onFault(error as Error);
    }
  }

  async report(closedThroughMs: number, nowMs: number): Promise<LabelReport | undefined> {
    try {
      return this.#keeper.report(closedThroughMs, nowMs);
    } catch (error) {
      this.#options.onFault(error as Error);
      return undefined;
    }
  }

  async configure(references: readonly ReferenceEntry[]): Promise<void> {
    this.#keeper.configure(references);
  }

  async close(): Promise<void> {
    this.#keeper.close();
  }
}

const RESTART_DELAY_MS = 100;
const RESTART_DELAY_MS_MAX = 10_000;
/** Reports without a death, after which a death is a first one again. */
const CALM_REPORT_COUNT = 60;

type Ask = LabelRequest extends infer R ? (R extends LabelRequest ? Omit<R, 'id'> : never) : never;

class LabelThread implements LabelHost {
  droppedCount = 0;
  readonly #options: LabelHostOptions;
  readonly #pending = new Map<number, { resolve: (reply: LabelReply) => void; reject: (error: Error) => void }>();
  #settings: LabelKeeperSettings;
  #worker: Worker | undefined;
  #restart: NodeJS.Timeout | undefined;
  #deaths = 0;
  #calmReportCount = 0;
  #nextId = 0;
  #isClosing = false;
  #crash: Error | undefined;

  constructor(settings: LabelKeeperSettings, options: LabelHostOptions) {
    this.#settings = settings;
    this.#options = options;
    this.#worker = this.#start();
  }

  get isReady(): boolean {
    return this.#worker !== undefined;
  }

  async take(work: LabelWork, nowMs: number): Promise<void> {
    try {
      const reply = await this.#ask({ kind: 'take', work, nowMs });
      if (reply.kind === 'failed') throw new Error(reply.message);
    } catch (error) {
      this.droppedCount += rowCountOf(work);
      this.#options.onFault(error as Error);
    }
  }

  async report(closedThroughMs: number, nowMs: number): Promise<LabelReport | undefined> {
    const reply = await this.#ask({ kind: 'report', closedThroughMs, nowMs }).catch(() => undefined);
    if (reply?.kind === 'failed') this.#options.onFault(new Error(reply.message));
    if (reply?.kind !== 'report') return undefined;
    if (++this.#calmReportCount >= CALM_REPORT_COUNT) this.#deaths = 0;
    return reply.report;
  }

  async configure(references: readonly ReferenceEntry[]): Promise<void> {
    this.#settings = { ...this.#settings, references };
    // A keeper that is not there, or dies now, starts with them.
    await this.#ask({ kind: 'configure', references }).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#restart);
    await this.#ask({ kind: 'close' }).catch(() => undefined);
    await this.#worker?.terminate();
  }

  #ask(request: Ask): Promise<LabelReply> {
    const worker = this.#worker;
    if (worker === undefined) return Promise.reject(new Error('the keeper of labels is not running'));
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      worker.postMessage({ id, ...request });
    });
  }

  #start(): Worker {
    // Unbuilt source needs the condition under which packages resolve to their source.
    const isSource = import.meta.url.endsWith('.ts');
    const url = new URL(isSource ? './worker.ts' : './worker.js', import.meta.url);
    const execArgv = ['--disable-warning=ExperimentalWarning', ...(isSource ? ['--conditions=@leeway/source'] : [])];
    const worker = new Worker(url, { workerData: this.#settings, execArgv });
    worker.on('message', (reply: LabelReply) => {
      this.#pending.get(reply.id)?.resolve(reply);
      this.#pending.delete(reply.id);
    });
    worker.on('error', (error: unknown) => {
      this.#crash = error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', (code) => this.#onExit(code));
    return worker;
  }

  #onExit(code: number): void {
    this.#worker = undefined;
    for (const { reject } of this.#pending.values()) reject(new Error('the keeper of labels ended'));
    this.#pending.clear();
    if (this.#isClosing) return;
    this.#options.onFault(this.#crash ?? new Error(`the keeper of labels ended with code ${code}`));
    this.#crash = undefined;
    this.#calmReportCount = 0;
    const { restartDelayMs = RESTART_DELAY_MS } = this.#options;
    const delayMs = Math.min(RESTART_DELAY_MS_MAX, restartDelayMs * 2 ** this.#deaths++);
    this.#restart = setTimeout(() => {
      this.#worker = this.#start();
    }, delayMs);
  }
}
