/** `leeway diff`: what changed from one reference to another. */
import type { Command } from 'commander';

const DIFFERENT = 2;

export function addDiff(program: Command): void {
  program
    .command('diff')
    .description('Compare two reference profiles: model, columns, types, missing values, distributions.')
    .argument('<before>', 'reference profile')
    .argument('<after>', 'reference profile')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
Distributions are judged as the sidecar judges a window: what two samples of the same traffic would show is not listed,
and what is below the margin of a warning (PSI 0.1; one percentage point of missing values) is listed in brackets.

Exit code ${DIFFERENT} when something differs that matters, 0 otherwise.

Example:
  $ leeway diff january.json february.json`,
    )
    .action(async (before: string, after: string, { json }: { json?: boolean }) => {
      const { readReference } = await import('../reference-file.ts');
      const { printableTexts } = await import('../printable.ts');
      const { differencesOf } = await import('../difference.ts');
      const differences = differencesOf(readReference(before), readReference(after));
      const matters = differences.some((difference) => difference.matters);
      if (json === true) process.stdout.write(`${JSON.stringify(differences, null, 2)}\n`);
      else {
        for (const { name, change, detail, matters: isLarge } of printableTexts(differences)) {
          const line = `${name.padEnd(20)} ${change.padEnd(13)} ${detail}`.trim();
          process.stdout.write(`${isLarge ? line : `(${line})`}\n`);
        }
        if (!matters) process.stdout.write('no difference that matters\n');
      }
      if (matters) process.exitCode = DIFFERENT;
    });
}
