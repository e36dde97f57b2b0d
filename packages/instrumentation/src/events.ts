/** Events as log records with an event name: ground truth and feedback, which need no live span. */
import * as api from '@opentelemetry/api';

export type EventValue = string | number | boolean | readonly string[];

let saidNoLogs = false;

/** Emits an event when the API has logs and the application an SDK; a no-op otherwise, said once. */
export function emitEvent(name: string, attributes: Readonly<Record<string, EventValue | undefined>>): void {
  // API 1.9 has no logs: a namespace import, so that loading does not fail there.
  const logs = (api as Partial<Pick<typeof api, 'logs'>>).logs;
  if (logs === undefined) {
    if (!saidNoLogs)
      api.diag.warn('@leeway/instrumentation: events need @opentelemetry/api 1.10 or later; they are dropped');
    saidNoLogs = true;
    return;
  }
  const present = Object.fromEntries(Object.entries(attributes).filter(([, value]) => isUsable(value))) as Record<
    string,
    EventValue
  >;
  logs.getLogger('@leeway/instrumentation').emit({ eventName: name, attributes: present });
}

function isUsable(value: EventValue | undefined): boolean {
  return value !== undefined && (typeof value !== 'number' || Number.isFinite(value));
}
