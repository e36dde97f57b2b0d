/** The JSON file that LEEWAY_HTTP_PATTERNS names: URL patterns, and descriptions of models by name. */
import { readFileSync } from 'node:fs';
import { describeRemoteModel, type RemoteModelDescription } from './described-remote-models.ts';
import { KNOWN_PROTOCOLS } from './known-protocols.ts';
import { type InferenceProtocol, objectOf } from './protocol.ts';
import { type HttpPattern, userProtocol } from './protocols/user-pattern.ts';

export interface PatternFile {
  readonly patterns?: readonly HttpPattern[];
  readonly models?: Readonly<Record<string, RemoteModelDescription>>;
}

export const PATTERNS_MAX = 100;

/**
 * Protocols of the patterns; the models are described.
 *
 * @throws TypeError with the place, the value and what is expected
 */
export function protocolsOf({ patterns = [], models = {} }: PatternFile): readonly InferenceProtocol[] {
  if (!Array.isArray(patterns) || patterns.length > PATTERNS_MAX)
    throw new TypeError(`patterns: a list of at most ${PATTERNS_MAX} is expected`);
  const protocols = patterns.map((pattern, i) => {
    if (objectOf(pattern) === undefined) throw new TypeError(`patterns[${i}]: an object is expected`);
    try {
      return userProtocol(pattern, KNOWN_PROTOCOLS);
    } catch (error) {
      throw new TypeError(`patterns[${i}]: ${(error as Error).message}`);
    }
  });
  for (const [name, description] of Object.entries(models)) {
    const { features, classes } = objectOf(description) ?? {};
    for (const [key, list] of Object.entries({ features, classes }))
      if (list !== undefined && !(Array.isArray(list) && list.every((entry) => typeof entry === 'string')))
        throw new TypeError(`models.${name}.${key}: a list of strings is expected`);
    describeRemoteModel(name, description);
  }
  return protocols;
}

/** Nothing, and a word to `warn`, for a file that cannot be used: instrumentation never throws into its host. */
export function protocolsOfFile(
  path: string | undefined,
  warn: (message: string) => void,
): readonly InferenceProtocol[] {
  if (path === undefined || path === '') return [];
  try {
    const content = objectOf(JSON.parse(readFileSync(path, 'utf8')));
    if (content === undefined) throw new TypeError('an object with patterns and models is expected');
    return protocolsOf(content as PatternFile);
  } catch (error) {
    warn(`LEEWAY_HTTP_PATTERNS is not used: ${path}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}
