import { expect, test } from 'vitest';
import { classifierProfile, regressorProfile } from '../../test/performance-profile.ts';
import { MONITOR_DEFAULTS, policyFor } from './monitor-settings.ts';
import { performancePolicyFor } from './performance-settings.ts';

const SETTINGS = {
  metrics: ['auroc', 'mae'],
  targets: { auroc: 0.65, mae: 3 },
  margins: { auroc: { warning: 0.02, critical: 0.04 } },
  min_labels: 50,
  models: { sample: { targets: { accuracy: 0.7 }, metrics: ['accuracy', 'auroc'] } },
};

test('what is said of a model comes before what is said for all, metric by metric', () => {
  expect(performancePolicyFor(SETTINGS, classifierProfile())).toEqual({
    metrics: ['accuracy', 'auroc'],
    targets: { auroc: 0.65, accuracy: 0.7 },
    margins: { auroc: { warning: 0.02, critical: 0.04 } },
    labelsMin: 50,
  });
});

test('what is said for all applies as far as it fits the task', () => {
  const { models: _, ...all } = SETTINGS;
  expect(performancePolicyFor(all, regressorProfile())).toEqual({
    metrics: ['mae'],
    targets: { mae: 3 },
    margins: {},
    labelsMin: 50,
  });
  expect(performancePolicyFor({ metrics: ['auroc'] }, regressorProfile())).toEqual({});
});

test('a model that is called as a property of all objects has no settings by that', () => {
  const profile = { ...classifierProfile(), model: { name: 'constructor' } };
  expect(performancePolicyFor({ models: {} }, profile)).toEqual({});
});

test('the policy of a host without settings judges performance by the reference', () => {
  expect(policyFor(MONITOR_DEFAULTS, classifierProfile()).performance).toEqual({});
});
