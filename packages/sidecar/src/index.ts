export { defaultPolicy, parseDuration } from '@leeway/engine';
export { overridablePaths } from './config/environment.ts';
export { type ConfigProblem, formatProblem, type LoadedConfig, loadConfig } from './config/load.ts';
export { nearest } from './config/nearest.ts';
export { type Config, configJsonSchema } from './config/schema.ts';
export { type Sidecar, type SidecarOptions, startSidecar } from './main.ts';
export { loadProfile } from './reference-files.ts';
export { SidecarError } from './sidecar-error.ts';
export { checkConfig } from './source.ts';
