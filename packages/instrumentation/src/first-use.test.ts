/** What happens at the first telemetry, with the API's real globals. */
import { metrics, ProxyTracerProvider, trace } from '@opentelemetry/api';
import { afterEach, expect, test, vi } from 'vitest';
import { apiMismatch, firstUse, onFirstUse } from './first-use.ts';
import { instruments, setMeterProvider } from './instruments.ts';
import { setTracerProvider, tracer } from './tracing.ts';

const API_GLOBAL = Symbol.for('opentelemetry.js.api.1');
type Global = { [API_GLOBAL]?: object };

afterEach(() => {
  delete (globalThis as Global)[API_GLOBAL];
  vi.restoreAllMocks();
});

test('the start is called once, at the first tracer or instrument that is asked for', () => {
  const start = vi.fn();
  onFirstUse(start);
  expect(start).not.toHaveBeenCalled();
  expect(tracer()).toBeUndefined();
  instruments();
  firstUse();
  expect(start).toHaveBeenCalledTimes(1);
});

test('a start that throws does not reach the host', () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  onFirstUse(() => {
    throw new Error('no configuration');
  });
  expect(tracer()).toBeUndefined();
  expect(String(emitted.mock.calls[0]?.[0])).toContain('no configuration');
});

test('an SDK over an older API is told once, and none is started beside it', () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const start = vi.fn();
  onFirstUse(start);
  (globalThis as Global)[API_GLOBAL] = { version: '1.9.0', trace: { getTracer: () => ({}) } };
  expect(apiMismatch()).toContain('@opentelemetry/api 1.9.0');
  expect([tracer(), tracer()]).toEqual([undefined, undefined]);
  expect(emitted).toHaveBeenCalledTimes(1);
  expect(start).not.toHaveBeenCalled();
});

test('no SDK is no mismatch', () => {
  expect(apiMismatch()).toBeUndefined();
});

test('regression: the proxies of another copy of the API do not stand in for the global providers', () => {
  setTracerProvider(new ProxyTracerProvider());
  setMeterProvider(metrics.getMeterProvider());
  expect(tracer()).toBeUndefined();
  const own = { getTracer: () => 'the tracer' };
  trace.setGlobalTracerProvider(own as never);
  expect(tracer()).toBe('the tracer');
  trace.disable();
});
