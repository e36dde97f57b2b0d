import type { GeneratedFile } from '../generate.ts';
import { generateCli } from './cli.ts';
import { generateSemconv } from './semconv.ts';

/** In the order in which they depend on one another. */
export const GENERATORS: readonly ((root: string) => Promise<GeneratedFile[]> | GeneratedFile[])[] = [
  generateSemconv,
  generateCli,
];
