/**
 * Calls back when one of the files changed: after a quiet moment, because editors and config maps write in several
 * steps. Folders are watched, not files: a file that is replaced by renaming is another file.
 */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

const QUIET_MS = 200;

export class ReloadWatch {
  readonly #onChange: () => void;
  #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Watches these files instead of those before. A folder that cannot be watched is left out: SIGHUP still reloads. */
  watch(files: readonly string[]): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
    for (const folder of new Set(files.map((file) => dirname(file)))) {
      const names = new Set(files.filter((file) => dirname(file) === folder).map((file) => basename(file)));
      try {
        const watcher = watch(folder, { persistent: false }, (_, name) => {
          // `..data` is how Kubernetes swaps a config map.
          if (name === null || names.has(name) || name === '..data') this.#changed();
        });
        watcher.on('error', () => watcher.close());
        this.#watchers.push(watcher);
      } catch {
        // Not every file system can be watched.
      }
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }

  #changed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onChange, QUIET_MS);
  }
}
