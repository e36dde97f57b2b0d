/** What is kept of the call before is a shortcut and nothing else: a model asked for the first time says the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ValueColumn } from '../inference.ts';
import { FeatureLayouts, type TensorFeatures } from './tensor-features.ts';
import { type Interpretation, OutputLayouts } from './tensor-predictions.ts';
import { TENSOR_FAULTS, type TensorView } from './tensor-view.ts';

const anyShape = fc.record({
  name: fc.constantFrom('x', 'label', 'probabilities'),
  dims: fc.oneof(
    fc.constantFrom([1, 3], [1, 2], [1], [3], [2, 3], [2], [1, 1], []),
    fc.array(fc.constantFrom(-1, 0, 1, 2, 3, 1.5, Number.NaN), { maxLength: 3 }),
  ),
  kind: fc.constantFrom(
    'number' as const,
    'number' as const,
    'bool' as const,
    'string' as const,
    'half' as const,
    undefined,
  ),
  isInteger: fc.boolean(),
  fault: fc.oneof(
    { weight: 9, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...TENSOR_FAULTS) },
  ),
});
/** Calls that differ in one thing, or in nothing but the data. */
const anyCalls = fc.array(anyShape, { minLength: 1, maxLength: 3 }).chain((shapes) => {
  const field = fc.constantFrom('name', 'dims', 'kind', 'isInteger', 'fault');
  const other = fc
    .tuple(fc.nat(shapes.length - 1), field, anyShape)
    .map(([place, key, shape]) => shapes.with(place, { ...shapes[place], [key]: shape[key] }));
  return fc.array(
    fc.record({
      shape: fc.oneof(fc.constant(shapes), other, fc.constant(shapes.slice(1))),
      values: fc.array(fc.oneof(fc.double({ min: 0, max: 1 }), fc.constantFrom(0.5, 1n, 2, 'a')), { maxLength: 9 }),
      rowCount: fc.constantFrom(1, 1, 1, 2, 0),
    }),
    { minLength: 2, maxLength: 8 },
  );
});
const anyNames = fc.constantFrom(['a'], ['a', 'b'], ['a', 'b', 'c'], undefined);

/** As much data as the shape asks for, unless the values run out. */
function viewsOf({ shape, values }: { shape: readonly Omit<TensorView, 'read'>[]; values: unknown[] }): TensorView[] {
  return shape.map((view) => ({
    ...view,
    dims: [...view.dims],
    read: () => values.slice(0, Math.max(0, view.dims.reduce((count, dim) => count * dim, 1) || 0)),
  }));
}

const valuesOf = (columns: readonly ValueColumn[] | undefined, rowCount: number) =>
  columns?.map(({ name, at }, index) => [
    name,
    Array.from({ length: rowCount }, (_, row) => at.call(columns[index], row)),
  ]);

function featuresOf({ rowCount, skippedReason, table }: TensorFeatures) {
  const read = (row: number, column: number) => {
    try {
      return table?.at(row, column);
    } catch (error) {
      return (error as Error).message;
    }
  };
  const values = table?.names.map((_, column) => Array.from({ length: rowCount }, (_, row) => read(row, column)));
  return { rowCount, skippedReason, names: table?.names, values };
}

function outputsOf({ columns, fault }: Interpretation, rowCount: number) {
  const { label, value, score, scores } = columns;
  const single = [label, value, score].filter((column) => column !== undefined);
  return { fault, single: valuesOf(single, rowCount), scores: valuesOf(scores, rowCount) };
}

test('features: any calls after one another are read as each of them alone', () => {
  fc.assert(
    fc.property(anyCalls, anyNames, fc.boolean(), (calls, list, isDescribed) => {
      const names = list && { names: list, isDescribed };
      const kept = new FeatureLayouts(names);
      for (const call of calls) {
        const alone = featuresOf(new FeatureLayouts(names).of(viewsOf(call)));
        expect(featuresOf(kept.of(viewsOf(call)))).toEqual(alone);
        expect(kept.rowCountOf(viewsOf(call))).toBe(alone.rowCount);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('outputs: any calls after one another are interpreted as each of them alone', () => {
  const anyTask = fc.constantFrom('classification', 'regression', undefined);
  fc.assert(
    fc.property(anyCalls, anyNames, anyTask, fc.boolean(), (calls, classes, task, isLabelEnough) => {
      const names = { isLabelEnough, ...(classes && { classes }), ...(task && { task }) };
      const kept = new OutputLayouts(names);
      for (const call of calls) {
        const { rowCount } = call;
        const alone = outputsOf(new OutputLayouts(names).interpret(viewsOf(call), rowCount), rowCount);
        expect(outputsOf(kept.interpret(viewsOf(call), rowCount), rowCount)).toEqual(alone);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('lists that the host changes between calls are not mistaken for those of before', () => {
  const names = ['a', 'b'];
  const dims = [1, 2];
  const layouts = new FeatureLayouts({ names, isDescribed: true });
  const input = () => layouts.of([{ name: 'x', dims, kind: 'number', read: () => [1, 2, 3].slice(0, dims[1]) }]);
  expect(input().table?.names).toEqual(['a', 'b']);
  names.push('c');
  dims[1] = 3;
  expect([input().skippedReason, input().table]).toEqual(['shape', undefined]);
});
