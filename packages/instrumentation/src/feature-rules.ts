/** An allow-list: the rule of each feature, checked when it is made. */
import type { CaptureOptions, FeatureRule } from './capture-policy.ts';

type Warn = (message: string) => void;

export class FeatureRules {
  /** Whether any feature may leave. */
  readonly allowsAny: boolean;
  readonly #rules: ReadonlyMap<string, FeatureRule>;
  readonly #others: FeatureRule;

  private constructor(rules: ReadonlyMap<string, FeatureRule>, others: FeatureRule) {
    this.#rules = rules;
    this.#others = others;
    this.allowsAny = others !== 'drop' || [...rules.values()].some((rule) => rule !== 'drop');
  }

  /** A rule that cannot be followed drops its feature and is told to `warn`. */
  static of(features: NonNullable<CaptureOptions['features']>, hmacKey: string | undefined, warn: Warn): FeatureRules {
    if (features === '*') return new FeatureRules(new Map(), 'raw');
    const given: [string, unknown][] = Array.isArray(features)
      ? features.map((name: string) => [name, 'raw'])
      : Object.entries(features);
    const rules = new Map(given.map(([name, rule]) => [name, usable(name, rule, hmacKey, warn)]));
    const others = rules.get('*') ?? 'drop';
    rules.delete('*');
    return new FeatureRules(rules, others);
  }

  of(feature: string): FeatureRule {
    return this.#rules.get(feature) ?? this.#others;
  }
}

function usable(name: string, rule: unknown, hmacKey: string | undefined, warn: Warn): FeatureRule {
  if (rule === 'raw' || rule === 'drop') return rule;
  if (rule === 'hmac' || isObject(rule, 'hmac')) {
    const key = rule === 'hmac' ? hmacKey : rule.hmac;
    if (typeof key === 'string' && key !== '') return { hmac: key };
    warn(`feature ${JSON.stringify(name)} has the rule hmac and no key: set LEEWAY_CAPTURE_HMAC_KEY; it is dropped`);
    return 'drop';
  }
  if (isObject(rule, 'bucket') && Array.isArray(rule.bucket)) {
    const bounds = rule.bucket.filter((bound: unknown) => typeof bound === 'number' && Number.isFinite(bound));
    if (bounds.length > 0) return { bucket: bounds.sort((a: number, b: number) => a - b) };
  }
  warn(`feature ${JSON.stringify(name)} has no rule that is known: raw, drop, hmac or bucket bounds; it is dropped`);
  return 'drop';
}

function isObject<K extends string>(rule: unknown, key: K): rule is Record<K, unknown> {
  return typeof rule === 'object' && rule !== null && key in rule;
}
