/** The demo's command line. */
import { parseArgs } from 'node:util';

export interface DemoOptions {
  readonly json: boolean;
  /** Seconds of replay. */
  readonly durationSeconds: number;
  /** Port of /metrics. */
  readonly port: number;
  readonly daySeconds: number;
}

export const DAY_SECONDS = 3;
const DURATION_SECONDS = 45;
const DURATION_SECONDS_MIN = 15;
const METRICS_PORT = 14319;

export const HELP = `Usage: npm run demo -- [options]

A real service scores real flights of 2001 with a real ONNX model; a sidecar watches it. One day is replayed in
${DAY_SECONDS} seconds. After a few quiet days an upstream breaks, and you see what the monitor says.

Options:
  --duration SECONDS  how long to replay (default ${DURATION_SECONDS}, at least ${DURATION_SECONDS_MIN}); the break comes after four tenths of it
  --port PORT         port of /metrics (default ${METRICS_PORT}; 0 takes a free one)
  --json              one JSON object a line instead of the picture: started, window, broken, change, summary
  --help              this text

Exit code: 0 when the drift was seen, or the demo was stopped by Ctrl-C after that; 130 when it was stopped before;
1 when something failed.

Afterwards:
  npm run -s leeway -- profile --help   make a reference of your own training data
  README.md                             point your own service and backend at it
`;

/** @throws Error whose message says what is wrong and what to do */
export function parseOptions(args: readonly string[]): DemoOptions | 'help' {
  const { values } = parsed(args);
  if (values.help) return 'help';
  return {
    json: values.json,
    durationSeconds: numberFrom('--duration', values.duration, DURATION_SECONDS_MIN, 3_600),
    port: numberFrom('--port', values.port, 0, 65_535),
    daySeconds: DAY_SECONDS,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        duration: { type: 'string', default: String(DURATION_SECONDS) },
        port: { type: 'string', default: String(METRICS_PORT) },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split(/[.\n]/);
    throw new Error(`${reason}; \`npm run demo -- --help\` lists the options`);
  }
}

function numberFrom(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`${name} is "${text}"; it must be a whole number from ${min} to ${max}`);
}
