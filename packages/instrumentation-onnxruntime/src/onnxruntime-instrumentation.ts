/**
 * onnxruntime-node, and so transformers.js on Node: `InferenceSession.create` tells which model it is, and
 * `InferenceSession.prototype.run` is one inference. The prototype is shared by `require` and `import`, so it is patched
 * in place.
 *
 * The base class's constructor calls `init` and `enable` before the fields of this class exist: they are declared, and
 * made when they are first needed.
 */
import { setMeterProvider, setTracerProvider } from '@leeway/instrumentation';
import { type MeterProvider, metrics, type TracerProvider, trace } from '@opentelemetry/api';
import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
  isWrapped,
} from '@opentelemetry/instrumentation';
import { type Feeds, SessionRecords } from './session-records.ts';

interface Session {
  run(feeds: Feeds, ...rest: unknown[]): Promise<Record<string, unknown>>;
}
interface SessionClass {
  prototype: Session;
  create(...args: unknown[]): Promise<Session>;
}
/** The part of the module that is patched. */
export interface OnnxRuntime {
  readonly InferenceSession: SessionClass;
}
type MaybeDefault = Partial<OnnxRuntime> & { readonly default?: OnnxRuntime };

const VERSION = '0.1.0';
const SUPPORTED = ['>=1.17.0'];

export class OnnxRuntimeInstrumentation extends InstrumentationBase {
  declare private _patched: WeakMap<object, SessionRecords> | undefined;
  declare private _patchedCount: number | undefined;

  constructor(config: InstrumentationConfig = {}) {
    super('@leeway/instrumentation-onnxruntime', VERSION, config);
  }

  /** Copies of the module that are patched. */
  get patchedCount(): number {
    return this._patchedCount ?? 0;
  }

  override setTracerProvider(provider: TracerProvider): void {
    super.setTracerProvider(provider);
    setTracerProvider(provider === trace.getTracerProvider() ? undefined : provider);
  }

  override setMeterProvider(provider: MeterProvider): void {
    super.setMeterProvider(provider);
    // The global one of now may be the no-op of before an SDK: follow the global, whichever it becomes.
    setMeterProvider(provider === metrics.getMeterProvider() ? undefined : provider);
  }

  /** For bundlers, which put the module where no hook sees it: patches the module that is handed over. */
  manuallyInstrument(module: OnnxRuntime): void {
    this._patch(module, undefined);
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition(
      'onnxruntime-node',
      SUPPORTED,
      (module: MaybeDefault, version?: string) => {
        const runtime = runtimeOf(module);
        if (runtime !== undefined) this._patch(runtime, version);
        return module;
      },
      (module: MaybeDefault | undefined) => {
        const runtime = runtimeOf(module);
        if (runtime === undefined) return;
        this._unwrap(runtime.InferenceSession.prototype, 'run');
        this._unwrap(runtime.InferenceSession, 'create');
        this._patchedCount = this.patchedCount - 1;
      },
    );
  }

  /** The module is seen twice when it is imported: once by the hook for `import`, once by the one for `require`. */
  private _patch({ InferenceSession }: OnnxRuntime, runtimeVersion: string | undefined): void {
    if (isWrapped(InferenceSession.prototype.run)) return;
    const records = new SessionRecords(runtimeVersion);
    this._wrap(
      InferenceSession,
      'create',
      (original) =>
        async function create(this: SessionClass, ...args: unknown[]) {
          const started = performance.now();
          const session = await original.apply(this, args);
          records.loaded(session, args[0], performance.now() - started);
          return session;
        },
    );
    this._wrap(
      InferenceSession.prototype,
      'run',
      (original) =>
        function run(this: Session, feeds: Feeds, ...rest: unknown[]) {
          const watched = records.of(this);
          return watched === undefined
            ? original.call(this, feeds, ...rest)
            : watched.run(feeds, () => original.call(this, feeds, ...rest));
        },
    );
    this._patchedCount = this.patchedCount + 1;
  }
}

function runtimeOf(module: MaybeDefault | undefined): OnnxRuntime | undefined {
  return module?.InferenceSession === undefined ? module?.default : (module as OnnxRuntime);
}
