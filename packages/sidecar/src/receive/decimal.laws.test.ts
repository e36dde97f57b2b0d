import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimal, HEAD_DIGITS, POWERS_OF_TEN, SCALE_MAX, TAIL_DIGITS } from './decimal.ts';

test('law: what it answers is what Number answers of the text', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 ** HEAD_DIGITS - 1 }),
      fc.integer({ min: 0, max: TAIL_DIGITS }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.integer({ min: 0, max: SCALE_MAX }),
      (head, tailDigits, share, scale) => {
        const tail = Math.floor(share * POWERS_OF_TEN[tailDigits]);
        const answer = decimal(head, tail, tailDigits, scale);
        const digits = `${head}${tailDigits === 0 ? '' : String(tail).padStart(tailDigits, '0')}`;
        if (!Number.isNaN(answer)) expect(answer).toBe(Number(`${digits}e-${scale}`));
      },
    ),
    { numRuns: 20_000 },
  );
});

test('nearly every double that is printed is answered, and comes back', () => {
  let answered = 0;
  const count = 20_000;
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (value) => {
      const [whole, fraction = ''] = String(value).split('.');
      const digits = (whole + fraction).replace(/^0+/, '');
      if (digits.length <= HEAD_DIGITS || digits.length > HEAD_DIGITS + TAIL_DIGITS || fraction.length > SCALE_MAX) {
        answered++;
        return;
      }
      const tail = digits.slice(HEAD_DIGITS);
      const answer = decimal(Number(digits.slice(0, HEAD_DIGITS)), Number(tail), tail.length, fraction.length);
      if (!Number.isNaN(answer)) {
        answered++;
        expect(answer).toBe(value);
      }
    }),
    { numRuns: count },
  );
  expect(answered).toBeGreaterThan(0.99 * count);
});
