/** What a reference says of the window that it was made for, in sentences for whoever made it. */
import { spanText } from './calendar.ts';
import type { ColumnReference, ReferenceProfile } from './profile.ts';

/** A drift of its own that is below this lies within the margins of alarms. */
const BAND_MIN = 0.1;
/** A longer window is advised when it takes away at least so much of the band. */
const GAIN_MIN = 2;
const NAMES_SHOWN = 3;

/** One sentence or none. Monitored columns only. */
export function windowAdvice({ time, features, outputs }: ReferenceProfile): readonly string[] {
  if (time === undefined) return [];
  const restless = [...features, ...outputs]
    .filter(({ monitor, blockBand }) => monitor && (blockBand?.psi ?? 0) >= BAND_MIN)
    .sort((a, b) => b.blockBand!.psi - a.blockBand!.psi);
  if (restless.length === 0) return [];
  const [worst] = restless;
  const span = spanText(time.blockMs);
  const { psi, longer, slots } = worst.blockBand!;
  const says = `${namesOf(restless)}: blocks of ${span} lie up to PSI ${psi.toFixed(2)} from the rest`;
  const kept = slots === undefined ? 'its thresholds are wider by that' : 'its thresholds go by the hour';
  const better = longer?.find((one) => one.psi * GAIN_MIN <= psi);
  if (better === undefined) return [`${says}, and longer ones hardly less: ${kept}`];
  const length = spanText(better.blockMs);
  return [
    `${says}, blocks of ${length} ${better.psi.toFixed(2)}: set window.length to ${length.replace(' ', '')} or a multiple of it to see smaller drifts, or keep ${span.replace(' ', '')}: ${kept}`,
  ];
}

function namesOf(columns: readonly ColumnReference[]): string {
  const names = columns.slice(0, NAMES_SHOWN).map(({ name }) => name);
  return columns.length > NAMES_SHOWN
    ? `${names.join(', ')} and ${columns.length - NAMES_SHOWN} more`
    : names.join(', ');
}
