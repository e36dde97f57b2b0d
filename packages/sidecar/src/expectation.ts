/** What to expect after the start, in words: for the line that says that the sidecar is ready. */
import { type ReferenceEntry, windowSettings } from '@leeway/engine';
import type { Config } from './config/schema.ts';

const MODELS_SHOWN = 20;

export function expectation(config: Config, references: readonly ReferenceEntry[]) {
  const { windowMs, paneMs, latenessMs, mode } = windowSettings(config);
  const models = references
    .slice(0, MODELS_SHOWN)
    .map(({ model, version }) => `${model} ${version === 'inherit' ? '(any version)' : version}`);
  if (references.length > MODELS_SHOWN) models.push(`and ${references.length - MODELS_SHOWN} more`);
  const rows = `at least ${config.alarms.min_rows} rows a window`;
  const first = `first values after about ${inWords(paneMs + latenessMs)}, first score after about ${inWords(windowMs + latenessMs)}`;
  return {
    models,
    window: inWords(windowMs),
    pane: inWords(paneMs),
    lateness: inWords(latenessMs),
    expect: mode === 'wall' ? `${first}, with ${rows}` : `scores as the replay's own time passes, with ${rows}`,
  };
}

/** `1 h 2 min`; the two greatest units that are not zero. */
export function inWords(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
    [1, 'ms'],
  ] as const;
  const parts: string[] = [];
  let rest = Math.round(ms);
  for (const [size, unit] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}
