/** What a configuration says of performance: which metrics, what must be reached, of whom. */
import { PERFORMANCE_METRICS, performancePolicyFault, performancePolicyFrom, SEGMENTS_MAX } from '@leeway/engine';
import { z } from 'zod';
import { nearest } from './nearest.ts';

const MODELS_MAX = 10_000;
const NAMES = Object.keys(PERFORMANCE_METRICS);

const level = (what: string) => z.number().describe(what);
const margin = z.strictObject({
  warning: level('From which on it matters.'),
  critical: level('From which on it is critical.'),
});
const target = z.union([z.number(), margin], { error: 'must be a number, or { warning, critical }' });

const settings = {
  metrics: z
    .array(z.string())
    .describe(`Metrics that are judged, of ${NAMES.join(', ')}. Default: all that fit the model.`)
    .optional(),
  targets: z
    .record(z.string(), target)
    .describe(
      'By metric, what must be reached, such as auroc: 0.65; or { warning, critical }. Without one: the reference’s own performance less the margin.',
    )
    .optional(),
  margins: z
    .record(z.string(), margin)
    .describe('By metric, how much worse than the reference matters, in the unit of the metric.')
    .optional(),
  min_labels: z
    .number()
    .int()
    .positive()
    .describe('Effective rows with a label below which a window is not judged. Default: 200.')
    .optional(),
  segments: z
    .array(z.string())
    .describe(`Slices that are judged apart, key=value of ml.segments.<key>, at most ${SEGMENTS_MAX}.`)
    .optional(),
};

type Settings = z.output<z.ZodObject<typeof settings>>;

const model = z.strictObject(settings).superRefine(check);

export const performance = z
  .strictObject({
    ...settings,
    models: z
      .record(z.string(), model)
      .describe('By name of the model, as its reference has it: comes before what is said for all.')
      .refine((models) => Object.keys(models).length <= MODELS_MAX, { message: `at most ${MODELS_MAX} models` })
      .default({}),
  })
  .superRefine(check);

/** What is wrong whatever the model is; whether it fits the model is known when its reference is read. */
function check(given: Settings, context: z.RefinementCtx): void {
  const fault = performancePolicyFault(performancePolicyFrom(given));
  if (fault === undefined) return;
  const named = fault.path.length > 1 ? [fault.path[1]] : (given.metrics ?? []);
  const unknown = named.find((name) => !NAMES.includes(name));
  const meant = unknown === undefined ? undefined : nearest(unknown, NAMES);
  const message = meant === undefined ? fault.message : `no metric ${JSON.stringify(unknown)}; did you mean ${meant}?`;
  context.addIssue({ code: 'custom', path: [...fault.path], message });
}
