/** What the host calls and must not be thrown at: whatever it was given, the worst that happens is a line of diagnosis. */
import { diag } from '@opentelemetry/api';
import { errorTypeOf } from './metric-binding.ts';
import { SCOPE } from './tracing.ts';

const said = new Set<string>();
const SAID_MAX = 100;

/** @param what the call, for the line; said once, with the class of the error and never its message */
export function harmless(what: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (said.has(what) || said.size >= SAID_MAX) return;
    said.add(what);
    diag.warn(`${SCOPE}: ${what} was given what it cannot use: ${errorTypeOf(error, undefined)}`);
  }
}
