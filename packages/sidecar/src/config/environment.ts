/**
 * Settings by environment variable: LEEWAY_LISTEN_OTLP_HTTP is listen.otlp_http, for every setting that is a single
 * value; a list of single values is separated by commas. What stands for more than that is refused; an unknown variable
 * is only warned of, because other programs of Leeway read the same environment.
 */
import type { ConfigProblem } from './load.ts';
import { nearest } from './nearest.ts';
import { configSchema } from './schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvironmentSetting {
  readonly variable: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

interface Variable {
  readonly variable: string;
  readonly path: readonly string[];
  /** Of the single value, or of each in a list. */
  readonly type: string | undefined;
  readonly isList: boolean;
}

interface Node {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

const PREFIX = 'LEEWAY_';
const CAPTURE_PREFIX = 'LEEWAY_CAPTURE_';
/** Of the instrumentation, in a service: a container may set them for all of its processes. */
const INSTRUMENTATION = [
  'LEEWAY_CAPTURE_CARRIER',
  'LEEWAY_CAPTURE_ERRORS',
  'LEEWAY_CAPTURE_FEATURES',
  'LEEWAY_CAPTURE_HMAC_KEY',
  'LEEWAY_CAPTURE_PREDICTIONS',
  'LEEWAY_CAPTURE_RATE',
  'LEEWAY_CAPTURE_ROWS_MAX',
  'LEEWAY_CAPTURE_ROWS_PER_SECOND',
  'LEEWAY_CAPTURE_SAMPLE_BY',
  'LEEWAY_DISABLED',
  'LEEWAY_DOCTOR_FILE',
  'LEEWAY_HTTP_PATTERNS',
  'LEEWAY_MODEL_NAME',
  'LEEWAY_MODEL_VERSION',
  'LEEWAY_QUIET',
  'LEEWAY_SDK',
  'LEEWAY_REFERENCE',
];

/** The settings that the environment may override. */
export function overridablePaths(): readonly Variable[] {
  return namesOf().overridable;
}

export function readEnvironment(env: Environment): {
  readonly settings: readonly EnvironmentSetting[];
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
} {
  const { overridable, lists, sections } = namesOf();
  const known = [...overridable.map(({ variable }) => variable), ...INSTRUMENTATION];
  const settings: EnvironmentSetting[] = [];
  const problems: ConfigProblem[] = [];
  const warnings: ConfigProblem[] = [];
  for (const [variable, text = ''] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || text === '') continue;
    const setting = overridable.find((one) => one.variable === variable);
    const compound =
      lists.find((path) => `${variable}_`.startsWith(`${variableOf(path)}_`)) ??
      sections.find((path) => variable === variableOf(path));
    if (setting !== undefined) settings.push({ variable, path: setting.path, value: valueFrom(text, setting) });
    else if (compound !== undefined)
      problems.push(problem(`${variable}: ${compound.join('.')} is no single value: write it in the file`));
    else if (!known.includes(variable)) {
      const meant = nearestVariable(variable, known);
      if (meant === undefined && variable.startsWith(CAPTURE_PREFIX)) continue;
      warnings.push(problem(`${variable}: no such setting${meant === undefined ? '' : `; did you mean ${meant}?`}`));
    }
  }
  return { settings, problems, warnings };
}

/** What all of them begin with says nothing about what was meant. */
function nearestVariable(variable: string, known: readonly string[]): string | undefined {
  const prefix = variable.startsWith(CAPTURE_PREFIX) ? CAPTURE_PREFIX : PREFIX;
  const names = known.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  const meant = nearest(variable.slice(prefix.length), names);
  return meant === undefined ? undefined : `${prefix}${meant}`;
}

function problem(message: string): ConfigProblem {
  return { file: 'environment', message };
}

function variableOf(path: readonly PropertyKey[]): string {
  return `${PREFIX}${path.map((part) => String(part).toUpperCase()).join('_')}`;
}

function namesOf() {
  const overridable: Variable[] = [];
  const lists: string[][] = [];
  const sections: string[][] = [];
  const walk = (schema: Node, path: string[]): void => {
    for (const [key, child] of Object.entries(schema.properties ?? {})) {
      const at = [...path, key];
      const isList = child.type === 'array' && child.items?.properties === undefined;
      if (child.properties !== undefined) {
        sections.push(at);
        walk(child, at);
      } else if (isList) overridable.push({ variable: variableOf(at), path: at, type: child.items?.type, isList });
      else if (child.type === 'array' || child.type === 'object') lists.push(at);
      else overridable.push({ variable: variableOf(at), path: at, type: child.type, isList });
    }
  };
  walk(configSchema.toJSONSchema({ io: 'input' }) as Node, []);
  return { overridable, lists, sections };
}

function valueFrom(text: string, { type, isList }: Variable): unknown {
  if (isList) return text.split(',').map((part) => scalarOf(part.trim(), type));
  return scalarOf(text, type);
}

/** What is no number or truth value stays text: the schema then says what it should be. */
function scalarOf(text: string, type: string | undefined): unknown {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (type === 'number' || type === 'integer') return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
  return text;
}
