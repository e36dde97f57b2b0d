/** The declaration of what a profile says of the model itself: how right it was, and what it goes by. */
import { CLASSES_MAX, SCORE_BINS_MAX } from '../performance/classification-layout.ts';
import { LOSS_BINS } from '../performance/loss-model.ts';
import { PERFORMANCE_METRICS, type PerformanceMetric } from '../performance/performance-metric.ts';
import { RESIDUAL_BINS_MAX } from '../performance/regression-outcomes.ts';
import { PROFILE_LIMITS } from './limits.ts';
import { IMPORTANCE_METHODS, type ImportanceReference, type PerformanceReference } from './profile.ts';
import { array, join, number, object, oneOf, optional, refine, required, type Shape, text } from './shape.ts';
import { requireAscending, requireLength } from './shape-conditions.ts';

const LIMITS = PROFILE_LIMITS;
const METRICS = Object.keys(PERFORMANCE_METRICS) as PerformanceMetric[];
const name = (): Shape<string> => text({ minLength: 1, maxLength: LIMITS.nameLengthMax });
const count = (): Shape<number> => number({ min: 0, whole: true });
const ascending = (maxItems: number): Shape<number[]> =>
  refine(array(number(), { maxItems }), (value, path, problems) => requireAscending(value, path, problems));

const calibration = refine(
  object({
    scores: required(ascending(LIMITS.calibrationPointCountMax)),
    shares: required(array(number({ min: 0, max: 1 }), { maxItems: LIMITS.calibrationPointCountMax })),
  }),
  ({ scores, shares }, path, problems) =>
    requireLength(shares, scores.length, join(path, 'shares'), 'as many as scores', problems),
);

const classification = refine(
  object({
    classes: required(array(name(), { minItems: 2, maxItems: CLASSES_MAX })),
    scoreEdges: required(array(ascending(SCORE_BINS_MAX - 1), { maxItems: CLASSES_MAX })),
    calibration: required(array(calibration, { maxItems: CLASSES_MAX })),
  }),
  ({ classes, scoreEdges, calibration: maps }, path, problems) => {
    const expected = classes.length === 2 ? 1 : classes.length;
    if (new Set(classes).size !== classes.length) problems.add(join(path, 'classes'), 'names a class twice');
    if (scoreEdges.length > 0)
      requireLength(scoreEdges, expected, join(path, 'scoreEdges'), 'one a score, or none', problems);
    requireLength(maps, scoreEdges.length, join(path, 'calibration'), 'as many as scoreEdges', problems);
  },
);

const regression = refine(
  object({
    center: required(number()),
    nearZero: required(number({ min: 0 })),
    residualEdges: required(ascending(RESIDUAL_BINS_MAX - 1)),
    loss: required(
      object({
        edges: required(ascending(LOSS_BINS - 1)),
        absolute: required(array(number({ min: 0 }), { maxItems: LOSS_BINS })),
        squared: required(array(number({ min: 0 }), { maxItems: LOSS_BINS })),
        signed: required(array(number(), { maxItems: LOSS_BINS })),
      }),
    ),
  }),
  ({ loss }, path, problems) => {
    for (const key of ['absolute', 'squared', 'signed'] as const)
      requireLength(loss[key], loss.edges.length + 1, join(path, 'loss', key), 'one more than the edges', problems);
  },
);

export const performance: Shape<PerformanceReference> = refine(
  object({
    truth: required(name()),
    rowCount: required(count()),
    classification: optional(classification),
    regression: optional(regression),
    metrics: required(
      array(
        object({
          metric: required(oneOf(METRICS)),
          value: required(number()),
          standardError: optional(number({ min: 0 })),
        }),
        { maxItems: METRICS.length },
      ),
    ),
  }),
  (value, path, problems) => {
    if ((value.classification === undefined) === (value.regression === undefined))
      problems.add(path, 'must have either classification or regression');
  },
);

export const importances: Shape<ImportanceReference> = object({
  method: required(oneOf(IMPORTANCE_METHODS)),
  rowCount: required(count()),
  features: required(
    array(object({ name: required(name()), value: required(number()), standardError: optional(number({ min: 0 })) }), {
      maxItems: LIMITS.columnCountMax,
    }),
  ),
});
