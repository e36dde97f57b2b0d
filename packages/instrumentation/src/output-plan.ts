/** What a model put out, through the gate: prediction, scores by class, attributions of features that leave as they are. */
import {
  ATTR_ML_PREDICTION_LABEL,
  ATTR_ML_PREDICTION_SCORE,
  ATTR_ML_PREDICTION_VALUE,
  PREFIX_ML_ATTRIBUTIONS,
  PREFIX_ML_PREDICTION_SCORES,
} from '@leeway/semconv';
import type { CaptureDecision } from './capture-sampler.ts';
import { type CapturedColumn, captureColumn } from './captured-features.ts';
import type { FeaturePlan } from './feature-plan.ts';
import type { PredictionColumns, ValueColumn } from './inference.ts';
import { gateValue } from './value-gate.ts';

export interface CapturedOutputs {
  readonly columns: readonly (readonly [key: string, column: CapturedColumn])[];
  /** Scores and attributions that found no room. */
  readonly lost: number;
}

/** Attribute keys that are remembered. */
const KEYS_MAX = 1_000;
/** Classes whose scores leave; features need room too. */
const SCORES_MAX = 50;

export class OutputPlan {
  readonly #features: FeaturePlan;
  readonly #scoreKeys = new Map<string, string>();

  constructor(features: FeaturePlan) {
    this.#features = features;
  }

  /** @param mayLeave whether predictions are captured; attributions go by the allow-list of features */
  capture(
    predictions: PredictionColumns,
    explained: Readonly<Record<string, number>> | undefined,
    decision: CaptureDecision,
    mayLeave: boolean,
    room: number,
  ): CapturedOutputs {
    const columns: (readonly [string, CapturedColumn])[] = [];
    let lost = 0;
    if (mayLeave) {
      const { label, value, score, scores } = predictions;
      if (label !== undefined) columns.push([ATTR_ML_PREDICTION_LABEL, captureColumn(label, decision, 'raw')]);
      if (value !== undefined) columns.push([ATTR_ML_PREDICTION_VALUE, captureColumn(value, decision, 'raw')]);
      if (score !== undefined) columns.push([ATTR_ML_PREDICTION_SCORE, captureColumn(score, decision, 'raw')]);
      if (scores !== undefined) lost += this.#addScores(columns, scores, decision);
    }
    for (const column of predictions.attributions ?? []) {
      if (!mayBeExplained(column.name, this.#features)) continue;
      if (columns.length < room) columns.push([`${PREFIX_ML_ATTRIBUTIONS}${column.name}`, numbers(column, decision)]);
      else lost++;
    }
    if (explained !== undefined) lost += this.#addExplained(columns, explained, decision, room);
    return { columns, lost };
  }

  #addScores(
    columns: (readonly [string, CapturedColumn])[],
    scores: readonly ValueColumn[],
    decision: CaptureDecision,
  ): number {
    const count = Math.min(scores.length, SCORES_MAX);
    for (let i = 0; i < count; i++)
      columns.push([this.#scoreKey(scores[i].name), captureColumn(scores[i], decision, 'raw')]);
    return scores.length - count;
  }

  /** One explanation is of one row: of a batch it says nothing. */
  #addExplained(
    columns: (readonly [string, CapturedColumn])[],
    explained: Readonly<Record<string, number>>,
    decision: CaptureDecision,
    room: number,
  ): number {
    const entries = allowedAttributions(explained, this.#features);
    if (decision.rows !== undefined || decision.rowCount !== 1) return entries.length;
    const taken = entries.slice(0, Math.max(0, room - columns.length));
    columns.push(...taken);
    return entries.length - taken.length;
  }

  #scoreKey(name: string): string {
    const known = this.#scoreKeys.get(name);
    if (known !== undefined) return known;
    const key = `${PREFIX_ML_PREDICTION_SCORES}${name}`;
    if (this.#scoreKeys.size < KEYS_MAX) this.#scoreKeys.set(name, key);
    return key;
  }
}

/** Only what leaves as it is: of a linear model the attribution of a value gives the value away. */
function mayBeExplained(name: string, features: FeaturePlan): boolean {
  return features.of(name)?.rule === 'raw';
}

/** Attribute key and value of the features that may be explained. */
export function allowedAttributions(
  attributions: Readonly<Record<string, unknown>>,
  features: FeaturePlan,
): [key: string, value: number][] {
  const allowed: [string, number][] = [];
  for (const name of Object.keys(attributions)) {
    const value = mayBeExplained(name, features) ? gateValue(attributions[name], 'raw') : null;
    if (typeof value === 'number') allowed.push([`${PREFIX_ML_ATTRIBUTIONS}${name}`, value]);
  }
  return allowed;
}

function numbers(column: ValueColumn, decision: CaptureDecision): CapturedColumn {
  const captured = captureColumn(column, decision, 'raw');
  if (Array.isArray(captured)) return captured.map((value) => (typeof value === 'number' ? value : null));
  return typeof captured === 'number' ? captured : null;
}
