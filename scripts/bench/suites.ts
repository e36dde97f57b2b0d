import { benchCollect } from './collect.ts';
import { benchEngine, benchMemory } from './engine.ts';
import { benchHttp, benchLoop } from './http.ts';
import { benchInProcess } from './in-process.ts';
import { benchInstrumentation } from './instrumentation.ts';
import { benchOnnxRuntime } from './onnxruntime.ts';
import { benchPendingLabels } from './pending-labels.ts';
import type { BenchSuite } from './result.ts';
import { benchScan } from './scan.ts';

/** In the order of the data's way through the process. */
export const SUITES: Readonly<Record<string, BenchSuite>> = {
  instrumentation: benchInstrumentation,
  onnxruntime: benchOnnxRuntime,
  scan: benchScan,
  http: benchHttp,
  loop: benchLoop,
  engine: benchEngine,
  memory: benchMemory,
  collect: benchCollect,
  'in-process': benchInProcess,
  'pending labels': benchPendingLabels,
};
