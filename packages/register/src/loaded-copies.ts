/**
 * Copies of the watched modules that this process has loaded, as the cache of `require` tells. It knows those of `import`
 * too, because all of them are CommonJS; a bundled copy is known by its native part.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { WatchedLibrary } from './watched-libraries.ts';

export interface LoadedCopy {
  readonly library: string;
  readonly module: string;
  readonly version: string | undefined;
  /** The folder of the package, or the native part of a bundled copy. */
  readonly path: string;
  readonly isBundled: boolean;
}

export function loadedCopies(libraries: readonly WatchedLibrary[]): LoadedCopy[] {
  const paths = Object.keys(createRequire(import.meta.url).cache);
  return libraries.flatMap((library) => [...copiesOf(library, paths), ...bundledOf(library, paths)]);
}

function copiesOf({ name, modules }: WatchedLibrary, paths: readonly string[]): LoadedCopy[] {
  return modules.flatMap((module) => {
    const marker = `/node_modules/${module}/`;
    const folders = new Set<string>();
    for (const path of paths.map((one) => one.replaceAll('\\', '/'))) {
      const at = path.lastIndexOf(marker);
      // Somebody may read a package.json without loading the package.
      if (at >= 0 && /\.c?js$/.test(path)) folders.add(path.slice(0, at + marker.length - 1));
    }
    return [...folders].map((path) => ({ library: name, module, version: versionIn(path), path, isBundled: false }));
  });
}

function bundledOf({ name, modules, addon }: WatchedLibrary, paths: readonly string[]): LoadedCopy[] {
  const isOwn = (path: string) =>
    modules.some((module) => path.replaceAll('\\', '/').includes(`/node_modules/${module}/`));
  return paths
    .filter((path) => addon?.test(path) === true && !isOwn(path))
    .map((path) => ({ library: name, module: modules[0] ?? name, version: undefined, path, isBundled: true }));
}

function versionIn(folder: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as { version?: unknown };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
