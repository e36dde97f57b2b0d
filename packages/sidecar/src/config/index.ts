/** Configuration and references without the server: for commands that only read and check files. */
export { loadProfile } from '../reference-files.ts';
export { checkConfig } from '../source.ts';
export { parseDuration } from './duration.ts';
export { nearest } from './nearest.ts';
export { configJsonSchema } from './schema.ts';
