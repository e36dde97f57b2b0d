/** The sidecar's configuration in the demo: a window is one replayed day, so everything is in seconds. */
import { stringify } from 'yaml';

export interface SidecarSettings {
  readonly otlp: number;
  readonly metrics: number;
  readonly daySeconds: number;
  readonly reference: string;
  /** Where predictions wait for their labels. */
  readonly labels: string;
}

export function sidecarConfig({ otlp, metrics, daySeconds, reference, labels }: SidecarSettings): string {
  return stringify({
    listen: { otlp_http: `127.0.0.1:${otlp}`, http: `127.0.0.1:${metrics}` },
    window: { length: `${daySeconds}s`, pane: `${daySeconds / 3}s`, lateness: '1s' },
    references: [{ model: 'late-flights', file: reference }],
    // The block band was measured on days; here a window is a day that runs faster.
    alarms: { block_band: 'always' },
    // Labels come half a day to two days after the prediction.
    labels: { path: labels, ttl: '1h', wait: '1m', due: `${2 * daySeconds}s` },
    // What the label alone decides, and what the score orders.
    performance: { metrics: ['accuracy', 'auroc'] },
    export: { otlp: 'off' },
  });
}
