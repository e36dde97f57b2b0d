/**
 * One copy of onnxruntime whose `create` and `run` are watched, and can be put back. The class and its prototype are
 * shared by every way of importing the module, so they are patched in place. Should somebody have wrapped them since, the
 * originals cannot be put back: then the watching functions stay and only pass on.
 */
import { replaceMethod } from '@leeway/instrumentation/tensors';
import { type Args, type SessionLike, SessionRecords } from './session-records.ts';

interface Session extends SessionLike {
  run(this: SessionLike, ...args: Args): Promise<Record<string, unknown>>;
}
export interface SessionClass {
  prototype: Session;
  create(...args: unknown[]): Promise<Session>;
}

const WATCHED = Symbol.for('leeway.onnxruntime.watched');
type Watchable = SessionClass & { [WATCHED]?: boolean };

export class PatchedRuntime {
  readonly sessionClass: SessionClass;
  readonly #runtimeVersion: string | undefined;
  #restore: (() => void) | undefined;

  constructor(sessionClass: SessionClass, runtimeVersion: string | undefined) {
    this.sessionClass = sessionClass;
    this.#runtimeVersion = runtimeVersion;
  }

  get isPatched(): boolean {
    return this.#restore !== undefined;
  }

  /** Does nothing when another copy of this package watches the class already. */
  patch(): void {
    const target: Watchable = this.sessionClass;
    if (this.isPatched || Object.hasOwn(target, WATCHED)) return;
    const records = new SessionRecords(this.#runtimeVersion);
    if (records.isDisabled) return;
    const state = { isOn: true };
    const restoreCreate = replaceMethod(target, 'create', (original) => watchedCreate(original, records, state));
    const restoreRun = replaceMethod(target.prototype, 'run', (original) => watchedRun(original, records, state));
    Object.defineProperty(target, WATCHED, { value: true, configurable: true, enumerable: false });
    this.#restore = () => {
      state.isOn = false;
      restoreCreate?.();
      restoreRun?.();
      delete target[WATCHED];
    };
  }

  unpatch(): void {
    this.#restore?.();
    this.#restore = undefined;
  }
}

interface State {
  readonly isOn: boolean;
}

function watchedCreate(
  original: SessionClass['create'],
  records: SessionRecords,
  state: State,
): SessionClass['create'] {
  return async function create(this: SessionClass, ...args: unknown[]) {
    if (!state.isOn) return original.apply(this, args);
    const started = performance.now();
    let session: Session;
    try {
      session = await original.apply(this, args);
    } catch (error) {
      records.failed(args, performance.now() - started, error);
      throw error;
    }
    records.loaded(session, args, performance.now() - started);
    return session;
  };
}

function watchedRun(original: Session['run'], records: SessionRecords, state: State): Session['run'] {
  const isOwn = isOfRuntime(original);
  return function run(this: Session, ...args: Args) {
    return state.isOn ? records.run(this, args, original, isOwn) : original.apply(this, args);
  };
}

/** Somebody may have wrapped it before: what runs in there has to find the span. */
function isOfRuntime(run: Session['run']): boolean {
  return /\bthis\.handler\.run\(/.test(Function.prototype.toString.call(run));
}
