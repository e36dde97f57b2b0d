import { expect, test } from 'vitest';
import { numberOfText, spellsMissing } from './text-number.ts';

test('decimal numbers are numbers, whatever stands around them', () => {
  expect(['12.5', ' -3 ', '1e3', '.5', '0'].map(numberOfText)).toEqual([12.5, -3, 1000, 0.5, 0]);
});

test('spellings of no value are missing: infinite, in any case', () => {
  const texts = ['', ' ', 'NA', 'N/A', 'NaN', 'nan', 'NULL', 'None', 'NaT', '\\N', 'inf', '-Infinity', '1e999'];
  expect(texts.map(numberOfText).every((value) => Math.abs(value) === Number.POSITIVE_INFINITY)).toBe(true);
  expect(spellsMissing('1e999')).toBe(false);
});

test('anything else is a type error, codes of another base too', () => {
  expect(['x', '1,5', '0x1f', '0b1', '12 kg', 'NAN!', 'missing-value'].map(numberOfText).every(Number.isNaN)).toBe(
    true,
  );
});
