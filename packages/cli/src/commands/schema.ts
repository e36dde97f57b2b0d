/** `leeway schema`: JSON Schemas, for editors and other tools. */
import { Argument, type Command } from 'commander';

const SCHEMAS = {
  config: async () => (await import('@leeway/sidecar/config')).configJsonSchema(),
  reference: async () => (await import('@leeway/engine')).profileJsonSchema(),
} as const;

export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('Print the JSON Schema of the configuration or of a reference profile.')
    .addArgument(new Argument('<what>', 'which').choices(Object.keys(SCHEMAS)))
    .addHelpText(
      'after',
      '\nExample:\n  $ leeway schema config > leeway.schema.json\n  # then, as the first line of leeway.yaml:\n  # yaml-language-server: $schema=leeway.schema.json',
    )
    .action(async (what: keyof typeof SCHEMAS) => {
      process.stdout.write(`${JSON.stringify(await SCHEMAS[what](), null, 2)}\n`);
    });
}
