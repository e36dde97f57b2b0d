/** What a model's features are called, in which order, and of which type: checked by the compiler where it is declared. */
import type { FeatureValue } from './value-gate.ts';

/** A row: values by feature name. */
export type Features = Readonly<Record<string, FeatureValue>>;

interface ValueOfType {
  readonly number: number | bigint | Date;
  readonly string: string;
  readonly boolean: boolean;
}
export type FeatureType = keyof ValueOfType;

/** Names in the model's order, or types by name in that order. */
export type DeclaredFeatures = readonly string[] | Readonly<Record<string, FeatureType>>;

/** The rows that a declaration allows: any of its names, each with a value of its type, null or undefined if missing. */
export type FeaturesOf<D extends DeclaredFeatures> = DeclaredFeatures extends D
  ? Features
  : D extends readonly string[]
    ? { readonly [Name in D[number]]?: FeatureValue }
    : { readonly [Name in keyof D]?: ValueOfType[D[Name] & FeatureType] | null };

export function featureNames(declared: DeclaredFeatures | undefined): readonly string[] | undefined {
  if (declared === undefined) return undefined;
  return Array.isArray(declared) ? declared : Object.keys(declared);
}
