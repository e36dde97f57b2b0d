/** The table of what is instrumented. A further package of instrumentation is one line more. */
import { InferenceHttpInstrumentation } from '@leeway/instrumentation-inference-http';
import { OnnxRuntimeInstrumentation } from '@leeway/instrumentation-onnxruntime';
import { TFJS_MODULES, TfjsInstrumentation } from '@leeway/instrumentation-tfjs';
import type { Instrumentation } from '@opentelemetry/instrumentation';

export interface WatchedLibrary {
  /** As the line at the start names it. */
  readonly name: string;
  /** Modules whose loading is hooked: wrapping every module breaks some applications. */
  readonly modules: readonly string[];
  /** The native part, by which a bundled copy is known. */
  readonly addon?: RegExp;
  readonly supported: string;
  readonly instrumentation: Instrumentation & { readonly patchedCount?: number };
}

export function watchedLibraries(): WatchedLibrary[] {
  return [
    {
      name: 'onnxruntime-node',
      modules: ['onnxruntime-node'],
      addon: /onnxruntime_binding\.node$/,
      supported: '1.17 or later',
      instrumentation: new OnnxRuntimeInstrumentation(),
    },
    {
      name: '@tensorflow/tfjs',
      modules: TFJS_MODULES,
      supported: '3 or 4',
      instrumentation: new TfjsInstrumentation(),
    },
    {
      name: 'fetch to model servers',
      modules: [],
      supported: 'any',
      instrumentation: new InferenceHttpInstrumentation(),
    },
  ];
}
