/** `leeway diff`: what changed from one reference to another. */
import type { Command } from 'commander';

const DIFFERENT = 2;

export function addDiff(program: Command): void {
  program
    .command('diff')
    .description('Compare two reference profiles: columns, types, distributions.')
    .argument('<before>', 'reference profile')
    .argument('<after>', 'reference profile')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `\nExit code ${DIFFERENT} when they differ.\n\nExample:\n  $ leeway diff january.json february.json`,
    )
    .action(async (before: string, after: string, { json }: { json?: boolean }) => {
      const { readReference } = await import('../reference-file.ts');
      const { printableTexts } = await import('../printable.ts');
      const { differencesOf } = await import('../difference.ts');
      const differences = differencesOf(readReference(before), readReference(after));
      if (json === true) process.stdout.write(`${JSON.stringify(differences, null, 2)}\n`);
      else if (differences.length === 0) process.stdout.write('no difference that matters\n');
      else
        for (const { name, change, detail } of printableTexts(differences))
          process.stdout.write(`${name.padEnd(20)} ${change.padEnd(13)} ${detail}\n`);
      if (differences.length > 0) process.exitCode = DIFFERENT;
    });
}
