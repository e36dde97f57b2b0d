/**
 * Says once that a library was loaded and not instrumented. What was loaded before this package is known at once; what is
 * bundled or too old some time after it was loaded, when the hooks had their chance.
 */
import type { FactLog } from './fact-log.ts';
import { type LoadedCopy, loadedCopies } from './loaded-copies.ts';
import type { WatchedLibrary } from './watched-libraries.ts';

export type MissedReason = 'loaded_before' | 'bundled' | 'not_patched';

const CHECKS_MS = [1_000, 10_000] as const;

export class LibraryWatch {
  readonly #libraries: readonly WatchedLibrary[];
  readonly #facts: FactLog;
  readonly #say: (message: string) => void;
  readonly #before: ReadonlySet<string>;
  readonly #said = new Set<string>();
  /** Loaded and unpatched at the check before: being loaded just then is no fault. */
  #suspects = new Set<string>();
  isRecording = false;

  /** To be made before anything is patched. */
  constructor(libraries: readonly WatchedLibrary[], facts: FactLog, say: (message: string) => void) {
    this.#libraries = libraries;
    this.#facts = facts;
    this.#say = say;
    const before = loadedCopies(libraries);
    this.#before = new Set(before.map(({ path }) => path));
    for (const copy of before) this.#tell(copy, 'loaded_before');
    for (const ms of CHECKS_MS) setTimeout(() => this.check(false), ms).unref();
  }

  /** Libraries that are instrumented now, with their versions. */
  patched(): string[] {
    const copies = loadedCopies(this.#libraries);
    return this.#libraries
      .filter(({ instrumentation }) => (instrumentation.patchedCount ?? 0) > 0)
      .map(({ name }) => {
        const version = copies.find(({ library, module }) => library === name && module === name)?.version;
        return version === undefined ? name : `${name} ${version}`;
      });
  }

  /** @param isLast whether what is loaded now had all its time */
  check(isLast: boolean): void {
    const suspects = new Set<string>();
    for (const library of this.#libraries) {
      const copies = loadedCopies([library]).filter(({ path }) => !this.#before.has(path));
      const count = library.instrumentation.patchedCount ?? 0;
      const isMissed = library.addon === undefined ? count === 0 : count < copies.length;
      for (const copy of copies) {
        // Which of several copies was missed is not known: the last that was loaded.
        if (!isMissed || (library.addon !== undefined && copy !== copies.at(-1))) {
          this.#facts.note({ fact: 'library', ...copy, isPatched: true });
          continue;
        }
        suspects.add(copy.path);
        const isSure = isLast || this.#suspects.has(copy.path);
        // The application may have instrumented it by itself, by hand in a bundle: then something is recorded.
        if (isSure && !(this.isRecording && (copy.isBundled || count === 0)))
          this.#tell(copy, copy.isBundled ? 'bundled' : 'not_patched');
      }
    }
    this.#suspects = suspects;
  }

  #tell(copy: LoadedCopy, reason: MissedReason): void {
    if (this.#said.has(copy.library)) return;
    this.#said.add(copy.library);
    const library = this.#libraries.find(({ name }) => name === copy.library);
    const what = copy.version === undefined ? copy.module : `${copy.module} ${copy.version}`;
    this.#facts.note({ fact: 'library', ...copy, isPatched: false, reason, supported: library?.supported });
    this.#say(`${what} is loaded but not instrumented: ${fixOf(reason, library?.supported)} (${copy.path})`);
  }
}

function fixOf(reason: MissedReason, supported: string | undefined): string {
  if (reason === 'loaded_before')
    return 'something loaded it before Leeway; put --import @leeway/register first, before every --require and --import';
  if (reason === 'bundled')
    return 'it is part of a bundle, where no hook sees it; leave it out of the bundle, or hand it to manuallyInstrument()';
  return `supported is ${supported}; a second copy, or a version beyond that, is not seen`;
}
