/** The messages are those of OpenTelemetry's exporters 0.301, shortened. */
import { expect, test } from 'vitest';
import { exportFault, exportFaultLogger } from './export-faults.ts';

test.each([
  [
    '{"stack":"Error: connect ECONNREFUSED 127.0.0.1:4318\\n at x.js:404:1","message":"connect ECONNREFUSED"}',
    'nothing listens there',
  ],
  [
    '{"stack":"OTLPExporterError: Not Found\\n at y.js:503:2","message":"Not Found","code":"404"}',
    'there is no such path',
  ],
  ['{"stack":"OTLPExporterError: Unauthorized","message":"Unauthorized","code":"401"}', 'it refuses the credentials'],
  [
    '{"stack":"Error: self-signed","message":"self-signed certificate","code":"DEPTH_ZERO_SELF_SIGNED_CERT"}',
    'TLS fails',
  ],
  ['{"stack":"Error","message":"getaddrinfo ENOTFOUND collector","code":"ENOTFOUND"}', 'the name is not known'],
  ['PeriodicExportingMetricReader: metrics export failed (error Error: Request Timeout)', 'it does not answer in time'],
])('%s', (message, what) => {
  expect(exportFault(message)?.what).toBe(what);
});

test('what is no export is passed on; what repeats is said every five minutes', () => {
  let now = 0;
  const lines: string[] = [];
  const passed: string[] = [];
  const pass = (message: string) => void passed.push(message);
  const logger = exportFaultLogger(
    { error: pass, warn: pass, info: pass, debug: pass, verbose: pass },
    { endpoint: 'http://c:4318', nowMs: () => now, write: (line) => void lines.push(line) },
  );
  logger.warn('a view is shadowed by another, in 404 cases');
  for (; now < 600_000; now += 1_000) logger.error('{"stack":"Error: connect ECONNREFUSED","code":"ECONNREFUSED"}');
  expect(passed).toEqual(['a view is shadowed by another, in 404 cases']);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('failed so far: 301');
});
