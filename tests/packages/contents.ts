/** What is in a tarball: code and types, a licence, a page that says what it is; nothing of the workshop. */

const WANTED = ['package.json', 'LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts'];
const UNWANTED = /\.(test|bench)\.|tsbuildinfo|^src\/|^test\/|\.ts$(?<!\.d\.ts)/;

/** @throws Error that names what is missing or too much */
export function checkContents(files: readonly string[]): void {
  const missing = WANTED.filter((name) => !files.includes(name));
  const tooMuch = files.filter((name) => UNWANTED.test(name));
  if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`);
  if (tooMuch.length > 0) throw new Error(`not for users: ${tooMuch.join(', ')}`);
}
