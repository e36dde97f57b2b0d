/** An intake before a target that keeps what it gets, and sends some rows elsewhere by their time. */
import { CELL, type ColumnBatch } from '@leeway/engine';
import { type BuilderColumn, type Identity, Intake, type Standing } from '@leeway/intake';
import { expect } from 'vitest';
import { type ItemInput, ViewMaker } from './view-of.ts';

const COLUMNS: readonly BuilderColumn[] = [
  { name: 'x', role: 'feature', type: 'numeric' },
  { name: 'c', role: 'feature', type: 'categorical' },
  { name: '__proto__', role: 'feature', type: 'numeric' },
  { name: 'score', role: 'output', type: 'numeric' },
];

interface Row {
  readonly timeMs: number;
  readonly weight: number;
  readonly cells: readonly unknown[];
}

const UNNAMED: Standing = { namesEnvironment: false, namesVersion: false };

/** What the target says of a row, by its event time. */
function fateOf(timeMs: number): 'counted' | 'late' | 'future' | 'noTime' | 'overflow' {
  if (Number.isNaN(timeMs)) return 'noTime';
  return timeMs === LATE_MS
    ? 'late'
    : timeMs === FUTURE_MS
      ? 'future'
      : timeMs === OVERFLOW_MS
        ? 'overflow'
        : 'counted';
}
export const LATE_MS = 1;
export const FUTURE_MS = 9e9;
export const OVERFLOW_MS = 2;

export function setUp(
  standingOf: (identity: Identity) => Standing | undefined = ({ model }) => (model === 'm' ? UNNAMED : undefined),
  limits = {},
) {
  const rows: Row[] = [];
  const identities: Identity[] = [];
  const released: Identity[] = [];
  const target = {
    columns: COLUMNS,
    append: (batch: ColumnBatch) => {
      const counts = { counted: 0, late: 0, future: 0, noTime: 0, overflow: 0 };
      const refused: number[] = [];
      for (let row = 0; row < batch.rowCount; row++) {
        const fate = fateOf(batch.eventMs[row]);
        counts[fate]++;
        if (fate === 'counted') rows.push(rowOf(batch, row));
        else if (fate !== 'late') refused.push(row);
      }
      return { ...counts, refusedRows: Int32Array.from(refused) };
    },
  };
  const intake = new Intake({
    references: {
      standingOf: (identity) => {
        identities.push(identity);
        return standingOf(identity);
      },
      targetOf: () => target,
      takesLabels: () => false,
      release: (identity) => released.push(identity),
    },
    hashSeed: [7, 11],
    limits,
  });
  const maker = new ViewMaker();
  let received = 0;
  const take = (items: readonly ItemInput[], nowMs = 2_000, resource = {}) => {
    const view = maker.view({ items, resource });
    received += view.itemObservationCount.reduce((sum, count) => sum + count, 0);
    const taken = intake.take(view, nowMs);
    // The law of the books, after every request of every test.
    const { processed: outcomes, inFlight } = intake.books.snapshot(received, intake.pendingCount);
    expect(outcomes.reduce((sum, { count }) => sum + count, inFlight)).toBe(received);
    expect(inFlight).toBe(0);
    return taken;
  };
  return { intake, rows, identities, released, take };
}

function rowOf(batch: ColumnBatch, row: number): Row {
  const cells = batch.columns.map(({ kinds, values }) => {
    const kind = kinds[row];
    if (kind === CELL.number) return values[row];
    if (kind === CELL.text) return batch.texts.textAt(values[row]);
    return Object.keys(CELL).find((name) => CELL[name as keyof typeof CELL] === kind);
  });
  return { timeMs: batch.eventMs[row], weight: batch.weights[row], cells };
}

export const processed = (intake: Intake) =>
  Object.fromEntries(
    intake.books.snapshot(0, 0).processed.map(({ outcome, reason, count }) => [`${outcome} ${reason}`, count]),
  );
export const span = (attributes: ItemInput['attributes'], more: Partial<ItemInput> = {}): ItemInput => ({
  attributes: { 'ml.model.name': 'm', 'ml.model.version': '1', ...attributes },
  ...more,
});
