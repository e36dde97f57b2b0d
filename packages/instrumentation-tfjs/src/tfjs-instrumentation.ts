/**
 * TensorFlow.js on Node. `@tensorflow/tfjs` takes its models from tfjs-layers and tfjs-converter, which can be used alone:
 * all three are watched for, and a class is patched once.
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
import { ModelRecords } from './model-records.ts';
import { CLASS_NAMES, type ClassName, type ModelClass, patchClass } from './patched-tfjs.ts';

/** The part of the modules that is patched: each has some of these classes. */
export type Tfjs = { readonly [K in ClassName]?: ModelClass };
type MaybeDefault = Tfjs & { readonly default?: Tfjs };

const VERSION = '0.1.0';
const SUPPORTED = ['>=3.0.0 <5'];
export const TFJS_MODULES = ['@tensorflow/tfjs-layers', '@tensorflow/tfjs-converter', '@tensorflow/tfjs'] as const;

interface PatchedClass {
  readonly name: ClassName;
  readonly records: ModelRecords;
  restore: (() => void) | undefined;
}

/**
 * @example registerInstrumentations({ instrumentations: [new TfjsInstrumentation()] });
 */
export class TfjsInstrumentation extends InstrumentationBase {
  declare private _classes: Map<ModelClass, PatchedClass> | undefined;
  /** Shared by all: the guard against nested calls must see a Sequential and the LayersModel within it. */
  declare private _records: Map<string, ModelRecords> | undefined;

  constructor(config: InstrumentationConfig = {}) {
    super('@leeway/instrumentation-tfjs', VERSION, config);
  }

  /** Classes that are patched. */
  get patchedCount(): number {
    return [...(this._classes?.values() ?? [])].filter(({ restore }) => restore !== undefined).length;
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
   * import * as tf from '@tensorflow/tfjs';
   * new TfjsInstrumentation().manuallyInstrument(tf);
   */
  manuallyInstrument(module: Tfjs): void {
    this._patch(module, undefined);
  }

  override enable(): void {
    super.enable();
    for (const [target, patched] of this._classes ?? [])
      patched.restore ??= patchClass(patched.name, target, patched.records);
  }

  override disable(): void {
    super.disable();
    for (const patched of this._classes?.values() ?? []) {
      patched.restore?.();
      patched.restore = undefined;
    }
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    return TFJS_MODULES.map(
      (name) =>
        new InstrumentationNodeModuleDefinition(name, SUPPORTED, (module: MaybeDefault, version?: string) => {
          this._patch(module, version);
          return module;
        }),
    );
  }

  private _patch(module: MaybeDefault | undefined, runtimeVersion: string | undefined): void {
    try {
      this._classes ??= new Map();
      for (const name of CLASS_NAMES) {
        const target = module?.[name] ?? module?.default?.[name];
        if (typeof target !== 'function' || this._classes.has(target)) continue;
        const records = this._recordsOf(runtimeVersion ?? versionOf(module));
        if (records.isDisabled) return;
        this._classes.set(target, { name, records, restore: patchClass(name, target, records) });
      }
    } catch (error) {
      diag.warn('@leeway/instrumentation-tfjs: TensorFlow.js could not be instrumented', error);
    }
  }

  private _recordsOf(version: string | undefined): ModelRecords {
    this._records ??= new Map();
    const known = this._records.get(version ?? '') ?? new ModelRecords(version);
    this._records.set(version ?? '', known);
    return known;
  }
}

/** `version` of @tensorflow/tfjs is a table by package, `version_layers` a text: a bundle has no package.json. */
function versionOf(module: MaybeDefault | undefined): string | undefined {
  const { version, version_layers, version_converter } = (module ?? {}) as Readonly<Record<string, unknown>>;
  const table = version as { readonly tfjs?: unknown } | undefined;
  return [table?.tfjs, version_layers, version_converter].find((text) => typeof text === 'string') as
    | string
    | undefined;
}
