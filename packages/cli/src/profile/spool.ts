/**
 * Columns of numbers on disk, one file a column, so that memory does not grow with the rows: written once, read several
 * times from the start.
 *
 * Invariant: who gave the folder removes it, also when the process is interrupted.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BUFFER_VALUES = 8192;
/** Values that a scan hands over at once. */
const SCAN_VALUES = 1 << 15;

export class SpoolFolder {
  readonly #path: string;
  readonly #spools: Spool[] = [];
  /** Of the one spool that is being scanned. */
  readonly #chunk = new Float64Array(SCAN_VALUES);

  constructor(path: string) {
    this.#path = path;
  }

  create(): Spool {
    const spool = new Spool(join(this.#path, `${this.#spools.length}.f64`), this.#chunk);
    this.#spools.push(spool);
    return spool;
  }

  close(): void {
    for (const spool of this.#spools) spool.close();
  }
}

export class Spool {
  readonly #fd: number;
  readonly #chunk: Float64Array;
  readonly #buffer = new Float64Array(BUFFER_VALUES);
  #held = 0;
  #size = 0;
  #isOpen = true;

  /** @param chunk what scans hand over; shared, because one column is scanned at a time */
  constructor(path: string, chunk: Float64Array) {
    this.#chunk = chunk;
    this.#fd = openSync(path, 'w+');
  }

  /** Values that were written. */
  get size(): number {
    return this.#size + this.#held;
  }

  write(value: number): void {
    this.#buffer[this.#held++] = value;
    if (this.#held === BUFFER_VALUES) this.#flush();
  }

  /** Calls `visit` with chunk after chunk; the array is reused. */
  scan(visit: (values: Float64Array, count: number) => void): void {
    this.#flush();
    for (let at = 0; at < this.#size; ) {
      const count = this.readAt(at, this.#chunk);
      visit(this.#chunk, count);
      at += count;
    }
  }

  /** Fills `into` from value number `at` on; returns how many there were. */
  readAt(at: number, into: Float64Array): number {
    this.#flush();
    const wanted = Math.min(into.length, this.#size - at) * 8;
    const bytes = new Uint8Array(into.buffer, into.byteOffset, wanted);
    for (let done = 0; done < wanted; ) {
      const read = readSync(this.#fd, bytes, done, wanted - done, at * 8 + done);
      if (read === 0) throw new Error('a spool file became shorter while it was read');
      done += read;
    }
    return wanted / 8;
  }

  close(): void {
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
  }

  #flush(): void {
    if (this.#held === 0) return;
    const bytes = new Uint8Array(this.#buffer.buffer, 0, this.#held * 8);
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#size * 8 + done);
    }
    this.#size += this.#held;
    this.#held = 0;
  }
}
