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

/** Attribute keys, and the values of each. */
export interface CapturedOutputs {
  readonly keys: readonly string[];
  readonly columns: readonly CapturedColumn[];
  /** Scores and attributions that found no room. */
  readonly lost: number;
}

class Outputs implements CapturedOutputs {
  readonly keys: string[] = [];
  readonly columns: CapturedColumn[] = [];
  lost = 0;

  add(key: string, column: CapturedColumn): void {
    this.keys.push(key);
    this.columns.push(column);
  }
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
    const outputs = new Outputs();
    if (mayLeave) {
      const { label, value, score, scores } = predictions;
      if (label !== undefined) outputs.add(ATTR_ML_PREDICTION_LABEL, captureColumn(label, decision, 'raw'));
      if (value !== undefined) outputs.add(ATTR_ML_PREDICTION_VALUE, captureColumn(value, decision, 'raw'));
      if (score !== undefined) outputs.add(ATTR_ML_PREDICTION_SCORE, captureColumn(score, decision, 'raw'));
      if (scores !== undefined) this.#addScores(outputs, scores, decision);
    }
    for (const column of predictions.attributions ?? []) {
      if (!mayBeExplained(column.name, this.#features)) continue;
      if (outputs.keys.length < room) outputs.add(`${PREFIX_ML_ATTRIBUTIONS}${column.name}`, numbers(column, decision));
      else outputs.lost++;
    }
    if (explained !== undefined) this.#addExplained(outputs, explained, decision, room);
    return outputs;
  }

  #addScores(outputs: Outputs, scores: readonly ValueColumn[], decision: CaptureDecision): void {
    const count = Math.min(scores.length, SCORES_MAX);
    for (let i = 0; i < count; i++)
      outputs.add(this.#scoreKey(scores[i].name), captureColumn(scores[i], decision, 'raw'));
    outputs.lost += scores.length - count;
  }

  /** One explanation is of one row: of a batch it says nothing. */
  #addExplained(
    outputs: Outputs,
    explained: Readonly<Record<string, number>>,
    decision: CaptureDecision,
    room: number,
  ): void {
    const isOneRow = decision.rows === undefined && decision.rowCount === 1;
    for (const [key, value] of allowedAttributions(explained, this.#features)) {
      if (isOneRow && outputs.keys.length < room) outputs.add(key, value);
      else outputs.lost++;
    }
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
