/**
 * What `createLeeway` takes: the sidecar's settings under the sidecar's names, with its defaults, as an object. What a
 * service outgrows in process is copied into the sidecar's file.
 */
import { type HostSettings, type ReferenceEntry, type ReferenceProfile, readHostSettings } from '@leeway/engine';
import type { Judgement } from './judgement.ts';
import { LeewayOptionsError } from './options-error.ts';
import { readReferences } from './references.ts';

/** A file made by `leeway profile`, or the profile itself, with what it applies to where that is not every version. */
export type ReferenceSource =
  | string
  | ReferenceProfile
  | {
      readonly file?: string;
      readonly profile?: ReferenceProfile;
      /** Exact version, a pattern with `*`, or `inherit` (default): any version without a reference of its own. */
      readonly version?: string;
      /** Only for this deployment environment. Default: all. */
      readonly environment?: string;
    };

/** Every part of the settings may be left out. */
export interface LeewayOptions {
  /** Models without a reference are seen and counted, not compared. */
  readonly reference?: ReferenceSource | readonly ReferenceSource[];
  readonly window?: Partial<HostSettings['window']>;
  readonly alarms?: Partial<HostSettings['alarms']>;
  readonly metrics?: HostSettings['metrics'];
  readonly limits?: Partial<HostSettings['limits']>;
  readonly retire_after?: string;
  /** Telemetry that exists under other names: attribute key → the name that Leeway knows it by. */
  readonly mapping?: Readonly<Record<string, string>>;
  /** Called for every window that was judged. */
  readonly onEvaluation?: (judgement: Judgement) => void;
  /** Called for a fault of Leeway's own, which never reaches the service. Default: OpenTelemetry's diagnostics. */
  readonly onError?: (error: Error) => void;
  /** Unix milliseconds. Default: the system's clock. */
  readonly now?: () => number;
  /** Calls `run` again and again until the function that it returns is called. Default: a timer that keeps nothing alive. */
  readonly every?: (run: () => void, intervalMs: number) => () => void;
}

export interface ReadOptions {
  readonly settings: HostSettings;
  readonly references: readonly ReferenceEntry[];
  readonly mapping: ReadonlyMap<string, string> | undefined;
}

const FUNCTIONS = ['onEvaluation', 'onError', 'now', 'every'] as const;
const MAPPING_MAX = 1000;

/** @throws LeewayOptionsError with every problem that was found */
export function readOptions(options: LeewayOptions): ReadOptions {
  if (typeof options !== 'object' || options === null)
    throw new LeewayOptionsError(['options: expected an object, such as { reference: "reference.json" }']);
  const { reference, mapping, ...rest } = options;
  const problems: string[] = [];
  const settings: Record<string, unknown> = { ...rest };
  for (const name of FUNCTIONS) {
    if (settings[name] !== undefined && typeof settings[name] !== 'function')
      problems.push(`${name}: expected a function, found ${typeof settings[name]}`);
    delete settings[name];
  }
  const read = readHostSettings(settings);
  if (!read.ok) problems.push(...read.problems.map(({ path, message }) => formatProblem(path, message)));
  problems.push(...mappingProblems(mapping));
  const found = readReferences(reference);
  problems.push(...found.problems);
  if (read.ok) problems.push(...unknownColumns(read.settings, found.references));
  if (!read.ok || problems.length > 0) throw new LeewayOptionsError(problems);
  return {
    settings: read.settings,
    references: found.references,
    mapping: mapping === undefined ? undefined : new Map(Object.entries(mapping)),
  };
}

/** As in the sidecar's messages: window.pane, not /window/pane. */
function formatProblem(path: string, message: string): string {
  const place = path.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
  return message.startsWith(`${place}: `) ? message : `${place}: ${message}`;
}

function mappingProblems(mapping: unknown): string[] {
  if (mapping === undefined) return [];
  if (typeof mapping !== 'object' || mapping === null || Array.isArray(mapping))
    return ['mapping: expected an object of attribute keys, each with the name that Leeway knows it by'];
  const entries = Object.entries(mapping);
  if (entries.length > MAPPING_MAX) return [`mapping: has ${entries.length} members: expected at most ${MAPPING_MAX}`];
  return entries
    .filter(([, name]) => typeof name !== 'string')
    .map(([key]) => `mapping.${key}: expected the name that Leeway knows the attribute by`);
}

/** Overrides of columns that no reference has would do nothing, silently. */
function unknownColumns({ alarms }: HostSettings, references: readonly ReferenceEntry[]): string[] {
  if (references.length === 0) return [];
  const known = references.flatMap(({ profile }) => [...profile.features, ...profile.outputs].map(({ name }) => name));
  return Object.keys(alarms.columns)
    .filter((name) => !known.includes(name))
    .map((name) => `alarms.columns.${name}: no reference has this column; there are ${known.slice(0, 20).join(', ')}`);
}
