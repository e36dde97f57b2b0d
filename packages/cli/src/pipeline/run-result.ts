/** What the command of a step says of its run: a JSON file whose path it finds in LEEWAY_PIPELINE_RESULT. */
import { readFileSync } from 'node:fs';
import type { PipelineResult } from '@leeway/instrumentation';
import { z } from 'zod';

export const RESULT_VARIABLE = 'LEEWAY_PIPELINE_RESULT';

const BYTES_MAX = 1_000_000;

const shape = z.strictObject({
  rows: z.number().int().min(0).optional(),
  data_version: z.string().max(256).optional(),
  cost: z.number().min(0).optional(),
  metrics: z.record(z.string().max(256), z.number()).optional(),
});

export type ReadResult = { readonly result: PipelineResult; readonly problem?: string };

/** Never throws: a run that went well is not failed by what it said of itself. */
export function readRunResult(path: string): ReadResult {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return { result: {} };
  }
  if (text.trim() === '') return { result: {} };
  if (text.length > BYTES_MAX) return { result: {}, problem: `is longer than ${BYTES_MAX} characters` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { result: {}, problem: `is no JSON: ${(error as Error).message}` };
  }
  const read = shape.safeParse(value);
  if (!read.success) {
    const [{ path: at, message }] = read.error.issues;
    const keys = Object.keys(shape.shape).join(', ');
    return { result: {}, problem: `/${at.join('/')}: ${message}; it may have ${keys}` };
  }
  const { rows, data_version: dataVersion, cost, metrics } = read.data;
  return {
    result: {
      ...(rows === undefined ? {} : { rows }),
      ...(dataVersion === undefined ? {} : { dataVersion }),
      ...(cost === undefined ? {} : { cost }),
      ...(metrics === undefined ? {} : { metrics }),
    },
  };
}
