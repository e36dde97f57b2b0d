/** SQLite as it comes with Node. Node 22 warns that it is experimental, once a process: nothing that a user could act on. */
import type { DatabaseSync } from 'node:sqlite';

export type Database = DatabaseSync;

/** @throws Error naming the file, when it cannot be opened */
export function openDatabase(path: string): Database {
  const { DatabaseSync: Sqlite } = sqlite();
  try {
    return new Sqlite(path);
  } catch (error) {
    throw new Error(
      `${path}: ${(error as Error).message}: does its folder exist, and may this user write there? It is a file of predictions that wait for labels`,
    );
  }
}

function sqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!String(warning).includes('SQLite')) emitWarning.call(process, warning, ...rest);
  }) as typeof process.emitWarning;
  try {
    const found = process.getBuiltinModule('node:sqlite');
    if (found === undefined) throw new Error('this Node has no node:sqlite: Leeway needs 22.15 or later');
    return found;
  } finally {
    process.emitWarning = emitWarning;
  }
}
