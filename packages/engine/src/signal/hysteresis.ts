/** Keeps an alarm from flapping: a level is entered at its threshold and left well below it, twice in a row. */
import { STATUS, type Status } from './evaluation.ts';

/** Memory of one score. */
export interface LevelMemory {
  /** The level is held. */
  warning: boolean;
  critical: boolean;
  /** Evaluations in a row that were calm, while it is held. */
  warningCalmCount: number;
  criticalCalmCount: number;
}

export interface HysteresisRule {
  readonly leaveRatio: number;
  readonly leaveCount: number;
}

export function newLevelMemory(): LevelMemory {
  return { warning: false, critical: false, warningCalmCount: 0, criticalCalmCount: 0 };
}

/** The status after one more judged score; changes `memory`. */
export function stepLevels(
  memory: LevelMemory,
  { score, warning, critical }: { readonly score: number; readonly warning: number; readonly critical: number },
  rule: HysteresisRule,
): Status {
  memory.warningCalmCount = calmCount(memory.warning, memory.warningCalmCount, score, warning, rule);
  memory.warning = score >= warning || (memory.warning && memory.warningCalmCount < rule.leaveCount);
  memory.criticalCalmCount = calmCount(memory.critical, memory.criticalCalmCount, score, critical, rule);
  memory.critical = score >= critical || (memory.critical && memory.criticalCalmCount < rule.leaveCount);
  if (memory.critical) return STATUS.critical;
  return memory.warning ? STATUS.warning : STATUS.ok;
}

function calmCount(held: boolean, count: number, score: number, threshold: number, rule: HysteresisRule): number {
  return held && score < rule.leaveRatio * threshold ? count + 1 : 0;
}
