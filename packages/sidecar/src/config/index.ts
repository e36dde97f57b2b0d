/** Configuration and references without the server: for commands that only read and check files. */
export { parseDuration } from '@leeway/engine';
export { loadProfile } from '../reference-files.ts';
export { checkConfig, configNotes } from '../source.ts';
export { nearest } from './nearest.ts';
export { configJsonSchema } from './schema.ts';
