/**
 * Judges the windows of one model one after the other, with the memory that a single window lacks.
 *
 * Invariants
 * 1. A level is entered at its threshold and left below `leaveRatio` of it for `leaveCount` evaluations in a row.
 * 2. A window that cannot be judged (filling, few rows, nothing) changes no memory: an alarm is not cleared by silence.
 * 3. Silence after traffic is stale; without traffic ever it is no data.
 * 4. One memory a column and one a column's rule: bounded by the reference.
 */
import type { PaneLayout } from '../sketch/layout.ts';
import { evaluate } from './evaluate.ts';
import {
  type ColumnEvaluation,
  type Evaluation,
  QUALITY_RULES,
  type QualityEvaluation,
  type QualityRule,
  STATUS,
} from './evaluation.ts';
import { type LevelMemory, newLevelMemory, stepLevels } from './hysteresis.ts';
import type { CompiledPolicy } from './policy.ts';
import { rollUp } from './roll-up.ts';
import type { WindowView } from './window-ring.ts';

/** Plain JSON. */
export interface MonitorSnapshot {
  readonly version: 1;
  readonly profileId: string;
  readonly sawRows: boolean;
  /** In the order of the layout. */
  readonly columns: readonly ColumnMemory[];
}

interface ColumnMemory {
  readonly drift: LevelMemory;
  readonly quality: Readonly<Record<QualityRule, LevelMemory>>;
}

export class Monitor {
  readonly #layout: PaneLayout;
  readonly #policy: CompiledPolicy;
  #columns: readonly ColumnMemory[];
  #sawRows = false;

  constructor(layout: PaneLayout, policy: CompiledPolicy) {
    if (policy.columns.length !== layout.columns.length) {
      throw new RangeError(`policy has ${policy.columns.length} columns and layout ${layout.columns.length}`);
    }
    this.#layout = layout;
    this.#policy = policy;
    this.#columns = layout.columns.map(newColumnMemory);
  }

  get policy(): CompiledPolicy {
    return this.#policy;
  }

  /** Windows come in the order of their ends. */
  evaluate(window: WindowView): Evaluation {
    const raw = evaluate(this.#layout, this.#policy, window);
    if (raw.rowCount > 0) this.#sawRows = true;
    const columns = raw.columns.map((column, i) =>
      raw.rowCount === 0 && this.#sawRows ? stale(column) : this.#remember(column, this.#columns[i]),
    );
    return { ...raw, columns, signals: rollUp(columns) };
  }

  snapshot(): MonitorSnapshot {
    const { profileId } = this.#layout;
    return { version: 1, profileId, sawRows: this.#sawRows, columns: structuredClone(this.#columns) };
  }

  /** False, and nothing changed, when the snapshot is none or of another reference. */
  restore(snapshot: unknown): boolean {
    const read = readSnapshot(snapshot, this.#layout);
    if (read === undefined) return false;
    this.#sawRows = read.sawRows;
    this.#columns = read.columns;
    return true;
  }

  #remember(column: ColumnEvaluation, memory: ColumnMemory): ColumnEvaluation {
    const quality = column.quality.map((rule) => this.#rememberRule(rule, memory.quality[rule.rule]));
    const alarming = column.scores.find(({ alarms }) => alarms);
    if (alarming === undefined || column.status < STATUS.ok) return { ...column, quality };
    return { ...column, quality, status: stepLevels(memory.drift, alarming, this.#policy) };
  }

  #rememberRule(rule: QualityEvaluation, memory: LevelMemory): QualityEvaluation {
    if (rule.status < STATUS.ok) return rule;
    const { ratio: score, warning, critical } = rule;
    return { ...rule, status: stepLevels(memory, { score, warning, critical }, this.#policy) };
  }
}

function stale(column: ColumnEvaluation): ColumnEvaluation {
  return column.monitored ? { ...column, status: STATUS.stale, reason: 'stale' } : column;
}

function newColumnMemory(): ColumnMemory {
  const quality = Object.fromEntries(QUALITY_RULES.map((rule) => [rule, newLevelMemory()]));
  return { drift: newLevelMemory(), quality: quality as Record<QualityRule, LevelMemory> };
}

/** Reads field by field: a snapshot comes from a file. */
function readSnapshot(value: unknown, layout: PaneLayout): Pick<MonitorSnapshot, 'sawRows' | 'columns'> | undefined {
  const { version, profileId, sawRows, columns } = (value ?? {}) as Partial<MonitorSnapshot>;
  if (version !== 1 || profileId !== layout.profileId || !Array.isArray(columns)) return undefined;
  if (columns.length !== layout.columns.length) return undefined;
  const read = columns.map((column: Partial<ColumnMemory> | null) => {
    const memory = newColumnMemory();
    copyMemory(memory.drift, column?.drift);
    for (const rule of QUALITY_RULES) copyMemory(memory.quality[rule], column?.quality?.[rule]);
    return memory;
  });
  return { sawRows: sawRows === true, columns: read };
}

function copyMemory(into: LevelMemory, from: Partial<LevelMemory> | undefined): void {
  into.warning = from?.warning === true;
  into.critical = from?.critical === true;
  into.warningCalmCount = Number.isSafeInteger(from?.warningCalmCount) ? from!.warningCalmCount! : 0;
  into.criticalCalmCount = Number.isSafeInteger(from?.criticalCalmCount) ? from!.criticalCalmCount! : 0;
}
