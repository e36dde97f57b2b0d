import { diag } from '@opentelemetry/api';
import { afterEach, expect, test, vi } from 'vitest';
import { warnOfSettings } from './settings-warning.ts';

afterEach(() => {
  diag.disable();
  vi.restoreAllMocks();
});

test('regression: nobody heard what was wrong with settings, because no logger was set yet', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  warnOfSettings('rate is "10%"');
  warnOfSettings('rate is "10%"');
  expect(warned.mock.calls).toEqual([['@leeway/instrumentation: rate is "10%"', { code: 'leeway-settings' }]]);
});

test('where a logger is set, it is told', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const told: unknown[] = [];
  const tell = (...parts: unknown[]) => void told.push(parts);
  diag.setLogger({ error: tell, warn: tell, info: tell, debug: tell, verbose: tell });
  told.length = 0;
  warnOfSettings('carrier is "evnt"');
  expect([told, warned.mock.calls]).toEqual([[['@leeway/instrumentation: carrier is "evnt"']], []]);
});
