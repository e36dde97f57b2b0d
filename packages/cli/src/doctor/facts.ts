/** What an application that was started under the doctor tells: lines of JSON that `@leeway/register` writes. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const text = z.string();

const refused = z.object({ fact: z.literal('refused'), fault: text });
const registered = z.object({
  fact: z.literal('registered'),
  node: text,
  switchOff: text.optional(),
  endpoint: text,
  env: z.record(text, text),
});
const library = z.object({
  fact: z.literal('library'),
  module: text,
  version: text.optional(),
  path: text,
  isPatched: z.boolean(),
  reason: z.enum(['loaded_before', 'bundled', 'not_patched']).optional(),
  supported: text.optional(),
});
const sdk = z.object({ fact: z.literal('sdk'), state: text });
const inference = z.object({
  fact: z.literal('inference'),
  model: text,
  version: text.optional(),
  featureNames: z.array(text),
  isRecording: z.boolean(),
  hasSpan: z.boolean(),
  capture: text,
  errorType: text.optional(),
});
const exportFault = z.object({ fact: z.literal('export-fault'), code: text, what: text, fix: text, endpoint: text });
const end = z.object({ fact: z.literal('end'), state: text });

const FACT = z.discriminatedUnion('fact', [refused, registered, library, sdk, inference, exportFault, end]);

export type LibraryFact = z.infer<typeof library>;
export type InferenceFact = z.infer<typeof inference>;

/** Everything that was told, of all processes and threads of the application. */
export interface Facts {
  readonly refused: readonly z.infer<typeof refused>[];
  readonly registered: readonly z.infer<typeof registered>[];
  readonly libraries: readonly LibraryFact[];
  readonly sdkStates: readonly string[];
  readonly inferences: readonly InferenceFact[];
  readonly exportFaults: readonly z.infer<typeof exportFault>[];
}

/** A missing file is one without a fact; a line that is not understood is left out. */
export function readFacts(path: string): Facts {
  const facts = linesOf(path).flatMap((line) => {
    const parsed = FACT.safeParse(json(line));
    return parsed.success ? [parsed.data] : [];
  });
  return {
    refused: facts.filter((one) => one.fact === 'refused'),
    registered: facts.filter((one) => one.fact === 'registered'),
    libraries: facts.filter((one) => one.fact === 'library'),
    sdkStates: facts.flatMap((one) => (one.fact === 'sdk' || one.fact === 'end' ? [one.state] : [])),
    inferences: facts.filter((one) => one.fact === 'inference'),
    exportFaults: facts.filter((one) => one.fact === 'export-fault'),
  };
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
