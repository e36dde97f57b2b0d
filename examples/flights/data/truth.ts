/** What was true of a flight, as the model's classes say it. */

const LATE_MINUTES = 15;
/** No flight arrives two hours early: such a delay has wrapped around in the source, and its truth is not known. */
const DELAY_MIN = -120;

/** Undefined where nobody knows. */
export function truthOf(delayMinutes: number): 'late' | 'on_time' | undefined {
  if (delayMinutes < DELAY_MIN) return undefined;
  return delayMinutes > LATE_MINUTES ? 'late' : 'on_time';
}
