/**
 * YAML text and environment to a configuration, or to problems that say where, what and how to fix it.
 *
 * The environment overrides the file: LEEWAY_LISTEN_OTLP_HTTP is listen.otlp_http, for every setting that is a single
 * value.
 */
import { windowProblem } from '@leeway/engine';
import { type Document, isMap, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
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

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

type Environment = Readonly<Record<string, string | undefined>>;

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
  const overridden = override(value, env);
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, document, lines, file, overridden));
    return { ok: false, problems };
  }
  const message = windowProblem(parsed.data);
  if (message === undefined) return { ok: true, config: parsed.data };
  return { ok: false, problems: [{ file, ...positionOf(['window'], document, lines), message }] };
}

export function formatProblem({ file, line, column, message }: ConfigProblem): string {
  return line === undefined ? `${file}: ${message}` : `${file}:${line}:${column}: ${message}`;
}

/** Environment variable of a setting: LEEWAY_ and its path. */
function variableOf(path: readonly PropertyKey[]): string {
  return `LEEWAY_${path.map((part) => String(part).toUpperCase()).join('_')}`;
}

/** The settings that the environment may override, with the type of their value. */
export function overridablePaths(): { readonly variable: string; readonly path: readonly string[] }[] {
  const paths: { variable: string; path: string[] }[] = [];
  const walk = (schema: JsonSchemaNode, path: string[]): void => {
    for (const [key, child] of Object.entries(schema.properties ?? {})) {
      const at = [...path, key];
      if (child.properties !== undefined) walk(child, at);
      else if (child.type !== 'array' && child.type !== 'object') paths.push({ variable: variableOf(at), path: at });
    }
  };
  walk(configSchema.toJSONSchema({ io: 'input' }) as JsonSchemaNode, []);
  return paths;
}

interface JsonSchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchemaNode>>;
}

/** Writes what the environment says into the value; returns the paths that it did. */
function override(value: unknown, env: Environment): Map<string, string> {
  const overridden = new Map<string, string>();
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return overridden;
  for (const { variable, path } of overridablePaths()) {
    const text = env[variable];
    if (text === undefined || text === '') continue;
    let at = value as Record<string, unknown>;
    for (const key of path.slice(0, -1)) {
      if (at[key] === null || typeof at[key] !== 'object') at[key] = {};
      at = at[key] as Record<string, unknown>;
    }
    at[path[path.length - 1]] = scalarOf(text);
    overridden.set(path.join('.'), variable);
  }
  return overridden;
}

function scalarOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function problemsOf(
  issue: z.core.$ZodIssue,
  document: Document,
  lines: LineCounter,
  file: string,
  overridden: ReadonlyMap<string, string>,
): ConfigProblem[] {
  const path = issue.path.join('.');
  const variable = overridden.get(path);
  if (variable !== undefined) return [{ file: 'environment', message: `${variable}: ${issue.message}` }];
  if (issue.code !== 'unrecognized_keys') {
    return [
      {
        file,
        ...positionOf(issue.path, document, lines),
        message: `${path === '' ? 'the file' : path}: ${issue.message}`,
      },
    ];
  }
  return issue.keys.map((key) => {
    const meant = nearest(key, knownKeys(issue.path));
    const hint = meant === undefined ? `known are ${knownKeys(issue.path).join(', ')}` : `did you mean ${meant}?`;
    const at = path === '' ? key : `${path}.${key}`;
    return { file, ...keyPosition(issue.path, key, document, lines), message: `${at}: unknown setting; ${hint}` };
  });
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
