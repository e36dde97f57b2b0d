export { CliError, ERROR_CODES, type ErrorCode } from './cli-error.ts';
export { createProgram, EXIT_CODES } from './program.ts';
