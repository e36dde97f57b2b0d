/** Reference profiles of models whose performance is known, for tests. */
import type { PerformanceReference, ReferenceProfile } from '@leeway/engine';
import { profileOf } from './sample-profile.ts';

const EDGES = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);
const NONE = { scores: [], shares: [] };

/** Of `no` and `yes`; scores are probabilities as they are. */
export function classifierProfile(metrics: PerformanceReference['metrics'] = []): ReferenceProfile {
  return withPerformance({
    truth: 'truth',
    rowCount: 20_000,
    classification: { classes: ['no', 'yes'], scoreEdges: [EDGES], calibration: [NONE] },
    metrics,
  });
}

export function multiclassProfile(metrics: PerformanceReference['metrics'] = []): ReferenceProfile {
  const classes = ['a', 'b', 'c'];
  return withPerformance({
    truth: 'truth',
    rowCount: 20_000,
    classification: { classes, scoreEdges: classes.map(() => EDGES), calibration: classes.map(() => NONE) },
    metrics,
  });
}

/** Predictions below 1 miss by 1, others by 3; both to either side. */
export function regressorProfile(metrics: PerformanceReference['metrics'] = []): ReferenceProfile {
  return withPerformance({
    truth: 'truth',
    rowCount: 20_000,
    regression: {
      center: 0,
      nearZero: 1e-6,
      residualEdges: [-1, 0, 1],
      loss: { edges: [1], absolute: [1, 3], squared: [1, 9], signed: [0, 0] },
    },
    metrics,
  });
}

function withPerformance(performance: PerformanceReference): ReferenceProfile {
  const base = profileOf({ x: Array.from({ length: 500 }, (_, i) => i) }, { noiseTables: false });
  const what = performance.classification?.classes.length ?? 'numbers';
  return { ...base, id: `${base.id.slice(0, 60)}-${what}`, schemaVersion: 3, performance };
}
