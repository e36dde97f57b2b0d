/**
 * `node --import @leeway/register app.js`: instruments the inference libraries that it knows, and starts an
 * OpenTelemetry SDK when the application has none. Settings are the standard OTEL_* variables and LEEWAY_CAPTURE_*.
 */
import { registerLeeway } from './register.ts';

/** What was registered; `shutdown` flushes and stops the SDK if this package started it. */
export const registration = registerLeeway(process.env);
