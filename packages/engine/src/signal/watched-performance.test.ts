import { expect, test } from 'vitest';
import { classifierProfile } from '../../test/performance-profile.ts';
import { METRICS, outcomesOf } from '../../test/performance-traffic.ts';
import { profileOf } from '../../test/sample-profile.ts';
import { OutcomePanes } from '../performance/outcome-panes.ts';
import type { ReferenceProfile } from '../reference/profile.ts';
import { compileLayout } from '../sketch/layout.ts';
import { createPane } from '../sketch/pane.ts';
import { STATUS } from './evaluation.ts';
import { MONITOR_DEFAULTS, policyFor, type WindowSettings } from './monitor-settings.ts';
import type { PerformancePolicy } from './performance-policy.ts';
import { WatchedModels } from './watched-models.ts';

const WINDOW: WindowSettings = { windowMs: 4_000, paneMs: 1_000, paneCount: 4, latenessMs: 0, skewMs: 0, mode: 'wall' };
const KEY = { environment: 'prod', model: 'sample', version: '1' };
const PROFILE = classifierProfile(METRICS);

function watch(profile: ReferenceProfile, performance: PerformancePolicy = {}) {
  const settings = { performance };
  const models = new WatchedModels({
    window: WINDOW,
    policyOf: (reference) => ({ ...policyFor(MONITOR_DEFAULTS, reference), ...settings }),
    elapsedMs: () => 0,
    pause: async () => undefined,
  });
  const references = [{ model: 'sample', version: '1', profile, file: 'reference.json' }];
  models.configure(references, 0);
  const layout = compileLayout(profile);
  const pane = { index: 0, startMs: 0, endMs: 1_000, state: createPane(layout) };
  const report = {
    ...KEY,
    referenceId: profile.id,
    sinceMs: 0,
    lastRowsMs: 500,
    panes: [pane],
    closedThroughMs: 1_000,
  };
  models.take([{ ...report, isEnded: false }], [], 1_000);
  return { models, settings, references, only: () => [...models.monitored()][0] };
}

function closedPanes(noise = 0, segments: readonly string[] = []) {
  const panes = OutcomePanes.of(PROFILE, { paneMs: 1_000, segments })!;
  for (let pane = 0; pane < 4; pane++) panes.addOutcomes(outcomesOf(pane, { rows: 500, seed: pane, noise }));
  return panes.takeClosed(4_000);
}

test('panes of performance are judged beside those of drift, and keep their model alive', async () => {
  const { models, only } = watch(PROFILE);
  models.takePerformance([{ ...KEY, referenceId: PROFILE.id, panes: closedPanes(1) }], 4_000);
  await models.evaluate();
  expect(only().performance.evaluation?.status).toBe(STATUS.critical);
  expect(models.retire(3_000, 4_000)).toEqual([]);
});

test('a reference without labels has no performance; panes for it, or for nobody, change nothing', async () => {
  const { models, only } = watch(profileOf({ x: [1, 2, 3] }, { noiseTables: false }));
  models.takePerformance([{ ...KEY, referenceId: only().reference.id, panes: closedPanes() }], 4_000);
  models.takePerformance([{ ...KEY, model: 'nobody', referenceId: PROFILE.id, panes: closedPanes() }], 4_000);
  await models.evaluate();
  expect(only().performance.evaluation).toBeUndefined();
});

test('a policy that does not fit its reference is refused before anything changes', () => {
  const { models, settings, references } = watch(PROFILE);
  settings.performance = { metrics: ['mae'] };
  expect(() => models.configure(references, 0)).toThrow('mae does not fit a model of classification');
});

test('other targets apply from the next window on, other segments with the rows that have them', async () => {
  const { models, settings, references, only } = watch(PROFILE, { metrics: ['auroc'] });
  models.takePerformance([{ ...KEY, referenceId: PROFILE.id, panes: closedPanes() }], 4_000);
  await models.evaluate();
  expect(only().performance.evaluation?.status).toBe(STATUS.ok);
  settings.performance = { metrics: ['auroc'], targets: { auroc: 0.99 } };
  models.configure(references, 4_000);
  models.takePerformance([], 5_000);
  await models.evaluate();
  expect(only().performance.evaluation?.status).toBe(STATUS.critical);
  settings.performance = { metrics: ['auroc'], segments: ['country=fr', 'country=de'] };
  models.configure(references, 4_000);
  models.takePerformance([], 6_000);
  await models.evaluate();
  expect(only().performance.evaluation?.segments.map(({ segment, labelCount }) => [segment, labelCount])).toEqual([
    ['country=fr', 0],
    ['country=de', 0],
  ]);
});

test('the bytes of watched models hold their performance', async () => {
  const { models, only } = watch(PROFILE);
  models.takePerformance([{ ...KEY, referenceId: PROFILE.id, panes: closedPanes() }], 4_000);
  await models.evaluate();
  const other = watch(PROFILE);
  expect(other.models.restore(models.snapshot())).toBe(true);
  expect([...other.only().performance.monitor!.outcomes]).toEqual([...only().performance.monitor!.outcomes]);
});
