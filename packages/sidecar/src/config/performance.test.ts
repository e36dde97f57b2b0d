import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sealProfile } from '@leeway/engine';
import { describe, expect, onTestFinished, test } from 'vitest';
import { classifierProfile } from '../../../engine/test/performance-profile.ts';
import { profileOf } from '../../../engine/test/sample-profile.ts';
import { checkConfig } from '../source.ts';
import { formatProblem, loadConfig } from './load.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const problemsIn = (text: string): readonly string[] => {
  const loaded = loadConfig(text, 'leeway.yaml', {});
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
};

/** Problems of a configuration beside a reference of the model `sample`, with labels or without. */
function checked(text: string, isLabelled = true): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const profile = isLabelled ? classifierProfile() : profileOf({ x: [1, 2, 3] }, { noiseTables: false });
  const { id: _, ...draft } = profile;
  writeFileSync(join(folder, 'sample.json'), JSON.stringify(sealProfile(draft, sha256)));
  const file = join(folder, 'leeway.yaml');
  writeFileSync(file, `references: [{ model: sample, file: sample.json }]\n${text}`);
  return checkConfig(file, {}).problems.map((problem) => problem.replaceAll(folder, ''));
}

test('metrics, targets, margins, labels and segments, for all and by model', () => {
  const text = `
performance:
  min_labels: 500
  targets: { auroc: 0.65, mae: { warning: 2, critical: 4 } }
  models:
    sample:
      metrics: [auroc, accuracy]
      margins: { accuracy: { warning: 0.02, critical: 0.05 } }
      segments: [country=de]
`;
  expect(problemsIn(text)).toEqual([]);
  expect(checked(text)).toEqual([]);
});

describe('what is wrong is said with its place and the fix', () => {
  test.each([
    ['{ metrics: [acuracy] }', 'leeway.yaml:1:25: performance.metrics: no metric "acuracy"; did you mean accuracy?'],
    ['{ targets: { acuracy: 0.7 } }', 'performance.targets.acuracy: no metric "acuracy"; did you mean accuracy?'],
    ['{ targets: { auroc: 65 } }', 'performance.targets.auroc: is 65: auroc is from 0 to 1'],
    ['{ targets: { mae: -1 } }', 'performance.targets.mae: is -1: mae is 0 or more'],
    ['{ targets: { auroc: high } }', 'performance.targets.auroc: must be a number, or { warning, critical }'],
    ['{ targets: { auroc: { warning: .6, critical: .7 } } }', 'the second must be the worse'],
    ['{ margins: { auroc: { warning: .2, critical: .1 } } }', 'performance.margins.auroc: is 0.2 and 0.1'],
    ['{ segments: [country] }', '"country": write key=value, such as country=de'],
    ['{ min_labels: 0 }', 'performance.min_labels'],
    ['{ target: { auroc: .7 } }', 'performance.target: unknown setting; did you mean targets?'],
    ['{ models: { sample: { targets: { auroc: 2 } } } }', 'performance.models.sample.targets.auroc: is 2'],
  ])('%s', (performance, message) => {
    expect(problemsIn(`performance: ${performance}`).join('\n')).toContain(message);
  });
});

test('what does not fit the reference of its model is refused; what is said for all applies where it fits', () => {
  expect(checked('performance: { models: { sample: { metrics: [mae] } } }')).toEqual([
    expect.stringContaining('performance.models.sample: metrics: mae does not fit a model of classification'),
  ]);
  expect(checked('performance: { metrics: [mae] }')).toEqual([]);
});

test('settings of a model that nobody knows, or whose reference has no labels, would do nothing and are refused', () => {
  expect(checked('performance: { models: { sampel: { min_labels: 5 } } }')).toEqual([
    expect.stringContaining('performance.models.sampel: no reference is of this model; did you mean sample?'),
  ]);
  expect(checked('performance: { models: { sample: { min_labels: 5 } } }', false)).toEqual([
    expect.stringContaining('does not say how right the model was: make it with leeway profile --label'),
  ]);
});
