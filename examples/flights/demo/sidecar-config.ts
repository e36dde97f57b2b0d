/** The sidecar's configuration in the demo: a window is one replayed day, so everything is in seconds. */
import { stringify } from 'yaml';

export interface SidecarSettings {
  readonly otlp: number;
  readonly metrics: number;
  readonly daySeconds: number;
  readonly reference: string;
}

export function sidecarConfig({ otlp, metrics, daySeconds, reference }: SidecarSettings): string {
  return stringify({
    listen: { otlp_http: `127.0.0.1:${otlp}`, http: `127.0.0.1:${metrics}` },
    window: { length: `${daySeconds}s`, pane: `${daySeconds / 3}s`, lateness: '1s' },
    references: [{ model: 'late-flights', file: reference }],
    // The block band was measured on days; here a window is a day that runs faster.
    alarms: { block_band: 'always' },
    export: { otlp: 'off' },
  });
}
