#!/usr/bin/env node
/** The `leeway` command. */
import { CommanderError } from 'commander';
import { CliError } from './cli-error.ts';
import { printable } from './printable.ts';
import { createProgram } from './program.ts';
import { VERSION } from './version.ts';

// A pipe that is closed early (`leeway inspect | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 15))
  fail(new CliError('node-version', `Leeway needs Node 22.15 or later; this is ${process.versions.node}`));
else createProgram(VERSION).parseAsync().catch(fail);

function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode;
    return;
  }
  const prefix = error instanceof CliError ? `error[${error.code}]: ` : 'error: ';
  // One problem a line, and each line says what it is: for grep, and for the reader of the last one.
  const lines = describe(error).split('\n');
  process.stderr.write(`${printable(lines.map((line) => `${prefix}${line}`).join('\n'))}\n`);
  process.exitCode = 1;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
