import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { profileOf, toyHash } from '../../test/sample-profile.ts';
import { PROFILE_LIMITS } from './limits.ts';
import { parseProfile, profileJsonSchema } from './parse-profile.ts';
import { PROBLEM_COUNT_MAX } from './shape.ts';

const rows = Array.from({ length: 300 }, (_, i) => i);
const profile = profileOf(
  { x: rows.map((i) => (i % 50 === 0 ? null : Math.sqrt(i))), c: rows.map((i) => `c${i % 130}`) },
  {
    outputs: { score: rows.map((i) => i / 300) },
    timesMs: rows.map((i) => i * 1000),
    time: { column: 't', blockMs: 100_000 },
    model: { name: 'm', version: '1', task: 'classification', owner: 'team', tier: 'high' },
    dataset: { name: 'd', version: '2', files: [{ name: 'f.csv', sha256: 'a'.repeat(64), bytes: 10 }] },
  },
);

type Json = { [key: string]: Json } & Json[];
const copy = (): Json => JSON.parse(JSON.stringify(profile)) as Json;
const changed = (change: (json: Json) => void): Json => {
  const json = copy();
  change(json);
  return json;
};
const set = (target: Json, key: string | number, value: unknown): void => {
  (target as unknown as Record<string | number, unknown>)[key] = value;
};
const problemsOf = (value: unknown): string[] => {
  const parsed = parseProfile(value);
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path} ${message}`);
};

const validate = new Ajv2020({ strict: true }).compile(profileJsonSchema());

describe('a profile', () => {
  test('that was built is read, and fits its JSON Schema', () => {
    expect(parseProfile(copy(), { sha256: toyHash })).toEqual({ ok: true, profile });
    expect(validate(copy()), JSON.stringify(validate.errors)).toBe(true);
  });

  test('is copied: what was not declared does not come along', () => {
    const json = copy();
    const parsed = parseProfile(json);
    if (!parsed.ok) throw new Error('refused');
    set(json.features[0].numeric.edges, 0, 1e9);
    expect(parsed.profile.features[0].numeric?.edges[0]).not.toBe(1e9);
  });

  test('whose content was changed no longer has its id', () => {
    const json = changed((one) => set(one.model, 'owner', 'somebody else'));
    const parsed = parseProfile(json, { sha256: toyHash });
    expect(parsed).toMatchObject({ ok: false, problems: [{ path: '/id', message: expect.stringMatching(/changed/) }] });
    expect(parseProfile(json).ok).toBe(true);
  });
});

describe('a hostile profile is refused with the place and the reason', () => {
  test.each<[string, (json: Json) => void, string]>([
    [
      'edges out of order',
      (p) => set(p.features[0].numeric.edges, 3, -1),
      '/features/0/numeric/edges/3 is -1, not above',
    ],
    ['equal edges', (p) => set(p.features[0].numeric.edges, 1, p.features[0].numeric.edges[0]), 'not above'],
    [
      'a negative count',
      (p) => set(p.features[0].numeric.counts, 2, -1),
      '/features/0/numeric/counts/2 is -1: expected at least 0',
    ],
    ['a fractional count', (p) => set(p.features[0].numeric.counts, 2, 0.5), 'expected a whole number'],
    ['a missing bin', (p) => p.features[0].numeric.counts.pop(), '/features/0/numeric/counts has'],
    ['a missing sum', (p) => p.features[0].numeric.sums.pop(), 'one more than the edges'],
    [
      'counts that do not add up',
      (p) => set(p.features[0].numeric.counts, 5, 99),
      'rowCount less missing and type errors is 294',
    ],
    ['null for a number', (p) => set(p.features[0].numeric.edges, 0, null), 'expected a finite number, found null'],
    [
      'a cut beyond the edges',
      (p) => set(p.features[0].numeric.cuts, p.features[0].numeric.cuts.length - 1, 999),
      'is 999: there are',
    ],
    ['cuts out of order', (p) => set(p.features[0].numeric.cuts, 1, 0), '/features/0/numeric/cuts/1 is 0, not above'],
    ['a limit that is no edge', (p) => set(p.features[0].numeric, 'lower', 0.123), 'expected one of the edges'],
    ['minimum above maximum', (p) => set(p.features[0].numeric, 'min', 1e9), 'above max'],
    ['a category twice', (p) => set(p.features[1].categorical.categories[1], 'name', 'c0'), 'stands twice'],
    [
      'hashes that are none',
      (p) => set(p.features[1].categorical, 'restHashes', 'AAAA'),
      'not base64 of 64-bit hashes',
    ],
    [
      'hashes out of order',
      (p) => set(p.features[1].categorical, 'restHashes', `${'A'.repeat(21)}==`.padStart(24, 'B')),
      'restHashes',
    ],
    ['a column twice', (p) => set(p.features[1], 'name', 'x'), '/features/1/name "x" stands twice'],
    ['numeric content in a categorical column', (p) => set(p.features[0], 'type', 'categorical'), 'does not belong'],
    ['no content', (p) => delete (p.features[0] as Record<string, unknown>).numeric, '/features/0/numeric is missing'],
    ['an unknown key', (p) => set(p, 'extra', 1), '/extra is not known here'],
    [
      'a misspelt key',
      (p) => set(p.features[0], 'row_count', 1),
      '/features/0/row_count is not known: did you mean rowCount?',
    ],
    ['a wrong version', (p) => set(p, 'schemaVersion', 4), '/schemaVersion is 4: expected 1 or 2 or 3'],
    ['an id that is none', (p) => set(p, 'id', 'sha256:xyz'), '/id does not match'],
    ['a name too long', (p) => set(p.features[0], 'name', 'x'.repeat(PROFILE_LIMITS.nameLengthMax + 1)), 'characters'],
    ['a lone surrogate', (p) => set(p.model, 'name', '\ud800'), '/model/name is not well-formed Unicode'],
    [
      'too many categories',
      (p) => p.features[1].categorical.categories.push(...p.features[1].categorical.categories),
      'items: expected 0 to 100',
    ],
    ['an array for an object', (p) => set(p, 'model', []), '/model expected an object, found an array'],
    ['noise of another length', (p) => p.features[0].noise[0].q99.pop(), 'as many as sizes'],
  ])('%s', (_, change, expected) => {
    expect(problemsOf(changed(change)).join('\n')).toContain(expected);
  });

  test('a key called __proto__ is unknown, and changes no prototype', () => {
    const text = JSON.stringify(profile).replace('"name":"m"', '"__proto__":{"polluted":true},"name":"m"');
    expect(problemsOf(JSON.parse(text))[0]).toContain('/model/__proto__ is not known');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    const inherited = Object.create(profile) as unknown;
    expect(problemsOf(inherited)).toContain('/id is missing');
  });

  test('NaN and infinities, which a JavaScript caller can pass', () => {
    const json = changed((one) => set(one.features[0].numeric, 'mean', Number.NaN));
    expect(problemsOf(json)).toEqual(['/features/0/numeric/mean expected a finite number, found NaN']);
  });

  test('any number of faults is reported as at most twenty', () => {
    const json = changed((one) => set(one.features[0].numeric, 'counts', new Array(50).fill('x')));
    expect(problemsOf(json)).toHaveLength(PROBLEM_COUNT_MAX);
  });

  test('anything at all is refused or read, never thrown', () => {
    fc.assert(fc.property(fc.anything(), (value) => !parseProfile(value).ok));
    const paths: [Json, string][] = [];
    const walk = (node: Json): void => {
      for (const key of Object.keys(node)) {
        paths.push([node, key]);
        if (typeof node[key] === 'object' && node[key] !== null && Object.keys(node[key]).length < 30) walk(node[key]);
      }
    };
    const json = copy();
    walk(json);
    fc.assert(
      fc.property(fc.nat({ max: paths.length - 1 }), fc.anything(), (index, value) => {
        const [node, key] = paths[index];
        const before = node[key];
        set(node, key, value);
        const parsed = parseProfile(json);
        set(node, key, before);
        return typeof parsed.ok === 'boolean';
      }),
      { numRuns: 500 },
    );
  });
});

describe('the JSON Schema', () => {
  test('refuses what the reader refuses for its shape', () => {
    const wrong: ((json: Json) => void)[] = [
      (p) => set(p, 'extra', 1),
      (p) => set(p.features[0].numeric.counts, 0, -1),
      (p) => set(p.features[0], 'type', 'number'),
      (p) => delete (p as Record<string, unknown>).features,
    ];
    for (const change of wrong) expect(validate(changed(change))).toBe(false);
  });
});
