/** The signature of a model as one text: `(x: float32[?, 3]) -> (label: string[?])`. Names, types and shapes, no value. */

/** So many inputs or outputs are told at most. */
const VALUES_MAX = 100;

/** @param inputs and outputs, each as `valueSignature` writes it, or names alone */
export function signatureOf(
  inputs: readonly string[] | undefined,
  outputs: readonly string[] | undefined,
): string | undefined {
  if (inputs === undefined || outputs === undefined) return undefined;
  const list = (values: readonly string[]) => `(${values.slice(0, VALUES_MAX).join(', ')})`;
  return `${list(inputs)} -> ${list(outputs)}`;
}

/** @param shape a dimension that is not fixed is null, -1, empty, or has a name */
export function valueSignature(name: string, type: string, shape: readonly unknown[]): string {
  const isOpen = (dim: unknown) => dim === null || dim === undefined || dim === '' || dim === -1;
  return `${name}: ${type}[${shape.map((dim) => (isOpen(dim) ? '?' : String(dim))).join(', ')}]`;
}
