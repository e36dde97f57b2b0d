/** The memory SDK, fresh for each test of a file. */
import { afterEach, beforeEach } from 'vitest';
import { memorySdk, type Telemetry } from './memory-sdk.ts';

export function withTelemetry(): Telemetry {
  const sdk = memorySdk();
  beforeEach(() => sdk.start());
  afterEach(() => sdk.stop());
  return sdk;
}
