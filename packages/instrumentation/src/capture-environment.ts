/** The capture policy that the environment asks for; an empty variable is as good as none, as OpenTelemetry has it. */
import type { CaptureOptions, FeatureRule } from './capture-policy.ts';

export const CARRIERS = ['span', 'event', 'packed'] as const;
export type Carrier = (typeof CARRIERS)[number];
export const ERROR_CAPTURES = ['sampled', 'always'] as const;
export type ErrorCapture = (typeof ERROR_CAPTURES)[number];
export const SAMPLINGS = ['random', 'inference_id'] as const;
export type Sampling = (typeof SAMPLINGS)[number];

export type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvironmentPolicy {
  readonly isDisabled: boolean;
  readonly features: NonNullable<CaptureOptions['features']> | undefined;
  readonly predictions: boolean | undefined;
  readonly rate: number | undefined;
  readonly rowsPerSecond: number | undefined;
  readonly rowsMax: number | undefined;
  /** `none`: what was asked for is no carrier. */
  readonly carrier: Carrier | 'none' | undefined;
  readonly errors: ErrorCapture | undefined;
  readonly sampleBy: Sampling | undefined;
  readonly hmacKey: string | undefined;
}

type Warn = (message: string) => void;

const ROWS_MAX_MAX = 1e6;

/** The switch that nothing overrides: LEEWAY_DISABLED or OTEL_SDK_DISABLED is `true`. */
export function isHardOff(env: Environment): boolean {
  const isTrue = (name: string) => env[name]?.trim().toLowerCase() === 'true';
  return isTrue('LEEWAY_DISABLED') || isTrue('OTEL_SDK_DISABLED');
}

export function readEnvironment(env: Environment, warn: Warn): EnvironmentPolicy {
  const text = (name: string) => {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  };
  /** A number that is not understood captures nothing: the variable was set to limit. */
  const number = (name: string, max: number): number | undefined => {
    const given = text(name);
    if (given === undefined) return undefined;
    const value = Number(given);
    if (value >= 0 && value <= max) return value;
    warn(`${name} is ${JSON.stringify(given)}: a number from 0 to ${max} is expected; no values are captured`);
    return 0;
  };
  const word = <W extends string>(name: string, words: readonly W[]): W | undefined => {
    const given = text(name)?.toLowerCase();
    const known = words.find((one) => one === given);
    if (given !== undefined && known === undefined)
      warn(`${name} is ${JSON.stringify(given)}: one of ${words.join(', ')} is expected; it is left out`);
    return known;
  };
  const predictions = word('LEEWAY_CAPTURE_PREDICTIONS', ['true', 'false']);
  return {
    isDisabled: isHardOff(env),
    features: featuresOf(text('LEEWAY_CAPTURE_FEATURES'), warn),
    predictions: predictions === undefined ? undefined : predictions === 'true',
    rate: number('LEEWAY_CAPTURE_RATE', 1),
    rowsPerSecond: number('LEEWAY_CAPTURE_ROWS_PER_SECOND', Number.POSITIVE_INFINITY),
    rowsMax: number('LEEWAY_CAPTURE_ROWS_MAX', ROWS_MAX_MAX),
    carrier: carrierOf(text('LEEWAY_CAPTURE_CARRIER')?.toLowerCase(), 'LEEWAY_CAPTURE_CARRIER', warn),
    errors: word('LEEWAY_CAPTURE_ERRORS', ERROR_CAPTURES),
    sampleBy: word('LEEWAY_CAPTURE_SAMPLE_BY', SAMPLINGS),
    hmacKey: text('LEEWAY_CAPTURE_HMAC_KEY'),
  };
}

/** What is no carrier carries nothing: values meant for one way out must not leave by another. */
export function carrierOf(given: string | undefined, name: string, warn: Warn): Carrier | 'none' | undefined {
  if (given === undefined) return undefined;
  const known = CARRIERS.find((one) => one === given);
  if (known === undefined)
    warn(`${name} is ${JSON.stringify(given)}: one of ${CARRIERS.join(', ')} is expected; no values are captured`);
  return known ?? 'none';
}

/** `age,mail=hmac,amount=bucket:0;10;100,ssn=drop,*` */
function featuresOf(text: string | undefined, warn: Warn): EnvironmentPolicy['features'] {
  if (text === undefined) return undefined;
  const rules: Record<string, FeatureRule | 'hmac'> = Object.create(null);
  for (const part of text.split(',').map((piece) => piece.trim())) {
    if (part === '') continue;
    const at = part.lastIndexOf('=');
    const name = at < 0 ? part : part.slice(0, at).trim();
    rules[name] = at < 0 ? 'raw' : ruleOf(name, part.slice(at + 1).trim(), warn);
  }
  return rules;
}

function ruleOf(name: string, text: string, warn: Warn): FeatureRule | 'hmac' {
  if (text === 'raw' || text === 'drop' || text === 'hmac') return text;
  if (text.startsWith('bucket:')) return { bucket: text.slice('bucket:'.length).split(';').map(Number) };
  warn(`LEEWAY_CAPTURE_FEATURES gives ${JSON.stringify(name)} the rule ${JSON.stringify(text)}; it is dropped`);
  return 'drop';
}
