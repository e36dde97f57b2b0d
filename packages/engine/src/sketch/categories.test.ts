import { describe, expect, test } from 'vitest';
import { batchOf } from '../../test/sample-batch.ts';
import { encodeHashes, hashNames } from '../reference/hash-list.ts';
import { CategoryCells } from './categories.ts';

const named = (...names: string[]): { name: string; count: number }[] => names.map((name) => ({ name, count: 1 }));
const closed = (names: string[], rest: string[] = []): CategoryCells =>
  new CategoryCells({
    categories: named(...names),
    restCount: rest.length,
    distinctCount: names.length + rest.length,
    restHashes: encodeHashes(hashNames(rest)),
    open: false,
  });

describe('cells of categories', () => {
  test('the first twenty have their own, the other named ones and those known by hash are other, the rest unseen', () => {
    const names = Array.from({ length: 30 }, (_, i) => `n${i}`);
    const cells = closed(names, ['rare', 'rarer']);
    expect([cells.topCount, cells.otherCell, cells.unseenCell, cells.cellCount]).toEqual([20, 20, 21, 22]);
    expect(['n0', 'n19', 'n20', 'n29', 'rare', 'rarer', 'new'].map((name) => cells.cellOf(name))).toEqual([
      0, 19, 20, 20, 20, 20, 21,
    ]);
  });

  test('an open reference cannot tell unseen from other: both are one cell', () => {
    const cells = new CategoryCells({ categories: named('a'), restCount: 5, distinctCount: 9, open: true });
    expect([cells.cellCount, cells.cellOf('a'), cells.cellOf('anything')]).toEqual([2, 0, 1]);
  });

  test('a thousand hashes are all found, and their neighbours are not', () => {
    const rest = Array.from({ length: 1000 }, (_, i) => `r${i}`);
    const cells = closed(['a'], rest);
    expect(rest.every((name) => cells.cellOf(name) === cells.otherCell)).toBe(true);
    expect(rest.every((name) => cells.cellOf(`${name}x`) === cells.unseenCell)).toBe(true);
  });

  test('a number is its text; where that is no category, another spelling of it', () => {
    const cells = closed(['1', '2.0', 'true', '1.0', '-0']);
    expect([1, 2, 0, 3].map((value) => cells.cellOfNumber(value))).toEqual([0, 1, 4, cells.unseenCell]);
    expect(closed(['true', 'false']).cellOfNumber(1)).toBe(0);
    expect(closed(['true', 'false']).cellOfNumber(0)).toBe(1);
    expect(closed(['', ' ', '0x10']).cellOfNumber(0)).not.toBe(0);
  });

  test('names of object members are categories like any other', () => {
    const hostile = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const cells = closed(hostile);
    expect(hostile.map((name) => cells.cellOf(name))).toEqual([0, 1, 2, 3]);
    expect(closed(['a']).cellOf('__proto__')).toBe(2);
  });
});

describe('the cache over text ids', () => {
  test('starts over with another dictionary and with another generation', () => {
    const cells = closed(['a', 'b']);
    const first = batchOf([['a', 'b']]).texts;
    const second = batchOf([['b', 'a']]).texts;
    expect([0, 1].map((id) => cells.cellOfTextId(first, id))).toEqual([0, 1]);
    expect([...cells.textCache(first).subarray(0, 2)]).toEqual([1, 2]);
    expect([...cells.textCache(second).subarray(0, 2)]).toEqual([0, 0]);
    expect([0, 1].map((id) => cells.cellOfTextId(second, id))).toEqual([1, 0]);
    expect([...cells.textCache({ ...second, generation: 2 }).subarray(0, 2)]).toEqual([0, 0]);
  });

  test('grows with the dictionary', () => {
    const cells = closed(['t4999']);
    const { texts } = batchOf([Array.from({ length: 5000 }, (_, i) => `t${i}`)]);
    expect(cells.cellOfTextId(texts, 4999)).toBe(0);
    expect(cells.textCache(texts)[4999]).toBe(1);
  });
});
