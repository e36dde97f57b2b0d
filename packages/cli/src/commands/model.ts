/** `leeway model`: what happens to a version, told from a pipeline. */
import { Argument, type Command } from 'commander';

const TRANSITIONS = ['approved', 'deployed', 'promoted', 'retired'] as const;
type Transition = (typeof TRANSITIONS)[number];

interface ModelCommandOptions {
  readonly version: string;
  readonly by?: string;
  readonly reason?: string;
  readonly digest?: string;
  readonly previous?: string;
  readonly environment?: string;
  readonly role?: string;
  readonly dryRun?: boolean;
}

export function addModel(program: Command): void {
  program
    .command('model')
    .description('Tell that a version of a model was approved, deployed, promoted or retired: one event over OTLP.')
    .addArgument(new Argument('<transition>', 'what happened').choices(TRANSITIONS))
    .argument('<name>', 'the model, as its telemetry names it')
    .requiredOption('--version <version>', 'the version that it happened to')
    .option('--by <who>', 'a person, a team or a pipeline')
    .option('--reason <text>', 'a ticket, or a sentence')
    .option('--previous <version>', 'the version that it takes over from')
    .option('--digest <digest>', "the model file's, or its id in a registry")
    .option('--environment <name>', 'where; default: deployment.environment.name in OTEL_RESOURCE_ATTRIBUTES')
    .option('--role <role>', 'champion, challenger or shadow')
    .option('--dry-run', 'print the event and send nothing')
    .addHelpText(
      'after',
      `
approved: somebody answers for it; deployed: it is in service; promoted: it is the champion; retired: it is out of use.
The event goes to OTEL_EXPORTER_OTLP_ENDPOINT (default http://localhost:4318) by OTLP over HTTP; all
OTEL_EXPORTER_OTLP_* settings apply, those of _LOGS_ before the others. The command waits until it was accepted,
tries again while the endpoint is busy or away, for OTEL_EXPORTER_OTLP_TIMEOUT (10 s), and ends with 1 if it was not.

Examples:
  $ leeway model deployed fraud --version 7 --previous 6 --by "$GITHUB_ACTOR" --environment production
  $ leeway model approved fraud --version 8 --by "risk team" --reason RISK-12 --dry-run`,
    )
    .action(async (transition: Transition, name: string, options: ModelCommandOptions) => {
      const { modelEvent, sendModelEvent } = await import('../model-event.ts');
      const { version, by, reason, previous, digest, environment, role } = options;
      const details = {
        model: { name, version, id: digest },
        by,
        reason,
        previousVersion: previous,
        environment,
        role,
      };
      const event = modelEvent(transition, details, process.env);
      const { name: eventName, time, attributes, resource } = event;
      if (options.dryRun === true) {
        process.stdout.write(`${JSON.stringify({ event: eventName, time, attributes, resource }, null, 2)}\n`);
        return;
      }
      const url = await sendModelEvent(event, process.env);
      const { printable } = await import('../printable.ts');
      process.stdout.write(`${printable(`${eventName} of ${name} ${version}: accepted by ${url}`)}\n`);
    });
}
