/** What a person wants to know of how right a model was in its reference. */
import type { ReferenceProfile } from '@leeway/engine';
import pc from 'picocolors';

const CLASSES_SHOWN = 10;

/** For machines: without the edges and maps. */
export function performanceSummary({ performance }: ReferenceProfile) {
  if (performance === undefined) return undefined;
  const { truth, rowCount, metrics, classification } = performance;
  return {
    truth,
    rowCount,
    task: classification === undefined ? 'regression' : 'classification',
    ...(classification === undefined ? {} : { classes: classification.classes, ...calibrationOf(performance) }),
    metrics,
  };
}

/** For people; none where the profile does not say. */
export function performanceLines({ performance }: ReferenceProfile): string[] {
  if (performance === undefined) return [];
  const { truth, rowCount, metrics, classification } = performance;
  const { calibrated, scores } = calibrationOf(performance);
  const names = classification?.classes ?? [];
  const shown = `${names.slice(0, CLASSES_SHOWN).join(', ')}${names.length > CLASSES_SHOWN ? ' …' : ''}`;
  const what =
    classification === undefined
      ? 'a number'
      : `${names.length} classes: ${shown} · ${scores === 0 ? 'without scores' : `${calibrated} of ${scores} scores calibrated`}`;
  return [
    pc.bold('performance'),
    `  ${truth}, ${rowCount.toLocaleString('en-US')} rows · ${what}`,
    ...metrics.map(
      ({ metric, value, standardError }) =>
        `  ${metric.padEnd(18)} ${value.toFixed(4).padStart(10)}${standardError === undefined ? '' : ` ± ${standardError.toFixed(4)}`}`,
    ),
    '',
  ];
}

/** A score without a map is worth what it says, or was not shown to be worth something else. */
function calibrationOf({ classification }: NonNullable<ReferenceProfile['performance']>) {
  const maps = classification?.calibration ?? [];
  return { scores: maps.length, calibrated: maps.filter(({ scores }) => scores.length > 0).length };
}
