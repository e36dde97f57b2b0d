/** Laws of the text dictionary: an id stands for one string, by whichever of the ways to it that string was found. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Texts } from './texts.ts';

/** Few letters and lengths around a word, so that texts share length, first and last byte. */
const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 10 }), {
  minLength: 1,
  maxLength: 60,
});

test('the same text has the same id and another one has not, with a view over the bytes or without', () => {
  fc.assert(
    fc.property(words, fc.nat(7), (list, lead) => {
      const texts = new Texts([1, 2]);
      const idOf = new Map<string, number>();
      let before = -1;
      list.forEach((text, i) => {
        const bytes = new TextEncoder().encode('x'.repeat(lead) + text);
        const view = i % 2 === 0 ? new DataView(bytes.buffer) : undefined;
        const length = bytes.length - lead;
        const id =
          i % 3 === 0 ? texts.idLike(before, bytes, lead, length, view) : texts.idOf(bytes, lead, length, view);
        expect(texts.textAt(id)).toBe(text);
        expect(idOf.get(text) ?? id).toBe(id);
        idOf.set(text, id);
        before = id;
      });
      expect(texts.size).toBe(idOf.size);
    }),
  );
});

test('a new generation knows nothing of the one before', () => {
  const texts = new Texts([1, 2]);
  const bytes = new TextEncoder().encode('category_000000');
  const view = new DataView(bytes.buffer);
  const idOfNumber = (number: number) => {
    new TextEncoder().encodeInto(String(number).padStart(6, '0'), bytes.subarray(9));
    return texts.idOf(bytes, 0, bytes.length, view);
  };
  for (let i = 0; i < 65_536; i++) idOfNumber(i);
  texts.startBatch();
  expect(texts.generation).toBe(2);
  expect(idOfNumber(65_535)).toBe(0);
  expect(idOfNumber(0)).toBe(1);
  expect(texts.textAt(0)).toBe('category_065535');
});
