/** `leeway inspect`: what a person wants to know of a reference. */
import type { Command } from 'commander';

export function addInspect(program: Command): void {
  program
    .command('inspect')
    .description('Show what a reference profile says, and what its metrics will cost.')
    .argument('<file>', 'reference profile')
    .option('--json', 'for machines')
    .addHelpText('after', '\nExample:\n  $ leeway inspect reference.json')
    .action(async (file: string, { json }: { json?: boolean }) => {
      const { readReference } = await import('../reference-file.ts');
      const { printableTexts } = await import('../printable.ts');
      const { summaryOf, textOf } = await import('../inspection.ts');
      const profile = readReference(file);
      process.stdout.write(
        json === true ? `${JSON.stringify(summaryOf(profile), null, 2)}\n` : textOf(printableTexts(profile)),
      );
    });
}
