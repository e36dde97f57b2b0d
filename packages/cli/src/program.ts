/** The command tree. Documentation is generated from it, so what is not said here is not documented. */
import { Command } from 'commander';
import { addDiff } from './commands/diff.ts';
import { addDoctor } from './commands/doctor.ts';
import { addInspect } from './commands/inspect.ts';
import { addLabels } from './commands/labels.ts';
import { addModel } from './commands/model.ts';
import { addPerformance } from './commands/performance.ts';
import { addPipeline } from './commands/pipeline.ts';
import { addProfile } from './commands/profile.ts';
import { addSchema } from './commands/schema.ts';
import { addSidecar } from './commands/sidecar.ts';
import { addValidate } from './commands/validate.ts';

export const EXIT_CODES = {
  0: 'done',
  1: 'something that was given is wrong; the message says what, where and how to fix it',
  2: 'diff found a difference',
} as const;

export function createProgram(version: string): Command {
  const program = new Command('leeway')
    .description('ML model monitoring that speaks OpenTelemetry.')
    .version(version)
    // `leeway model … --version 7` is the model's version.
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for what there is)')
    .showSuggestionAfterError(true)
    .addHelpText(
      'after',
      `
A first reference, a look at it, and a sidecar that compares with it:
  $ leeway profile training.parquet --model fraud --prediction score --time date -o reference.json
  $ leeway inspect reference.json
  $ leeway sidecar --reference reference.json

Exit codes: ${Object.entries(EXIT_CODES)
        .map(([code, meaning]) => `${code} ${meaning}`)
        .join('; ')}.`,
    );
  for (const add of [
    addProfile,
    addInspect,
    addDiff,
    addPerformance,
    addValidate,
    addSidecar,
    addDoctor,
    addModel,
    addLabels,
    addPipeline,
    addSchema,
  ])
    add(program);
  return program;
}
