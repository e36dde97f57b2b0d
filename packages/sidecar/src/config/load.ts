/**
 * YAML text and environment to a configuration, or to problems that say where, what and how to fix it.
 *
 * The environment overrides the file, as environment.ts says.
 */
import { windowProblem } from '@leeway/engine';
import { type Document, isMap, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type Environment, type EnvironmentSetting, readEnvironment } from './environment.ts';
import { nearest } from './nearest.ts';
import { type Config, configSchema } from './schema.ts';

export interface ConfigProblem {
  readonly file: string;
  /** From 1; undefined for what came from the environment. */
  readonly line?: number;
  readonly column?: number;
  /** What is wrong, and the fix. */
  readonly message: string;
}

/** A problem of the setting at a path: where it stands, in the file or in the environment. */
export type Locate = (path: readonly PropertyKey[], message: string) => ConfigProblem;

export type LoadedConfig =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly locate: Locate;
      /** What is probably a mistake, and does not keep it from working. */
      readonly warnings: readonly ConfigProblem[];
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

const ENVIRONMENT = 'environment';
const CONFIG_BYTES_MAX = 1 << 20;

export function loadConfig(text: string, file: string, env: Environment): LoadedConfig {
  if (text.length > CONFIG_BYTES_MAX) {
    return { ok: false, problems: [{ file, message: `the file is larger than ${CONFIG_BYTES_MAX} bytes` }] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      file,
      ...position(lines, error.pos[0]),
      message: error.message,
    }));
    return { ok: false, problems };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    return { ok: false, problems: [{ file, message: error instanceof Error ? error.message : String(error) }] };
  }
  const environment = readEnvironment(env);
  if (environment.problems.length > 0) return { ok: false, problems: environment.problems };
  const overridden = override(value, environment.settings);
  const locate: Locate = (path, message) => {
    const name = path.join('.');
    const variable = overridden.get(name);
    if (variable !== undefined) return { file: ENVIRONMENT, message: `${variable}: ${message}` };
    return { file, ...positionOf(path, document, lines), message: `${name === '' ? 'the file' : name}: ${message}` };
  };
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) {
    const unknownKey = (path: readonly PropertyKey[], key: string) => keyPosition(path, key, document, lines);
    return {
      ok: false,
      problems: parsed.error.issues.flatMap((one) => problemsOf(one, value, locate, unknownKey, file)),
    };
  }
  const message = windowProblem(parsed.data);
  if (message !== undefined)
    return { ok: false, problems: [locate(['window', 'pane'], message.replace(/^window\.pane: /, ''))] };
  return { ok: true, config: parsed.data, locate, warnings: environment.warnings };
}

export function formatProblem({ file, line, column, message }: ConfigProblem): string {
  return line === undefined ? `${file}: ${message}` : `${file}:${line}:${column}: ${message}`;
}

/** Writes what the environment says into the value; returns the variables by the path of their setting. */
function override(value: unknown, settings: readonly EnvironmentSetting[]): Map<string, string> {
  const overridden = new Map<string, string>();
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return overridden;
  for (const { variable, path, value: given } of settings) {
    let at = value as Record<string, unknown>;
    for (const key of path.slice(0, -1)) {
      if (at[key] === null || typeof at[key] !== 'object') at[key] = {};
      at = at[key] as Record<string, unknown>;
    }
    at[path[path.length - 1]] = given;
    overridden.set(path.join('.'), variable);
  }
  return overridden;
}

function problemsOf(
  issue: z.core.$ZodIssue,
  value: unknown,
  locate: Locate,
  keyPositionOf: (path: readonly PropertyKey[], key: string) => { line: number; column: number },
  file: string,
): ConfigProblem[] {
  const path = issue.path.join('.');
  if (issue.code === 'invalid_value') {
    const given = valueAt(value, issue.path);
    const known = issue.values.map(String);
    const meant = typeof given === 'string' ? nearest(given, known) : undefined;
    return [
      locate(issue.path, `must be one of ${known.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`),
    ];
  }
  if (issue.code !== 'unrecognized_keys') return [locate(issue.path, issue.message)];
  return issue.keys.map((key) => {
    const meant = nearest(key, knownKeys(issue.path));
    const hint = meant === undefined ? `known are ${knownKeys(issue.path).join(', ')}` : `did you mean ${meant}?`;
    const at = path === '' ? key : `${path}.${key}`;
    return { file, ...keyPositionOf(issue.path, key), message: `${at}: unknown setting; ${hint}` };
  });
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const part of path) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[part];
  }
  return at;
}

interface JsonSchemaNode {
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Settings that the schema knows at a path. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let node: unknown = configSchema.toJSONSchema({ io: 'input' });
  for (const part of path) {
    const here = node as { properties?: Record<string, unknown>; items?: unknown; additionalProperties?: unknown };
    node = typeof part === 'number' ? here.items : (here.properties?.[String(part)] ?? here.additionalProperties);
  }
  return Object.keys((node as JsonSchemaNode | undefined)?.properties ?? {});
}

function positionOf(path: readonly PropertyKey[], document: Document, lines: LineCounter) {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: readonly number[] } | undefined;
    if (node?.range !== undefined && node.range !== null) return position(lines, node.range[0]);
  }
  return position(lines, 0);
}

function keyPosition(path: readonly PropertyKey[], key: string, document: Document, lines: LineCounter) {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isMap(node)) {
    for (const { key: own } of node.items) {
      const scalar = own as { value?: unknown; range?: readonly number[] };
      if (String(scalar.value) === key && scalar.range !== undefined) return position(lines, scalar.range[0]);
    }
  }
  return positionOf(path, document, lines);
}

function position(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
