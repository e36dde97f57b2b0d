/** `leeway schema`: JSON Schemas, for editors and other tools. */
import { profileJsonSchema } from '@leeway/engine';
import { configJsonSchema } from '@leeway/sidecar';
import { Argument, type Command } from 'commander';

const SCHEMAS = { config: configJsonSchema, reference: profileJsonSchema } as const;

export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('Print the JSON Schema of the configuration or of a reference profile.')
    .addArgument(new Argument('<what>', 'which').choices(Object.keys(SCHEMAS)))
    .addHelpText(
      'after',
      '\nExample:\n  $ leeway schema config > leeway.schema.json\n  # then, as the first line of leeway.yaml:\n  # yaml-language-server: $schema=leeway.schema.json',
    )
    .action((what: keyof typeof SCHEMAS) => {
      process.stdout.write(`${JSON.stringify(SCHEMAS[what](), null, 2)}\n`);
    });
}
