/** Which versions of a model may have predictions that wait: a label that names no version may be of any of them. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

export class Versions {
  readonly #db: DatabaseSync;
  readonly #spanMs: number;
  readonly #write: StatementSync;
  /** Time of the last prediction that is in the file, by version, by model. The newest version is the last. */
  readonly #lastMs = new Map<string, Map<string, number>>();

  /** @param spanMs that the time in the file may be behind */
  constructor(db: DatabaseSync, spanMs: number) {
    this.#db = db;
    this.#spanMs = spanMs;
    db.exec(
      'CREATE TABLE IF NOT EXISTS versions (model TEXT, version TEXT, last_ms REAL, PRIMARY KEY (model, version))',
    );
    this.#write = db.prepare(
      'INSERT INTO versions VALUES (?, ?, ?) ON CONFLICT (model, version) DO UPDATE SET last_ms = excluded.last_ms',
    );
    this.read();
  }

  /** What the file says. */
  read(): void {
    this.#lastMs.clear();
    for (const { model, version, last_ms } of this.#db.prepare('SELECT * FROM versions ORDER BY rowid').all())
      this.#versionsOf(String(model)).set(String(version), Number(last_ms));
  }

  /** A prediction of this version came. */
  note(model: string, version: string, nowMs: number): void {
    const versions = this.#versionsOf(model);
    const lastMs = versions.get(version);
    if (lastMs !== undefined && nowMs - lastMs < this.#spanMs) return;
    versions.set(version, nowMs);
    this.#write.run(model, version, nowMs);
  }

  get models(): string[] {
    return [...this.#lastMs.keys()];
  }

  of(model: string): Iterable<string> {
    return this.#lastMs.get(model)?.keys() ?? [];
  }

  /** Forgets those whose last prediction came before this time. */
  dropBefore(ms: number): void {
    for (const [model, versions] of this.#lastMs) {
      for (const [version, lastMs] of versions) {
        if (lastMs + this.#spanMs > ms) continue;
        versions.delete(version);
        this.#db.prepare('DELETE FROM versions WHERE model = ? AND version = ?').run(model, version);
      }
      if (versions.size === 0) this.#lastMs.delete(model);
    }
  }

  #versionsOf(model: string): Map<string, number> {
    let versions = this.#lastMs.get(model);
    if (versions === undefined) {
      versions = new Map();
      this.#lastMs.set(model, versions);
    }
    return versions;
  }
}
