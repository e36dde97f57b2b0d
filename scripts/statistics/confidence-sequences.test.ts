import { expect, test } from 'vitest';
import { staleReason } from './confidence-sequences.ts';

test('docs/reference/confidence-sequences.md is what the statistics give today', () => {
  expect(staleReason()).toBeUndefined();
});
