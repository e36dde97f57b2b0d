/**
 * One declaration of what a JSON document looks like, from which both its check and its JSON Schema follow.
 *
 * A check never trusts the value: it reads own properties only and builds a copy, so that what comes out holds nothing
 * that was not declared.
 */

/** JSON Pointer (RFC 6901) to the fault, and what to do about it. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** Problems that are reported of one document; the rest would not help. */
export const PROBLEM_COUNT_MAX = 20;

export class Problems {
  readonly list: Problem[] = [];

  add(path: string, message: string): undefined {
    if (this.list.length < PROBLEM_COUNT_MAX) this.list.push({ path, message });
    return undefined;
  }

  get isFull(): boolean {
    return this.list.length >= PROBLEM_COUNT_MAX;
  }
}

export interface Shape<T> {
  /** The copied value, or undefined after adding a problem. */
  read(value: unknown, path: string, problems: Problems): T | undefined;
  readonly schema: JsonSchema;
}

export type JsonSchema = { readonly [keyword: string]: unknown };

export interface Member<T> {
  readonly shape: Shape<T>;
  readonly optional: boolean;
}

type Members = { readonly [key: string]: Member<unknown> };
type ValueOf<M extends Members> = { [K in keyof M]: M[K] extends Member<infer T> ? T : never };

export const required = <T>(shape: Shape<T>): Member<T> => ({ shape, optional: false });
export const optional = <T>(shape: Shape<T>): Member<T | undefined> => ({ shape, optional: true });

/** Unknown members are a problem: a misspelt key must not pass for an absent one. */
export function object<M extends Members>(members: M, description?: string): Shape<ValueOf<M>> {
  const keys = Object.keys(members);
  return {
    read(value, path, problems) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        return problems.add(path, `expected an object, found ${kindOf(value)}`);
      }
      for (const key of Object.keys(value)) {
        if (!Object.hasOwn(members, key)) problems.add(join(path, key), unknownKey(key, keys));
      }
      const copy: Record<string, unknown> = {};
      for (const key of keys) {
        const { shape, optional: mayLack } = members[key];
        const member: unknown = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
        if (member === undefined) {
          if (!mayLack) problems.add(join(path, key), 'is missing');
        } else {
          const read = shape.read(member, join(path, key), problems);
          if (read !== undefined) copy[key] = read;
        }
      }
      return copy as ValueOf<M>;
    },
    schema: {
      type: 'object',
      ...(description === undefined ? {} : { description }),
      properties: Object.fromEntries(keys.map((key) => [key, members[key].shape.schema])),
      required: keys.filter((key) => !members[key].optional),
      additionalProperties: false,
    },
  };
}

export function array<T>(
  item: Shape<T>,
  { minItems = 0, maxItems }: { minItems?: number; maxItems: number },
): Shape<T[]> {
  return {
    read(value, path, problems) {
      if (!Array.isArray(value)) return problems.add(path, `expected an array, found ${kindOf(value)}`);
      if (value.length < minItems || value.length > maxItems) {
        return problems.add(path, `has ${value.length} items: expected ${minItems} to ${maxItems}`);
      }
      const copy: T[] = [];
      for (let i = 0; i < value.length && !problems.isFull; i++) {
        const read = item.read(value[i], join(path, i), problems);
        if (read !== undefined) copy.push(read);
      }
      return copy;
    },
    schema: { type: 'array', items: item.schema, ...(minItems > 0 ? { minItems } : {}), maxItems },
  };
}

/** Keys that a user chose, `__proto__` among them. */
export function record<T>(
  value: Shape<T>,
  { keyLengthMax, entriesMax }: { keyLengthMax: number; entriesMax: number },
): Shape<Record<string, T>> {
  return {
    read(given, path, problems) {
      if (typeof given !== 'object' || given === null || Array.isArray(given)) {
        return problems.add(path, `expected an object, found ${kindOf(given)}`);
      }
      const keys = Object.keys(given);
      if (keys.length > entriesMax)
        return problems.add(path, `has ${keys.length} members: expected at most ${entriesMax}`);
      const entries: [string, T][] = [];
      for (const key of keys) {
        if (key.length > keyLengthMax) problems.add(join(path, key), `is longer than ${keyLengthMax} characters`);
        else {
          const read = value.read((given as Record<string, unknown>)[key], join(path, key), problems);
          if (read !== undefined) entries.push([key, read]);
        }
      }
      return Object.fromEntries(entries);
    },
    schema: { type: 'object', additionalProperties: value.schema, maxProperties: entriesMax },
  };
}

export interface NumberRule {
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
  readonly description?: string;
}

/** Finite always. */
export function number({ min, max, whole = false, description }: NumberRule = {}): Shape<number> {
  return {
    read(value, path, problems) {
      if (typeof value !== 'number' || !Number.isFinite(value)) {
        return problems.add(path, `expected a finite number, found ${kindOf(value)}`);
      }
      if (whole && !Number.isSafeInteger(value)) return problems.add(path, `is ${value}: expected a whole number`);
      if (min !== undefined && value < min) return problems.add(path, `is ${value}: expected at least ${min}`);
      if (max !== undefined && value > max) return problems.add(path, `is ${value}: expected at most ${max}`);
      return value + 0;
    },
    schema: {
      type: whole ? 'integer' : 'number',
      ...(description === undefined ? {} : { description }),
      ...(min === undefined ? {} : { minimum: min }),
      ...(max === undefined ? {} : { maximum: max }),
    },
  };
}

export interface TextRule {
  readonly minLength?: number;
  /** UTF-16 units. */
  readonly maxLength: number;
  readonly pattern?: RegExp;
  readonly description?: string;
}

/** Well-formed UTF-16 always: lone surrogates have no UTF-8. */
export function text({ minLength = 0, maxLength, pattern, description }: TextRule): Shape<string> {
  return {
    read(value, path, problems) {
      if (typeof value !== 'string') return problems.add(path, `expected a text, found ${kindOf(value)}`);
      if (value.length < minLength || value.length > maxLength) {
        return problems.add(path, `has ${value.length} characters: expected ${minLength} to ${maxLength}`);
      }
      if (/[\ud800-\udfff]/u.test(value)) return problems.add(path, 'is not well-formed Unicode');
      if (pattern !== undefined && !pattern.test(value)) return problems.add(path, `does not match ${pattern.source}`);
      return value;
    },
    schema: {
      type: 'string',
      ...(description === undefined ? {} : { description }),
      ...(minLength > 0 ? { minLength } : {}),
      maxLength,
      ...(pattern === undefined ? {} : { pattern: pattern.source }),
    },
  };
}

export function boolean(): Shape<boolean> {
  return {
    read: (value, path, problems) =>
      typeof value === 'boolean' ? value : problems.add(path, `expected true or false, found ${kindOf(value)}`),
    schema: { type: 'boolean' },
  };
}

export function oneOf<const T extends string | number>(values: readonly T[]): Shape<T> {
  return {
    read: (value, path, problems) =>
      values.find((known) => known === value) ??
      problems.add(path, `is ${kindOf(value)}: expected ${values.map((known) => JSON.stringify(known)).join(' or ')}`),
    schema: { enum: values },
  };
}

/** A shape with a further condition; `check` adds its problems. */
export function refine<T>(shape: Shape<T>, check: (value: T, path: string, problems: Problems) => void): Shape<T> {
  return {
    read(value, path, problems) {
      const before = problems.list.length;
      const read = shape.read(value, path, problems);
      if (read !== undefined && problems.list.length === before) check(read, path, problems);
      return read;
    },
    schema: shape.schema,
  };
}

/** RFC 6901, section 3; a long key is cut. */
export function join(path: string, ...keys: readonly (string | number)[]): string {
  const parts = keys.map((key) => {
    const part = String(key);
    return (part.length > 80 ? `${part.slice(0, 80)}…` : part).replaceAll('~', '~0').replaceAll('/', '~1');
  });
  return [path, ...parts].join('/');
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'an object' : typeof value;
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = known.find((name) => name.toLowerCase().replace(/[_-]/g, '') === key.toLowerCase().replace(/[_-]/g, ''));
  return near === undefined
    ? `is not known here; known are ${known.join(', ')}`
    : `is not known: did you mean ${near}?`;
}
