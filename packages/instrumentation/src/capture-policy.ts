/**
 * What may leave the process. Values are off until they are asked for; metrics are on. `LEEWAY_DISABLED=true` turns
 * everything off and nothing overrides it.
 */
import {
  type Carrier,
  carrierOf,
  type Environment,
  type ErrorCapture,
  readEnvironment,
  type Sampling,
} from './capture-environment.ts';
import { FeatureRules } from './feature-rules.ts';

/**
 * How a captured feature leaves. `bucket`: the lower bound of the bucket that the number falls in. `hmac`: a keyed hash,
 * 16 hex digits of HMAC-SHA-256; the word alone takes the key of `hmacKey` or LEEWAY_CAPTURE_HMAC_KEY.
 */
export type FeatureRule = 'raw' | 'drop' | { readonly bucket: readonly number[] } | { readonly hmac: string };

export interface CaptureOptions {
  /** Allow-list: `*` for all, names, or a rule by name, where `*` is the rule of all others. Default: none. */
  readonly features?: '*' | readonly string[] | Readonly<Record<string, FeatureRule | 'hmac'>>;
  /** Predictions with the features. Default: true when any feature is captured. */
  readonly predictions?: boolean;
  /** Share of inferences whose values are captured, 0 to 1. Default 1. */
  readonly rate?: number;
  /** Rows a second whose values are captured; a burst takes about twice as many in its first second. Default: no limit. */
  readonly rowsPerSecond?: number;
  /** Rows of one batch whose values are captured at most; they are drawn at random. Default 1,000. */
  readonly rowsMax?: number;
  /**
   * `span`: attributes of the span. `event`: a log record a row, also of spans that are sampled out. `packed`: numbers as
   * one array on the span, a third of the cost. Above 100 captured features numbers are packed whatever is said here.
   */
  readonly carrier?: Carrier;
  /** `always`: an inference that fails is captured whatever the rate. Default `sampled`. */
  readonly errors?: ErrorCapture;
  /** `inference_id`: an id is captured or not by its hash, alike in every process. Default `random`. */
  readonly sampleBy?: Sampling;
  /** Key of `hmac` rules without one. */
  readonly hmacKey?: string;
}

export interface CapturePolicy {
  readonly isDisabled: boolean;
  readonly predictions: boolean;
  readonly rate: number;
  readonly rowsPerSecond: number;
  readonly rowsMax: number;
  readonly carrier: Carrier;
  readonly errors: ErrorCapture;
  readonly sampleBy: Sampling;
  /** The rule of a feature; `drop` when it is not on the allow-list. */
  ruleOf(feature: string): FeatureRule;
  /** Whether any feature can leave. */
  readonly capturesFeatures: boolean;
}

const ROWS_MAX = 1_000;
const ROWS_MAX_MAX = 1e6;

/**
 * Options of the code and the environment. Where both limit (allow-list, predictions, rate, rows), the stricter one
 * holds, so that an operator can restrict what a release captures and never the other way round; where they merely
 * choose (carrier, errors, sampleBy), the code does.
 *
 * Variables: LEEWAY_DISABLED, OTEL_SDK_DISABLED, LEEWAY_CAPTURE_FEATURES (`*` or names separated by commas, each with a
 * rule if need be: `age,mail=hmac,amount=bucket:0;10;100,ssn=drop,*`), LEEWAY_CAPTURE_PREDICTIONS, LEEWAY_CAPTURE_RATE,
 * LEEWAY_CAPTURE_ROWS_PER_SECOND, LEEWAY_CAPTURE_ROWS_MAX, LEEWAY_CAPTURE_CARRIER, LEEWAY_CAPTURE_ERRORS,
 * LEEWAY_CAPTURE_SAMPLE_BY, LEEWAY_CAPTURE_HMAC_KEY.
 *
 * A value that is not understood is told to `warn` and replaced by the safe one: instrumentation never throws into its
 * host, and a typing error never captures more.
 *
 * @example const policy = capturePolicy({ features: ['amount'] }, process.env, console.warn);
 */
export function capturePolicy(
  options: CaptureOptions,
  env: Environment,
  warn: (message: string) => void,
): CapturePolicy {
  const outer = readEnvironment(env, warn);
  const hmacKey = options.hmacKey ?? outer.hmacKey;
  const inCode = options.features === undefined ? undefined : FeatureRules.of(options.features, hmacKey, warn);
  const inEnv = outer.features === undefined ? undefined : FeatureRules.of(outer.features, hmacKey, warn);
  const { isDisabled } = outer;
  const carrier = carrierOf(options.carrier, 'capture.carrier', warn) ?? outer.carrier ?? 'span';
  const isOff = isDisabled || carrier === 'none';
  const capturesFeatures = !isOff && isAnyAllowed(inCode, inEnv);
  const wanted = options.predictions ?? outer.predictions ?? capturesFeatures;
  const limit = (name: string, given: number | undefined, ofEnv: number | undefined, fallback: number, max: number) => {
    const isUsable = given === undefined || (given >= 0 && given <= max);
    if (!isUsable) warn(`capture.${name} is ${given}: a number from 0 to ${max} is expected; nothing is captured`);
    if (given === undefined) return ofEnv ?? fallback;
    return Math.min(isUsable ? given : 0, ofEnv ?? max);
  };
  return {
    isDisabled,
    capturesFeatures,
    predictions: wanted && outer.predictions !== false && !isOff,
    rate: limit('rate', options.rate, outer.rate, 1, 1),
    rowsPerSecond: limit('rowsPerSecond', options.rowsPerSecond, outer.rowsPerSecond, Infinity, Infinity),
    rowsMax: Math.floor(limit('rowsMax', options.rowsMax, outer.rowsMax, ROWS_MAX, ROWS_MAX_MAX)),
    carrier: carrier === 'none' ? 'span' : carrier,
    errors: options.errors ?? outer.errors ?? 'sampled',
    sampleBy: options.sampleBy ?? outer.sampleBy ?? 'random',
    ruleOf: isOff ? () => 'drop' : (feature) => stricter(inCode?.of(feature), inEnv?.of(feature)),
  };
}

function isAnyAllowed(inCode: FeatureRules | undefined, inEnv: FeatureRules | undefined): boolean {
  if (inCode === undefined) return inEnv?.allowsAny ?? false;
  return inCode.allowsAny && (inEnv?.allowsAny ?? true);
}

/** Undefined: that side says nothing. A value that one side hashes or buckets is never raw; the environment's way wins. */
function stricter(inCode: FeatureRule | undefined, inEnv: FeatureRule | undefined): FeatureRule {
  if (inCode === undefined) return inEnv ?? 'drop';
  if (inEnv === undefined || inEnv === 'raw' || inCode === 'drop') return inCode;
  return inEnv;
}
