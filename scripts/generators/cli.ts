/** The command tree, the error codes and the sidecar's settings, as documentation. */

import { createProgram, ERROR_CODES, EXIT_CODES } from '@leeway/cli';
import { configJsonSchema, overridablePaths } from '@leeway/sidecar';
import type { Command } from 'commander';
import type { GeneratedFile } from '../generate.ts';

export function generateCli(): GeneratedFile[] {
  return [
    { path: 'docs/reference/cli.md', content: commands(createProgram('0.1.0')) },
    { path: 'docs/reference/errors.md', content: errors() },
    { path: 'docs/reference/configuration.md', content: configuration() },
  ];
}

function commands(program: Command): string {
  const sections = program.commands
    .flatMap((command) => (command.commands.length === 0 ? command : command.commands))
    .map((command) => `## ${pathOf(command)}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`);
  const codes = Object.entries(EXIT_CODES).map(([code, meaning]) => `| ${code} | ${meaning} |`);
  return [
    '<!-- Generated from packages/cli by `npm run generate`. Do not edit. -->',
    '# The leeway command',
    '',
    '| exit code | meaning |',
    '|---|---|',
    ...codes,
    '',
    ...sections,
  ].join('\n');
}

const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;

function helpOf(command: Command): string {
  let text = '';
  command
    .configureHelp({ helpWidth: 110 })
    .configureOutput({ writeOut: (part) => (text += part), getOutHasColors: () => false });
  command.outputHelp();
  return text.trim();
}

function errors(): string {
  return [
    '<!-- Generated from packages/cli by `npm run generate`. Do not edit. -->',
    '# Error codes',
    '',
    'Errors are printed as `error[code]: place: what is wrong: how to fix it`.',
    '',
    '| code | meaning |',
    '|---|---|',
    ...Object.entries(ERROR_CODES).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`),
    '',
  ].join('\n');
}

interface Setting {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Setting>>;
  readonly items?: Setting;
  readonly additionalProperties?: Setting | boolean;
}

function configuration(): string {
  const variables = new Map(overridablePaths().map(({ path, variable }) => [path.join('.'), variable]));
  return [
    '<!-- Generated from packages/sidecar/src/config by `npm run generate`. Do not edit. -->',
    '# Configuration of the sidecar',
    '',
    'A YAML file, given with `leeway sidecar --config`. Everything has a default. A setting with a single value can be set by',
    'its variable too, which comes before the file. `leeway schema config` prints the JSON Schema for editors.',
    '',
    '| setting | default | meaning | variable |',
    '|---|---|---|---|',
    ...settingRows(configJsonSchema() as Setting, '', variables),
    '',
  ].join('\n');
}

function settingRows(node: Setting, path: string, variables: ReadonlyMap<string, string>): string[] {
  const rows: string[] = [];
  for (const [key, setting] of Object.entries(node.properties ?? {})) {
    const at = path === '' ? key : `${path}.${key}`;
    if (setting.properties !== undefined) {
      rows.push(...settingRows(setting, at, variables));
      continue;
    }
    const inner = setting.items?.properties === undefined ? setting.additionalProperties : setting.items;
    const values = setting.enum === undefined ? '' : ` (${setting.enum.join(', ')})`;
    const variable = variables.get(at);
    const standard = setting.default === undefined ? '' : `\`${JSON.stringify(setting.default)}\``;
    rows.push(
      `| \`${at}\` | ${standard} | ${setting.description ?? ''}${values} | ${variable === undefined ? '' : `\`${variable}\``} |`,
    );
    if (typeof inner === 'object')
      rows.push(...settingRows(inner, `${at}.${setting.items === undefined ? '<name>' : '[]'}`, variables));
  }
  return rows;
}
