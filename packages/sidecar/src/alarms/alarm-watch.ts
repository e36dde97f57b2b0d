/**
 * Alarms of all watched models: looked at after every tick, told when they change. Those of a model that has ended, or is
 * held against another reference now, end with it: nobody judges them any more.
 */
import {
  type AlarmChange,
  columnJudgements,
  ModelAlarms,
  modelName,
  performanceJudgements,
  type WatchedModel,
} from '@leeway/engine';

interface Entry {
  readonly model: WatchedModel;
  readonly alarms: ModelAlarms;
  evaluatedMs: number;
  performanceMs: number;
}

export class AlarmWatch {
  /** By model and reference. */
  #entries = new Map<string, Entry>();
  readonly #onChange: (model: WatchedModel, change: AlarmChange) => void;

  constructor(onChange: (model: WatchedModel, change: AlarmChange) => void) {
    this.#onChange = onChange;
  }

  look(models: Iterable<WatchedModel>): void {
    const alive = new Map<string, Entry>();
    for (const model of models) {
      if (model.isEnded) continue;
      const key = `${modelName(model)} ${model.reference.id}`;
      const entry = this.#entries.get(key) ?? newEntry(model);
      alive.set(key, entry);
      this.#lookAt(model, entry);
    }
    for (const [key, { model, alarms }] of this.#entries)
      if (!alive.has(key)) for (const change of alarms.end()) this.#onChange(model, change);
    this.#entries = alive;
  }

  #lookAt(model: WatchedModel, entry: Entry): void {
    const { evaluation, performance } = model;
    if (evaluation.endMs > entry.evaluatedMs) {
      entry.evaluatedMs = evaluation.endMs;
      for (const change of entry.alarms.step(columnJudgements(evaluation), evaluation)) this.#onChange(model, change);
    }
    const measured = performance.evaluation;
    if (measured !== undefined && measured.endMs > entry.performanceMs) {
      entry.performanceMs = measured.endMs;
      for (const change of entry.alarms.step(performanceJudgements(measured), measured)) this.#onChange(model, change);
    }
  }
}

function newEntry(model: WatchedModel): Entry {
  const nothing = Number.NEGATIVE_INFINITY;
  return { model, alarms: new ModelAlarms(model.reference.importances), evaluatedMs: nothing, performanceMs: nothing };
}
