/**
 * What is wrong with settings is said once a process and message: to the diagnostic logger where one is set, else as a
 * warning of the process. Settings are mostly read before anybody has set a logger, and values that are absent because of
 * a typing error would be a riddle.
 */
import { diag } from '@opentelemetry/api';

const API_GLOBAL = Symbol.for('opentelemetry.js.api.1');
const SAID_MAX = 100;
const said = new Set<string>();

/** @example warnOfSettings('LEEWAY_CAPTURE_RATE is "10%": a number from 0 to 1 is expected; no values are captured'); */
export function warnOfSettings(message: string): void {
  if (said.has(message) || said.size >= SAID_MAX) return;
  said.add(message);
  const text = `@leeway/instrumentation: ${message}`;
  const api = (globalThis as { [API_GLOBAL]?: { readonly diag?: unknown } })[API_GLOBAL];
  if (api?.diag !== undefined) diag.warn(text);
  else process.emitWarning(text, { code: 'leeway-settings' });
}
