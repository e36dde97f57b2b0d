/**
 * Alarms of all watched models: looked at after every tick, told when they change. A model that has ended takes its alarms
 * with it: nobody judges it any more.
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

function newEntry({ reference }: WatchedModel): Entry {
  const nothing = Number.NEGATIVE_INFINITY;
  return { alarms: new ModelAlarms(reference.importances), evaluatedMs: nothing, performanceMs: nothing };
}
