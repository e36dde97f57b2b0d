/**
 * onnxruntime-node, and so transformers.js on Node: `InferenceSession.create` tells which model it is, and
 * `InferenceSession.prototype.run` is one inference.
 *
 * The base class's constructor calls `init` and `enable` before the fields of this class exist: they are declared, and
 * made when they are first needed.
 */
import { setMeterProvider, setTracerProvider } from '@leeway/instrumentation';
import { diag, type MeterProvider, metrics, type TracerProvider, trace } from '@opentelemetry/api';
import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation';
import { PatchedRuntime, type SessionClass } from './patched-runtime.ts';

/** The part of the module that is patched. */
export interface OnnxRuntime {
  readonly InferenceSession: SessionClass;
}
type MaybeDefault = Partial<OnnxRuntime> & { readonly default?: OnnxRuntime };

const VERSION = '0.1.0';
const SUPPORTED = ['>=1.17.0'];

/**
 * @example registerInstrumentations({ instrumentations: [new OnnxRuntimeInstrumentation()] });
 */
export class OnnxRuntimeInstrumentation extends InstrumentationBase {
  /** By class: a program may load several copies of the module. */
  declare private _runtimes: Map<SessionClass, PatchedRuntime> | undefined;

  constructor(config: InstrumentationConfig = {}) {
    super('@leeway/instrumentation-onnxruntime', VERSION, config);
  }

  /** Copies of the module that are patched. */
  get patchedCount(): number {
    return [...(this._runtimes?.values() ?? [])].filter(({ isPatched }) => isPatched).length;
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

  /**
   * For bundlers, which put the module where no hook sees it: patches the module that is handed over.
   *
   * @example
   * import * as onnxruntime from 'onnxruntime-node';
   * new OnnxRuntimeInstrumentation().manuallyInstrument(onnxruntime);
   */
  manuallyInstrument(module: OnnxRuntime): void {
    this._patch(module, undefined);
  }

  /** The base class knows the last copy of a module only. */
  override enable(): void {
    super.enable();
    for (const runtime of this._runtimes?.values() ?? []) runtime.patch();
  }

  override disable(): void {
    super.disable();
    for (const runtime of this._runtimes?.values() ?? []) runtime.unpatch();
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition(
      'onnxruntime-node',
      SUPPORTED,
      (module: MaybeDefault, version?: string) => {
        this._patch(module, version);
        return module;
      },
    );
  }

  /** The module is seen twice when it is imported: once by the hook for `import`, once by the one for `require`. */
  private _patch(module: MaybeDefault | undefined, runtimeVersion: string | undefined): void {
    try {
      const sessionClass = module?.InferenceSession ?? module?.default?.InferenceSession;
      if (typeof sessionClass?.create !== 'function' || typeof sessionClass.prototype?.run !== 'function') return;
      this._runtimes ??= new Map();
      let runtime = this._runtimes.get(sessionClass);
      if (runtime === undefined) {
        runtime = new PatchedRuntime(sessionClass, runtimeVersion ?? versionOf(module));
        this._runtimes.set(sessionClass, runtime);
      }
      runtime.patch();
    } catch (error) {
      diag.warn('@leeway/instrumentation-onnxruntime: onnxruntime-node could not be instrumented', error);
    }
  }
}

interface Versions {
  readonly env?: { readonly versions?: { readonly node?: string } };
}

/** The module tells its own version, too: a bundle has no package.json. */
function versionOf(module: MaybeDefault | undefined): string | undefined {
  const { env, default: fallback } = (module ?? {}) as Versions & { readonly default?: Versions };
  return (env ?? fallback?.env)?.versions?.node;
}
