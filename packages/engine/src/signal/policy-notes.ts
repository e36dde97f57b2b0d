/** What a policy makes of a reference that its author may not expect, in sentences for the log. */
import { calendarReason, spanText } from '../reference/calendar.ts';
import type { ReferenceProfile } from '../reference/profile.ts';
import type { CompiledPolicy } from './policy.ts';

/**
 * Empty when reference and window fit each other.
 *
 * @example policyNotes(madeWithDays, compilePolicy(madeWithDays, {}, hours))
 * // ['reference blocks are 1 d, window is 1 h: block band unused; make the reference with --window 1h']
 */
export function policyNotes({ time, features, outputs }: ReferenceProfile, policy: CompiledPolicy): readonly string[] {
  const notes: string[] = [];
  const span = spanText(policy.windowMs);
  if (time !== undefined && policy.columns.some(({ bandReason }) => bandReason === 'window_differs')) {
    notes.push(
      `reference blocks are ${spanText(time.blockMs)}, window is ${span}: block band unused; make the reference with --window ${span.replace(' ', '')}`,
    );
  }
  [...features, ...outputs].forEach(({ name, monitor, calendar }, i) => {
    const { monitored } = policy.columns[i];
    if (calendar === undefined || monitored === monitor) return;
    const why = calendarReason(calendar, policy.windowMs) ?? `a window of ${span} covers the cycle of ${calendar.what}`;
    notes.push(`${name}: ${monitored ? 'monitored' : 'not monitored'}: ${why}`);
  });
  return notes;
}
