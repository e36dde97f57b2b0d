/**
 * Which features of an input are read, and under which attribute each leaves: worked out once a name, not once an
 * inference.
 */
import { PREFIX_ML_FEATURES } from '@leeway/semconv';
import type { CapturePolicy, FeatureRule } from './capture-policy.ts';

export interface PlannedFeature {
  readonly name: string;
  /** Attribute key. */
  readonly key: string;
  /** Never `drop`. */
  readonly rule: FeatureRule;
}

/** Names that are remembered; those beyond are worked out anew each time. */
const NAMES_MAX = 10_000;

export class FeaturePlan {
  /** Those of the declared features that may leave, in their order; undefined when none are declared. */
  readonly declared: readonly PlannedFeature[] | undefined;
  readonly #policy: CapturePolicy;
  readonly #known = new Map<string, PlannedFeature | null>();

  constructor(policy: CapturePolicy, declared: readonly string[] | undefined) {
    this.#policy = policy;
    this.declared = declared?.map((name) => this.of(name)).filter((feature) => feature !== null);
  }

  /** Null when the feature may not leave. */
  of(name: string): PlannedFeature | null {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const rule = this.#policy.ruleOf(name);
    const made = rule === 'drop' ? null : { name, key: `${PREFIX_ML_FEATURES}${name}`, rule };
    if (this.#known.size < NAMES_MAX) this.#known.set(name, made);
    return made;
  }
}
