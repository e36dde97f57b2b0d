/** Values of the features that may leave, through the gate: one a feature for a single row, else a column each. */
import type { CaptureDecision } from './capture-sampler.ts';
import type { FeaturePlan, PlannedFeature } from './feature-plan.ts';
import type { FeatureTable, InferenceInput, ValueColumn } from './inference.ts';
import { type GatedValue, gateValue } from './value-gate.ts';

/** One value for a single row, else one a captured row. */
export type CapturedColumn = GatedValue | readonly GatedValue[];

export interface CapturedFeatures {
  readonly features: readonly PlannedFeature[];
  readonly columns: readonly CapturedColumn[];
  /** Whether no column is missing as a whole; false when it was not looked at. */
  readonly isComplete: boolean;
}

type Records = NonNullable<InferenceInput['records']>;

/** Reads what the decision captured; nothing else of the input is touched. */
export function captureFeatures(input: InferenceInput, plan: FeaturePlan, decision: CaptureDecision): CapturedFeatures {
  const { records, table } = input;
  if (table !== undefined) return ofTable(table, plan, decision);
  if (records === undefined) return ofColumns(input.features, plan, decision);
  if (decision.rows === undefined && decision.rowCount === 1) return ofRecord(records[0], plan);
  return ofRecords(records, plan, decision);
}

/** Columns of an input that may leave: what a carrier has to take. */
export function countFeatures(input: InferenceInput, plan: FeaturePlan): number {
  if (input.table !== undefined) return input.table.names.length;
  return input.records === undefined ? input.features.length : (plan.declared?.length ?? 0);
}

function ofRecord(record: Records[number], plan: FeaturePlan): CapturedFeatures {
  const { declared } = plan;
  if (declared !== undefined) {
    const columns: GatedValue[] = new Array(declared.length);
    let isComplete = true;
    for (let i = 0; i < declared.length; i++) {
      const value = gateValue(record[declared[i].name], declared[i].rule);
      columns[i] = value;
      if (value === null) isComplete = false;
    }
    return { features: declared, columns, isComplete };
  }
  const features: PlannedFeature[] = [];
  const columns: GatedValue[] = [];
  for (const name of Object.keys(record)) {
    const feature = plan.of(name);
    if (feature === null) continue;
    features.push(feature);
    columns.push(gateValue(record[name], feature.rule));
  }
  return { features, columns, isComplete: false };
}

function ofRecords(records: Records, plan: FeaturePlan, { rows, rowCount }: CaptureDecision): CapturedFeatures {
  const features = plan.declared ?? featuresOf(records, plan, rows, rowCount);
  const columns = features.map(({ name, rule }) => {
    const values: GatedValue[] = new Array(rowCount);
    for (let i = 0; i < rowCount; i++) values[i] = gateValue(records[rows === undefined ? i : rows[i]]?.[name], rule);
    return values;
  });
  return { features, columns, isComplete: false };
}

function featuresOf(
  records: Records,
  plan: FeaturePlan,
  rows: Int32Array | undefined,
  rowCount: number,
): PlannedFeature[] {
  const found = new Map<string, PlannedFeature>();
  for (let i = 0; i < rowCount; i++) {
    for (const name of Object.keys(records[rows === undefined ? i : rows[i]] ?? {})) {
      const feature = found.has(name) ? null : plan.of(name);
      if (feature !== null) found.set(name, feature);
    }
  }
  return [...found.values()];
}

function ofColumns(given: readonly ValueColumn[], plan: FeaturePlan, decision: CaptureDecision): CapturedFeatures {
  const features: PlannedFeature[] = [];
  const columns: CapturedColumn[] = [];
  for (const column of given) {
    const feature = plan.of(column.name);
    if (feature === null) continue;
    features.push(feature);
    columns.push(captureColumn(column, decision, feature.rule));
  }
  return { features, columns, isComplete: false };
}

function ofTable(table: FeatureTable, plan: FeaturePlan, { rows, rowCount }: CaptureDecision): CapturedFeatures {
  const { features, places } = plan.ofList(table.names);
  const columns: CapturedColumn[] = new Array(features.length);
  const isOneRow = rows === undefined && rowCount === 1;
  let isComplete = isOneRow;
  for (let i = 0; i < features.length; i++) {
    const { rule } = features[i];
    if (isOneRow) {
      const value = gateValue(table.at(0, places[i]), rule);
      columns[i] = value;
      if (value === null) isComplete = false;
      continue;
    }
    const values: GatedValue[] = new Array(rowCount);
    for (let k = 0; k < rowCount; k++)
      values[k] = gateValue(table.at(rows === undefined ? k : rows[k], places[i]), rule);
    columns[i] = values;
  }
  return { features, columns, isComplete };
}

export function captureColumn(
  column: ValueColumn,
  { rows, rowCount }: CaptureDecision,
  rule: PlannedFeature['rule'],
): CapturedColumn {
  if (rows === undefined && rowCount === 1) return gateValue(column.at(0), rule);
  const values: GatedValue[] = new Array(rowCount);
  for (let i = 0; i < rowCount; i++) values[i] = gateValue(column.at(rows === undefined ? i : rows[i]), rule);
  return values;
}

export function isMissing(column: CapturedColumn): boolean {
  if (typeof column !== 'object' || column === null) return column === null;
  for (let i = 0; i < column.length; i++) if (column[i] !== null) return false;
  return true;
}
