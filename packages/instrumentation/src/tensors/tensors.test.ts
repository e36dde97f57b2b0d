import fc from 'fast-check';
import { expect, test } from 'vitest';
import { halfToNumber } from './tensor-column.ts';
import { FeatureLayouts, type FeatureNames } from './tensor-features.ts';
import { type ClassNames, OutputLayouts } from './tensor-predictions.ts';
import { type TensorKind, type TensorView, unreadableTensor } from './tensor-view.ts';

const view = (
  dims: number[],
  data: ArrayLike<unknown>,
  { name = 'x', kind = 'number' }: { name?: string; kind?: TensorKind } = {},
): TensorView => ({ name, dims, kind, read: () => data });
const described = (...names: string[]): FeatureNames => ({ names, isDescribed: true });
const fromReference = (...names: string[]): FeatureNames => ({ names, isDescribed: false });

function read(views: readonly TensorView[], names?: FeatureNames) {
  return readWith(new FeatureLayouts(names), views);
}

function readWith(layouts: FeatureLayouts, views: readonly TensorView[]) {
  const { rowCount, skippedReason, table: columns } = layouts.of(views);
  const table: Record<string, unknown[]> = {};
  let reason: string | undefined = skippedReason;
  try {
    for (const [index, name] of (columns?.names ?? []).entries())
      table[name] = Array.from({ length: rowCount }, (_, row) => columns?.at(row, index));
  } catch (error) {
    reason = (error as Error).message;
  }
  return { rows: rowCount, reason, table };
}

/** As a model that is asked for the first time. */
function interpretOutputs(views: readonly TensorView[], rowCount: number, names: ClassNames) {
  return new OutputLayouts(names).interpret(views, rowCount);
}

test('[n], [n, 1] and scalars: a feature each, by the name of the input', () => {
  const age = view([2, 1], [30, 40], { name: 'age' });
  const plan = view([2], ['a', 'b'], { name: 'plan', kind: 'string' });
  expect(read([age, plan])).toMatchObject({ rows: 2, table: { age: [30, 40], plan: ['a', 'b'] } });
  expect(read([view([], [7])])).toMatchObject({ rows: 1, table: { x: [7] } });
});

test('names of a reference do not rename inputs that have names; a description does', () => {
  const pair = [view([1], [1], { name: 'i0' }), view([1], [2], { name: 'i1' })];
  expect(read(pair, fromReference('b', 'a')).table).toEqual({ i0: [1], i1: [2] });
  expect(read(pair, described('b', 'a')).table).toEqual({ b: [1], a: [2] });
});

test('[n, k] and [n, k, 1]: columns by the given names; [k]: one row of them', () => {
  const table = { a: [1, 4], b: [2, 5], c: [3, 6] };
  expect(read([view([2, 3], [1, 2, 3, 4, 5, 6])], fromReference('a', 'b', 'c')).table).toEqual(table);
  expect(read([view([2, 3, 1], [1, 2, 3, 4, 5, 6])], described('a', 'b', 'c')).table).toEqual(table);
  expect(read([view([3], [1, 2, 3])], described('a', 'b', 'c'))).toMatchObject({ rows: 1, table: { a: [1], c: [3] } });
});

test.each<[reason: string, views: TensorView[], names?: FeatureNames]>([
  ['shape', []],
  ['names', [view([2, 3], [])]],
  ['shape', [view([2, 3], [])], described('a')],
  ['shape', [view([1, 3, 224, 224], [])], described('a')],
  ['shape', [view([-1, 2], [])], described('a', 'b')],
  ['shape', [view([1.5], [])]],
  ['shape', [view([2], [1, 2]), view([3], [1, 2, 3])]],
  ['the data of a tensor could not be read', [view([2, 2], [1, 2, 3])], described('a', 'b')],
  ['shape', [view([1, 100_000], [])], described('a')],
  ['dtype', [{ ...view([1], [1]), kind: undefined }]],
  ['location', [unreadableTensor('x', 'location')]],
  ['disposed', [unreadableTensor('x', 'disposed')]],
  ['the data of a tensor could not be read', [{ ...view([1], [1]), read: () => JSON.parse('no') }]],
  ['the data of a tensor could not be read', [{ ...view([1], [1]), read: () => undefined as never }]],
])('what is not known gives no values and the reason %s', (reason, views, names) => {
  const found = read(views, names);
  expect([found.reason, found.table]).toEqual([reason, {}]);
});

test('no data is read before a value is asked for, and then once', () => {
  let readCount = 0;
  const input = new FeatureLayouts(undefined).of([{ ...view([2, 1], []), read: () => [++readCount, 1] }]);
  expect([input.rowCount, input.skippedReason, input.table?.names, readCount]).toEqual([2, undefined, ['x'], 0]);
  expect([input.table?.at(0, 0), input.table?.at(1, 0), readCount]).toEqual([1, 1, 1]);
});

test('whatever the dimensions, the data and the names: a table of full columns, or a reason', () => {
  const anyView = fc
    .record({ dims: fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 4 }), length: fc.nat(20) })
    .map(({ dims, length }) =>
      view(
        dims,
        Array.from({ length }, (_, i) => i),
      ),
    );
  fc.assert(
    fc.property(fc.array(anyView, { maxLength: 3 }), fc.array(fc.string(), { maxLength: 6 }), (views, names) => {
      const { rows, reason, table } = read(views, described(...names));
      const columns = Object.values(table);
      if (reason !== undefined) return;
      for (const column of columns) expect(column.filter((value) => typeof value === 'number')).toHaveLength(rows);
    }),
  );
});

test('every half float is the number that the platform says', () => {
  // DataView's getFloat16 is newer than the oldest Node that is supported.
  const bytes = new DataView(new ArrayBuffer(2)) as DataView & { getFloat16?: (at: number) => number };
  const { getFloat16 } = bytes;
  if (getFloat16 === undefined) {
    // Table 3.5 of IEEE 754: least and greatest finite numbers, one, infinity.
    expect([0x0001, 0x7bff, 0x3c00, 0xfc00].map(halfToNumber)).toEqual([2 ** -24, 65504, 1, -Infinity]);
    return;
  }
  for (let bits = 0; bits < 65536; bits++) {
    bytes.setUint16(0, bits);
    if (!Object.is(halfToNumber(bits), getFloat16.call(bytes, 0)))
      expect(halfToNumber(bits)).toBe(getFloat16.call(bytes, 0));
  }
});

test('outputs that throw, are none, or are of another number of rows: no prediction, and a reason', () => {
  expect(interpretOutputs([], 1, {})).toEqual({ columns: {}, fault: 'shape' });
  expect(interpretOutputs([unreadableTensor('y')], 1, {})).toEqual({ columns: {}, fault: 'unreadable' });
  expect(interpretOutputs([view([3, 2], [])], 2, {})).toEqual({ columns: {}, fault: 'shape' });
  const throwing = { ...view([1, 1], []), read: () => JSON.parse('no') };
  expect(interpretOutputs([throwing], 1, {})).toEqual({ columns: {}, fault: 'shape' });
});

test('the task decides where shapes do not: embeddings and several regressions are no classes', () => {
  const vector = view([1, 3], [0.9, 2, -1]);
  const label = (task?: string, name = 'x') =>
    interpretOutputs([{ ...vector, name }], 1, task === undefined ? {} : { task }).columns.label?.at(0);
  expect([label(), label('embedding', 'logits'), label('regression', 'logits')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect([label('classification'), label(undefined, 'logits')]).toEqual(['1', '1']);
});

test('logits of a binary classifier: label by their sign, no score', () => {
  const { columns } = interpretOutputs([view([2, 1], [-3, 2])], 2, { classes: ['no', 'yes'] });
  expect([columns.label?.at(0), columns.label?.at(1), columns.score]).toEqual(['no', 'yes', undefined]);
});

test('where scores may not leave and there is a label, no score is read', () => {
  const label = view([1], [1n], { name: 'label' });
  const scores = { ...view([1, 2], []), read: () => JSON.parse('no') };
  const { columns } = interpretOutputs([{ ...label, isInteger: true }, scores], 1, { isLabelEnough: true });
  expect([columns.label?.at(0), columns.scores]).toEqual(['1', undefined]);
});

test('regression: scores that are no numbers were the first class', () => {
  const scores = view([2, 2], [Number.NaN, Number.NaN, 0.25, 0.75], { name: 'logits' });
  const { label } = interpretOutputs([scores], 2, { classes: ['no', 'yes'], task: 'classification' }).columns;
  expect([label?.at(0), label?.at(1)]).toEqual([undefined, 'yes']);
});
