/** The oldest Node that is supported, asked before anything that needs it is loaded. */
const OLDEST = [22, 15] as const;

/**
 * What is wrong with this version of Node; undefined for nothing.
 *
 * @param version as in `process.versions.node`
 */
export function nodeFault(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined;
  return `Leeway needs Node ${OLDEST.join('.')} or later, this is ${version}: nothing is instrumented`;
}
