/** References that earlier versions wrote must be read for ever, and the same data must give the same numbers. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseProfile } from '@leeway/engine';
import { expect, test } from 'vitest';
import { orders, profileFiles, toDelimited, writeTemporary } from '../../test/sample-table.ts';

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../test/fixtures/${name}.json`, import.meta.url), 'utf8'));
const golden = fixture('orders-v2');

/** Within 1e-9 relative: noise tables are sums of logarithms, whose last bits are not the same on every machine. */
function near(value: unknown): unknown {
  if (typeof value === 'number') return expect.closeTo(value, 9 - Math.ceil(Math.log10(Math.abs(value) + 1)));
  if (Array.isArray(value)) return value.map(near);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, near(part)]));
}

test.each(['orders-v1', 'orders-v2'])('a reference that was written once is valid, with its id: %s', (name) => {
  const parsed = parseProfile(fixture(name), { sha256: (text) => createHash('sha256').update(text).digest('hex') });
  expect(parsed.ok || parsed.problems).toBe(true);
});

test('the same rows give the same reference', async () => {
  const rows = orders(1000).map((row, i) => ({ ...row, at: 1_700_000_000 + 600 * i }));
  const { profile } = await profileFiles([writeTemporary('orders.csv', toDelimited(rows, ','))], {
    time: 'at',
    predictions: new Map([['late', undefined]]),
  });
  const { id: _, ...expected } = golden;
  const { id: __, ...found } = JSON.parse(JSON.stringify(profile));
  expect(found).toEqual(near(expected));
});
