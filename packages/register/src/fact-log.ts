/** What `leeway doctor` wants to know, as lines of JSON in the file that LEEWAY_DOCTOR_FILE names; else nowhere. */
import { appendFileSync } from 'node:fs';

export type Fact = { readonly fact: string } & Readonly<Record<string, unknown>>;

export interface FactLog {
  /** Whether anybody reads it. */
  readonly isOn: boolean;
  /** Each once; never throws. */
  note(fact: Fact): void;
}

/** Distinct facts of a process. */
const FACTS_MAX = 500;

export function factLog(path: string | undefined, pid: number): FactLog {
  if (path === undefined || path === '') return { isOn: false, note: () => undefined };
  const said = new Set<string>();
  return {
    isOn: true,
    note: (fact) => {
      const line = JSON.stringify({ ...fact, pid });
      if (said.has(line) || said.size >= FACTS_MAX) return;
      said.add(line);
      try {
        // Synchronous: the process may end at any moment, and this is a diagnosis.
        appendFileSync(path, `${line}\n`);
      } catch {
        // The doctor has gone; the application goes on.
      }
    },
  };
}
