/** `leeway validate`: is this configuration, with the references it names, or this reference right? */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { printable } from '../printable.ts';

export function addValidate(program: Command): void {
  program
    .command('validate')
    .description('Check configurations and reference profiles: file, line, column, what is wrong and the fix.')
    .argument('<files...>', 'YAML configurations or JSON reference profiles')
    .addHelpText('after', '\nExample:\n  $ leeway validate leeway.yaml reference.json')
    .action(async (files: string[]) => {
      const { checkConfig, configNotes } = await import('@leeway/sidecar/config');
      const { readReference } = await import('../reference-file.ts');
      const found = files.map((file) =>
        isReference(file)
          ? { problems: problemsOf(() => readReference(file)), warnings: [] }
          : checkConfig(file, process.env),
      );
      const warnings = new Set(found.flatMap((one) => one.warnings));
      for (const warning of warnings) process.stderr.write(`${printable(`warning: ${warning}`)}\n`);
      const problems = found.flatMap((one) => one.problems);
      if (problems.length > 0) throw new CliError('config-invalid', problems.join('\n'));
      for (const file of files) {
        process.stdout.write(`${file}: valid\n`);
        if (isReference(file)) continue;
        for (const note of configNotes(file, process.env)) process.stderr.write(`note: ${printable(note)}\n`);
      }
    });
}

function isReference(file: string): boolean {
  if (file.endsWith('.json')) return true;
  if (/\.ya?ml$/.test(file)) return false;
  try {
    return readFileSync(file, 'utf8').trimStart().startsWith('{');
  } catch {
    return false;
  }
}

function problemsOf(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
