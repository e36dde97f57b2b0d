/** Events as log records with an event name: predictions, ground truth and feedback, which need no live span. */
import * as api from '@opentelemetry/api';
import { firstUse } from './first-use.ts';
import { SCOPE } from './tracing.ts';

export type EventValue = string | number | boolean | null | readonly (string | number | boolean | null)[];
export type EventAttributes = Readonly<Record<string, EventValue | undefined>>;

/** The part of a LoggerProvider that is used. */
export interface EventLoggerProvider {
  getLogger(name: string): EventLogger;
  forceFlush?(): Promise<void>;
}
interface EventLogger {
  emit(record: { eventName: string; attributes: api.Attributes; context?: api.Context }): void;
  enabled?(options?: { eventName?: string; context?: api.Context }): boolean;
}

// API 1.9 has no logs: a namespace import, so that loading does not fail there.
const globalLogs = (api as unknown as { logs?: { getLoggerProvider(): EventLoggerProvider } }).logs;

let ownProvider: EventLoggerProvider | undefined;
let made: EventLogger | undefined;
let madeFor: EventLoggerProvider | undefined;
let saidNoLogs = false;

/**
 * Uses this provider instead of the global one; undefined goes back to it.
 *
 * @example setLoggerProvider(loggerProvider);
 */
export function setLoggerProvider(provider: EventLoggerProvider | undefined): void {
  ownProvider = provider;
}

/** Whether somebody listens: the API has logs, and the application an SDK for them that wants this event. */
export function isEventEnabled(eventName: string): boolean {
  const logger = eventLogger();
  return logger !== undefined && (logger.enabled?.({ eventName }) ?? true);
}

/** Emits an event when the API has logs and the application an SDK; a no-op otherwise, said once. Never throws. */
export function emitEvent(eventName: string, attributes: EventAttributes, context?: api.Context): void {
  try {
    const logger = eventLogger();
    const present = usable(attributes);
    logger?.emit(
      context === undefined ? { eventName, attributes: present } : { eventName, attributes: present, context },
    );
  } catch (error) {
    api.diag.warn(`${SCOPE}: an event was not emitted`, error);
  }
}

/** Flushes the log SDK, where it can be. Never rejects. */
export async function flushEvents(): Promise<void> {
  const provider = ownProvider ?? globalLogs?.getLoggerProvider();
  try {
    await provider?.forceFlush?.();
  } catch (error) {
    api.diag.warn(`${SCOPE}: events were not flushed`, error);
  }
}

function eventLogger(): EventLogger | undefined {
  if (made === undefined && ownProvider === undefined) firstUse();
  const provider = ownProvider ?? globalLogs?.getLoggerProvider();
  if (provider === undefined) {
    if (!saidNoLogs) api.diag.warn(`${SCOPE}: events need @opentelemetry/api 1.10 or later; they are dropped`);
    saidNoLogs = true;
    return undefined;
  }
  if (made === undefined || provider !== madeFor) {
    madeFor = provider;
    made = provider.getLogger(SCOPE);
  }
  return made;
}

function usable(attributes: EventAttributes): api.Attributes {
  const present: Record<string, EventValue> = {};
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && (typeof value !== 'number' || Number.isFinite(value)))
      present[key] = value;
  }
  return present as api.Attributes;
}
