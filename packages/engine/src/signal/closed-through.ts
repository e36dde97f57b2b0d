/** The moment up to which every host has closed its panes. */
import type { WindowSettings } from './monitor-settings.ts';
import { modelName, type SeriesReport } from './watched-models.ts';

/**
 * Up to where panes are closed, for `WatchedModels.advance`. Wall mode: by the clock, the same for all models, rows or
 * none. Event mode: the minimum over what reported, by model.
 */
export function closedThrough(
  { mode, latenessMs, paneMs }: WindowSettings,
  reports: Iterable<SeriesReport>,
  nowMs: number,
  closeAll: boolean,
): ReadonlyMap<string, number> | number {
  if (mode === 'wall') return closeAll ? Math.ceil(nowMs / paneMs) * paneMs : nowMs - latenessMs;
  const through = new Map<string, number>();
  for (const one of reports) {
    if (one.isEnded) continue;
    const name = modelName(one);
    through.set(name, Math.min(through.get(name) ?? Number.POSITIVE_INFINITY, one.closedThroughMs));
  }
  return through;
}
