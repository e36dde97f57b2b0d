/**
 * A shard in a worker thread.
 *
 * Invariants
 * 1. A worker that dies is started anew, later each time, at most RESTARTS_MAX times in a row: then the shard is down.
 * 2. Until it runs again all batches are answered busy: nothing is acknowledged that nobody counted.
 * 3. Its books stay. Observations that it acknowledged after its last report are booked as lost; rows that it counted and
 *    that were in open panes at that report are counted as lost beside the books (state is in memory).
 */
import { Worker } from 'node:worker_threads';
import type { ReferenceEntry } from '@leeway/engine';
import { addBooks, Books, type BooksSnapshot, type ReportOptions, type Restored } from '@leeway/intake';
import type { ReceivedBatch } from './receive/index.ts';
import type { Appended, ShardReport, ShardSettings } from './shard.ts';
import type { LostCounts, ShardHost } from './shard-host.ts';
import type { Reply, Request } from './worker-messages.ts';

export interface WorkerShardOptions {
  readonly onCrash: (error: Error) => void;
  /** Module of the worker. Default: this package's own; a test brings one that dies on demand. */
  readonly workerUrl?: URL;
  /** How long before the first restart; doubled with every further one, up to RESTART_DELAY_MS_MAX. */
  readonly restartDelayMs?: number;
}

export const RESTARTS_MAX = 10;
const RESTART_DELAY_MS = 100;
const RESTART_DELAY_MS_MAX = 10_000;
/** Reports that a worker must have given for its crash to be a first one again: a minute of ticks. */
const CALM_REPORT_COUNT = 60;
const RETRY_AFTER_SECONDS = 1;
const BUSY: Appended = { outcome: { kind: 'busy', retryAfterSeconds: RETRY_AFTER_SECONDS } };

type Ask = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;

export class WorkerShard implements ShardHost {
  readonly #options: WorkerShardOptions;
  readonly #pending = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  #settings: ShardSettings;
  /** Undefined while it waits to be started anew, and when it is down. */
  #worker: Worker | undefined;
  #restart: NodeJS.Timeout | undefined;
  #restartCount = 0;
  #calmReportCount = 0;
  #nextId = 0;
  #isClosing = false;
  #crash: Error | undefined;
  lost: LostCounts = { not_booked: 0, open_pane: 0 };
  isDown = false;
  /** Of workers that died. */
  #booksBefore: BooksSnapshot = new Books().snapshot(0, 0);
  /** Of the worker that runs: as of its last report, and what it acknowledged in all. */
  #books: BooksSnapshot = new Books().snapshot(0, 0);
  #openRowCount = 0;
  #acknowledgedCount = 0;

  constructor(settings: ShardSettings, options: WorkerShardOptions) {
    this.#settings = settings;
    this.#options = options;
    this.#worker = this.#start();
  }

  async append(batch: ReceivedBatch, nowMs: number): Promise<Appended> {
    try {
      const reply = await this.#ask({ kind: 'append', batch, nowMs }, [batch.body.buffer]);
      return reply.kind === 'append' ? reply.appended : BUSY;
    } catch {
      return BUSY;
    }
  }

  async report(nowMs: number, options: ReportOptions = {}): Promise<ShardReport> {
    const reply = await this.#ask({ kind: 'report', nowMs, options }).catch(() => undefined);
    if (reply?.kind !== 'report') return this.#silentReport();
    if (++this.#calmReportCount >= CALM_REPORT_COUNT) this.#restartCount = 0;
    return { ...reply.report, books: addBooks(this.#booksBefore, reply.report.books) };
  }

  async configure(references: readonly ReferenceEntry[], nowMs: number): Promise<void> {
    this.#settings = { ...this.#settings, references };
    // A worker that is not there, or dies now, starts with them.
    await this.#ask({ kind: 'configure', references, nowMs }).catch(() => undefined);
  }

  async learnSchemas(schemas: ShardReport['freshSchemas']): Promise<void> {
    // A worker that is not there, or dies now, learns them when the names come again.
    await this.#ask({ kind: 'learn', schemas }).catch(() => undefined);
  }

  async snapshot(): Promise<Uint8Array> {
    const reply = await this.#ask({ kind: 'snapshot' });
    if (reply.kind !== 'snapshot') throw new Error('the worker answered something else');
    return reply.bytes;
  }

  async restore(bytes: Uint8Array, isTrial: boolean): Promise<Restored> {
    const reply = await this.#ask({ kind: 'restore', bytes, isTrial });
    if (reply.kind !== 'restore') throw new Error('the worker answered something else');
    return reply.restored;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#restart);
    await this.#worker?.terminate();
  }

  #ask(request: Ask, transfer: ArrayBuffer[] = []): Promise<Reply> {
    const worker = this.#worker;
    if (worker === undefined) return Promise.reject(new Error('the worker is not running'));
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      worker.postMessage({ id, ...request }, transfer);
    });
  }

  #start(): Worker {
    // Unbuilt source needs the condition under which packages resolve to their source.
    const isSource = import.meta.url.endsWith('.ts');
    const url = this.#options.workerUrl ?? new URL(isSource ? './worker.ts' : './worker.js', import.meta.url);
    const worker = new Worker(url, {
      workerData: this.#settings,
      execArgv: isSource ? ['--conditions=@leeway/source'] : [],
    });
    worker.on('message', (reply: Reply) => this.#onReply(reply));
    worker.on('error', (error: unknown) => {
      this.#crash = error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', (code) => this.#onExit(code));
    return worker;
  }

  /** Replies come in order, so at each of them it is known what was acknowledged and what was reported. */
  #onReply(reply: Reply): void {
    if (reply.kind === 'append') this.#acknowledgedCount = reply.receivedCount;
    if (reply.kind === 'report') {
      this.#books = reply.report.books;
      this.#openRowCount = reply.report.openRowCount;
      this.#acknowledgedCount = reply.report.books.received;
    }
    this.#pending.get(reply.id)?.resolve(reply);
    this.#pending.delete(reply.id);
  }

  #onExit(code: number): void {
    this.#worker = undefined;
    for (const { reject } of this.#pending.values()) reject(new Error('the worker ended'));
    this.#pending.clear();
    if (this.#isClosing) return;
    this.#bookLost();
    const error = this.#crash ?? new Error(`the worker ended with code ${code}`);
    this.#crash = undefined;
    this.#calmReportCount = 0;
    this.isDown = this.#restartCount >= RESTARTS_MAX;
    this.#options.onCrash(this.isDown ? new Error(`${error.message}; it died too often and stays down`) : error);
    if (this.isDown) return;
    const { restartDelayMs = RESTART_DELAY_MS } = this.#options;
    const delayMs = Math.min(RESTART_DELAY_MS_MAX, restartDelayMs * 2 ** this.#restartCount++);
    this.#restart = setTimeout(() => {
      this.#worker = this.#start();
    }, delayMs);
  }

  #bookLost(): void {
    const count = Math.max(0, this.#acknowledgedCount - this.#books.received);
    const lost = new Books();
    lost.add('lost', 'worker_crash', count);
    const { not_booked, open_pane } = this.lost;
    this.lost = { not_booked: not_booked + count, open_pane: open_pane + this.#openRowCount };
    this.#booksBefore = [this.#books, lost.snapshot(count, 0)].reduce(addBooks, this.#booksBefore);
    this.#books = new Books().snapshot(0, 0);
    this.#openRowCount = 0;
    this.#acknowledgedCount = 0;
  }

  /** Of a worker that does not run: its books. */
  #silentReport(): ShardReport {
    const books = addBooks(this.#booksBefore, this.#books);
    const nothing = { series: [], unknown: [], ignoredFeatures: [], freshSchemas: [], openRowCount: 0 };
    return { ...nothing, books, dedupReachMs: 0 };
  }
}
