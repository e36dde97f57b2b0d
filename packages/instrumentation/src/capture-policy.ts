/**
 * What may leave the process. Values are off until they are asked for; metrics are on. `LEEWAY_DISABLED=true` turns
 * everything off and nothing overrides it.
 */

/** How a captured feature leaves. `bucket`: the lower bound of the bucket that the number falls in. */
export type FeatureRule = 'raw' | 'drop' | { readonly bucket: readonly number[] } | { readonly hmac: string };

export interface CaptureOptions {
  /** Allow-list: `*` for all, names, or a rule by name. Default: none. */
  readonly features?: '*' | readonly string[] | Readonly<Record<string, FeatureRule>>;
  /** Predictions with the features. Default: true when any feature is captured. */
  readonly predictions?: boolean;
  /** Share of inferences whose values are captured, 0 to 1. Default 1. */
  readonly rate?: number;
  /** Rows a second whose values are captured at most. Default: no limit. */
  readonly rowsPerSecond?: number;
  /** Rows of one batch whose values are captured at most; they are drawn at random. Default 1,000. */
  readonly rowsMax?: number;
}

export interface CapturePolicy {
  readonly isDisabled: boolean;
  readonly predictions: boolean;
  readonly rate: number;
  readonly rowsPerSecond: number;
  readonly rowsMax: number;
  /** The rule of a feature; `drop` when it is not on the allow-list. */
  ruleOf(feature: string): FeatureRule;
  /** Whether any feature can leave. */
  readonly capturesFeatures: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const ROWS_MAX = 1_000;

/**
 * Options of the code, then the environment: LEEWAY_CAPTURE_FEATURES (`*` or names separated by commas),
 * LEEWAY_CAPTURE_PREDICTIONS, LEEWAY_CAPTURE_RATE, LEEWAY_CAPTURE_ROWS_PER_SECOND, LEEWAY_CAPTURE_ROWS_MAX.
 * A value that is not understood is left out and told to `warn`: instrumentation never throws into its host.
 */
export function capturePolicy(
  options: CaptureOptions,
  env: Environment,
  warn: (message: string) => void,
): CapturePolicy {
  const isDisabled = env.LEEWAY_DISABLED === 'true' || env.OTEL_SDK_DISABLED === 'true';
  const names = env.LEEWAY_CAPTURE_FEATURES?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const features = options.features ?? (names?.includes('*') ? '*' : (names ?? []));
  const ruleOf = ruleLookup(features);
  const capturesFeatures = !isDisabled && (features === '*' || Object.keys(features).length > 0);
  const number = (name: string, given: number | undefined, fallback: number, max: number) => {
    if (given !== undefined) return given >= 0 && given <= max ? given : fallback;
    const text = env[name];
    if (text === undefined || text.trim() === '') return fallback;
    const value = Number(text);
    if (value >= 0 && value <= max) return value;
    warn(`${name} is ${JSON.stringify(text)}: a number from 0 to ${max} is expected; ${fallback} is used`);
    return fallback;
  };
  const predictions =
    options.predictions ??
    (env.LEEWAY_CAPTURE_PREDICTIONS === undefined ? capturesFeatures : env.LEEWAY_CAPTURE_PREDICTIONS === 'true');
  return {
    isDisabled,
    capturesFeatures,
    predictions: predictions && !isDisabled,
    rate: number('LEEWAY_CAPTURE_RATE', options.rate, 1, 1),
    rowsPerSecond: number(
      'LEEWAY_CAPTURE_ROWS_PER_SECOND',
      options.rowsPerSecond,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ),
    rowsMax: number('LEEWAY_CAPTURE_ROWS_MAX', options.rowsMax, ROWS_MAX, 1e6),
    ruleOf: isDisabled ? () => 'drop' : ruleOf,
  };
}

function ruleLookup(features: NonNullable<CaptureOptions['features']>): (feature: string) => FeatureRule {
  if (features === '*') return () => 'raw';
  const rules = new Map<string, FeatureRule>(
    Array.isArray(features)
      ? features.map((name: string) => [name, 'raw'])
      : Object.entries(features as Record<string, FeatureRule>),
  );
  return (feature) => rules.get(feature) ?? 'drop';
}
