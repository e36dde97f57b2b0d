/** The list that the doctor prints: what holds, what does not and how to mend it, what could not be told. */

export type CheckState = 'ok' | 'failed' | 'unknown';

export interface Check {
  /** A word for scripts. */
  readonly id: string;
  readonly state: CheckState;
  readonly text: string;
  /** Of a failed one always. */
  readonly fix?: string;
}

const MARKS: Readonly<Record<CheckState, string>> = { ok: '✔', failed: '✖', unknown: '–' };

export const ok = (id: string, text: string): Check => ({ id, state: 'ok', text });
export const failed = (id: string, text: string, fix: string): Check => ({ id, state: 'failed', text, fix });
export const unknown = (id: string, text: string): Check => ({ id, state: 'unknown', text });

export function printedChecklist(checks: readonly Check[]): string {
  const lines = checks.map(
    ({ state, text, fix }) => `${MARKS[state]} ${text}${fix === undefined ? '' : `\n    → ${fix}`}`,
  );
  const count = checks.filter(({ state }) => state === 'failed').length;
  return `${lines.join('\n')}\n\n${count === 0 ? 'Nothing that could be told is wrong.' : `${count} to mend, in this order.`}\n`;
}
