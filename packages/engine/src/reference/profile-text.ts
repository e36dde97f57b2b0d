/** A profile from what a file holds, or one sentence that says what is wrong with it and where. */
import { parseProfile } from './parse-profile.ts';
import type { ReferenceProfile } from './profile.ts';
import type { Sha256Hex } from './seal-profile.ts';

const PROBLEMS_SHOWN = 5;

/** @param place named in front of the problem: the file */
export function profileFromText(text: string, place: string, sha256: Sha256Hex): ReferenceProfile | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `${place}: is not JSON (${printableFault(error)}): make a reference with leeway profile`;
  }
  return profileFromValue(value, place, sha256);
}

/** The same of a value that was parsed already. */
export function profileFromValue(value: unknown, place: string, sha256: Sha256Hex): ReferenceProfile | string {
  const parsed = parseProfile(value, { sha256 });
  if (parsed.ok) return parsed.profile;
  const shown = parsed.problems
    .slice(0, PROBLEMS_SHOWN)
    .map(({ path, message }) => `${path === '' ? '/' : path}: ${message}`);
  const more = parsed.problems.length > PROBLEMS_SHOWN ? `; and ${parsed.problems.length - PROBLEMS_SHOWN} more` : '';
  return `${place}: is no valid reference profile: ${shown.join('; ')}${more}`;
}

/** V8 quotes the text around the fault, which may be somebody's data: only what is wrong is kept. */
function printableFault(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/,? ?(\.\.\.)?".*$/s, '').replace(/'[^']*'/s, 'something');
}
