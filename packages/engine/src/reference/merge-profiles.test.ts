import { describe, expect, test } from 'vitest';
import { profileOf, type SampleColumn, toyHash } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import { mergeProfiles } from './merge-profiles.ts';
import { parseProfile } from './parse-profile.ts';
import type { ReferenceProfile } from './profile.ts';
import { sealProfile } from './seal-profile.ts';

const stream = sampleStream(6);
const x = Array.from({ length: 4000 }, () => stream.normal() * 3 + 100);
const c = Array.from({ length: 4000 }, () => `c${stream.whole(1 + stream.whole(200))}`);
const base = profileOf({ x, c });
const shard = (from: number, to: number): ReferenceProfile =>
  profileOf(
    { x: x.slice(from, to), c: c.slice(from, to) },
    { overrides: { x: { frozen: base.features[0] }, c: { frozen: base.features[1] } } },
  );

describe('profiles of shards on the same edges', () => {
  test('merged equal the profile of the whole', () => {
    const merged = mergeProfiles(shard(0, 1500), shard(1500, 4000));
    if (!merged.ok) throw new Error(JSON.stringify(merged.problems));
    const [numeric, categorical] = merged.draft.features;
    const whole = base.features[0].numeric!;
    expect(numeric.numeric).toMatchObject({
      edges: whole.edges,
      counts: whole.counts,
      cuts: whole.cuts,
      min: whole.min,
      max: whole.max,
    });
    expect(numeric.numeric?.mean).toBeCloseTo(whole.mean, 10);
    expect(numeric.numeric?.standardDeviation).toBeCloseTo(whole.standardDeviation, 10);
    numeric.numeric?.sums.forEach((sum, i) => {
      expect(Math.abs(sum - whole.sums[i])).toBeLessThanOrEqual(1e-12 * Math.abs(whole.sums[i]));
    });
    expect(categorical.categorical).toEqual(base.features[1].categorical);
    expect(merged.draft.rowCount).toBe(4000);
    const sealed = sealProfile(merged.draft, toyHash);
    expect(parseProfile(JSON.parse(JSON.stringify(sealed)), { sha256: toyHash }).ok).toBe(true);
  });
});

describe('profiles that do not merge', () => {
  const problems = (a: Record<string, SampleColumn>, b: Record<string, SampleColumn>): string[] => {
    const merged = mergeProfiles(profileOf(a), profileOf(b));
    return merged.ok ? [] : merged.problems.map(({ path, message }) => `${path} ${message}`);
  };

  test('say which column differs', () => {
    expect(problems({ x: [1, 2, 3] }, { x: [1, 2, 4] })[0]).toBe(
      '/features/0/numeric/edges are not identical: count both on one profile',
    );
    expect(problems({ x: ['a', 'b'] }, { x: ['a', 'c'] })[0]).toMatch(/^\/features\/0\/categorical\/categories/);
    expect(problems({ x: [1, 2] }, { x: ['a', 'b'] })[0]).toMatch(/not a numeric column of both/);
    expect(problems({ x: [1, 2] }, { x: [1, 2], y: [1, 2] })[0]).toBe('/features there are 1 and 2 columns');
  });
});
