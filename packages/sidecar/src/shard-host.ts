/**
 * Shards behind one promise-based face, wherever they run: in worker threads, or inline.
 *
 * Invariants
 * 1. A batch that is sent again goes to the same shard, so that its rows are known as duplicates: the shard is chosen
 *    by a checksum of the bytes.
 * 2. A worker that dies is started anew; what it was asked is answered busy, its counts stay in the books, and the
 *    rows of its open panes are lost (state is in memory) and counted as worker restarts.
 */
import { Worker } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { addBooks, type BooksSnapshot } from '@leeway/intake';
import type { AppendOutcome, ReceivedBatch } from './receive/index.ts';
import type { ReferenceEntry } from './reference-match.ts';
import { Shard, type ShardReport, type ShardSettings } from './shard.ts';
import type { Reply, Request } from './worker-messages.ts';

export interface ShardHost {
  append(batch: ReceivedBatch, nowMs: number): Promise<AppendOutcome>;
  report(nowMs: number, closeAll?: boolean): Promise<ShardReport>;
  configure(references: readonly ReferenceEntry[], nowMs: number): Promise<void>;
  retire(beforeMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Bytes of a body that the checksum reads: enough to tell batches apart, little to read. */
const CHECKSUM_BYTES = 4096;
const RETRY_AFTER_SECONDS = 1;

export function startShards(
  settings: ShardSettings,
  workerCount: number,
  onCrash: (error: Error) => void,
): ShardHost[] {
  if (workerCount === 0) return [inlineShard(settings)];
  return Array.from({ length: workerCount }, () => new WorkerShard(settings, onCrash));
}

export function shardOf<T>(shards: readonly T[], { body }: ReceivedBatch): T {
  if (shards.length === 1) return shards[0];
  return shards[crc32(body.subarray(0, CHECKSUM_BYTES), body.length) % shards.length];
}

function inlineShard(settings: ShardSettings): ShardHost {
  const shard = new Shard(settings);
  return {
    append: async (batch, nowMs) => shard.append(batch, nowMs),
    report: async (nowMs, closeAll) => shard.report(nowMs, closeAll),
    configure: async (references, nowMs) => shard.configure(references, nowMs),
    retire: async (beforeMs) => shard.retire(beforeMs),
    close: async () => undefined,
  };
}

class WorkerShard implements ShardHost {
  readonly #onCrash: (error: Error) => void;
  readonly #pending = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  #settings: ShardSettings;
  #worker: Worker;
  #nextId = 0;
  #isClosing = false;
  /** Books of workers that died, as of their last report. */
  #lost: BooksSnapshot[] = [];
  #lastBooks: BooksSnapshot | undefined;

  constructor(settings: ShardSettings, onCrash: (error: Error) => void) {
    this.#settings = settings;
    this.#onCrash = onCrash;
    this.#worker = this.#start();
  }

  async append(batch: ReceivedBatch, nowMs: number): Promise<AppendOutcome> {
    try {
      const reply = await this.#ask({ id: this.#nextId++, kind: 'append', batch, nowMs }, [batch.body.buffer]);
      return reply.kind === 'append' ? reply.outcome : { kind: 'busy', retryAfterSeconds: RETRY_AFTER_SECONDS };
    } catch {
      return { kind: 'busy', retryAfterSeconds: RETRY_AFTER_SECONDS };
    }
  }

  async report(nowMs: number, closeAll = false): Promise<ShardReport> {
    const reply = await this.#ask({ id: this.#nextId++, kind: 'report', nowMs, closeAll });
    if (reply.kind !== 'report') throw new Error('the worker answered something else');
    this.#lastBooks = reply.report.books;
    return { ...reply.report, books: this.#lost.reduce(addBooks, reply.report.books) };
  }

  async configure(references: readonly ReferenceEntry[], nowMs: number): Promise<void> {
    this.#settings = { ...this.#settings, references };
    await this.#ask({ id: this.#nextId++, kind: 'configure', references, nowMs });
  }

  async retire(beforeMs: number): Promise<void> {
    await this.#ask({ id: this.#nextId++, kind: 'retire', beforeMs });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#worker.terminate();
  }

  #ask(request: Request, transfer: ArrayBuffer[] = []): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#pending.set(request.id, { resolve, reject });
      this.#worker.postMessage(request, transfer);
    });
  }

  #start(): Worker {
    // Unbuilt source needs the condition under which packages resolve to their source.
    const isSource = import.meta.url.endsWith('.ts');
    const url = new URL(isSource ? './worker.ts' : './worker.js', import.meta.url);
    const worker = new Worker(url, {
      workerData: this.#settings,
      execArgv: isSource ? ['--conditions=@leeway/source'] : [],
    });
    worker.on('message', (reply: Reply) => {
      this.#pending.get(reply.id)?.resolve(reply);
      this.#pending.delete(reply.id);
    });
    worker.on('error', (error: unknown) => this.#onCrash(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.#onExit());
    return worker;
  }

  #onExit(): void {
    for (const { reject } of this.#pending.values()) reject(new Error('the worker ended'));
    this.#pending.clear();
    if (this.#isClosing) return;
    if (this.#lastBooks !== undefined) this.#lost.push(this.#lastBooks);
    this.#lost = this.#lost.length < 2 ? this.#lost : [this.#lost.reduce(addBooks)];
    this.#lastBooks = undefined;
    this.#worker = this.#start();
  }
}
