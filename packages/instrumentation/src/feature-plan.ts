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

/** Those of a list of features that may leave, and where each stands in the list. */
export interface PlannedColumns {
  readonly features: readonly PlannedFeature[];
  readonly places: readonly number[];
}

/** Names that are remembered; those beyond are worked out anew each time. */
const NAMES_MAX = 10_000;

export class FeaturePlan {
  /** Those of the declared features that may leave, in their order; undefined when none are declared. */
  readonly declared: readonly PlannedFeature[] | undefined;
  readonly #policy: CapturePolicy;
  readonly #known = new Map<string, PlannedFeature | null>();
  #lastNames: readonly string[] | undefined;
  #lastColumns: PlannedColumns | undefined;

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

  /** Worked out once for the same array of names, which nobody changes. */
  ofList(names: readonly string[]): PlannedColumns {
    if (names === this.#lastNames && this.#lastColumns !== undefined) return this.#lastColumns;
    const features: PlannedFeature[] = [];
    const places: number[] = [];
    for (let i = 0; i < names.length; i++) {
      const feature = this.of(names[i]);
      if (feature === null) continue;
      features.push(feature);
      places.push(i);
    }
    this.#lastNames = names;
    this.#lastColumns = { features, places };
    return this.#lastColumns;
  }
}
