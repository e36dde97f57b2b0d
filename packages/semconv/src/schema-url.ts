/** The schema that these names belong to; one place to change when OpenTelemetry adopts names of its own. */
export const SCHEMA_URL = 'https://leeway.dev/schemas/0.1.0';
