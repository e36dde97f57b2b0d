/** The known word that was probably meant, for "did you mean". */

/** Undefined when nothing is near: neither begins with the other, and more than a third of the letters differ. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const begun = known.find((candidate) => begins(word, candidate) || begins(candidate, word));
  if (begun !== undefined) return begun;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `warning` for warn, `prom` for prometheus: three letters at the least. */
function begins(word: string, start: string): boolean {
  return start.length >= 3 && word.toLowerCase().startsWith(start.toLowerCase());
}

/** Optimal string alignment: Levenshtein's distance in which two letters that changed places are one mistake. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
      const areSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (areSwapped) next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    before = row;
    row = next;
  }
  return row[b.length];
}
