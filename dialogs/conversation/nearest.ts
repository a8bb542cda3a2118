/** The candidate that a typo most likely meant; undefined when nothing is near. Never executed, only suggested. */
export function nearest(typed: string, candidates: readonly string[]): string | undefined {
  return nearestFew(typed, candidates, 1)[0];
}

/** The nearest candidates, best first: those that begin with it, then those within two letters (one in short words). */
export function nearestFew(typed: string, candidates: readonly string[], max = 3): readonly string[] {
  const wanted = typed.toLowerCase().slice(0, 64);
  if (wanted === '') return [];
  const allowed = wanted.length <= 4 ? 1 : 2;
  return candidates
    .map((candidate) => ({ candidate, score: score(wanted, candidate.toLowerCase()) }))
    .filter(({ score: s }) => s <= allowed)
    .sort((a, b) => a.score - b.score || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, max)
    .map(({ candidate }) => candidate);
}

function score(wanted: string, candidate: string): number {
  const begins = wanted.length >= 3 && (candidate.startsWith(wanted) || wanted.startsWith(candidate));
  return begins ? 0.5 : distance(wanted, candidate);
}

/** Letters to insert, delete, replace or swap with their neighbour. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const at = (r: number, c: number) => rows[r]?.[c] ?? Number.POSITIVE_INFINITY;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(i - 1, j) + 1,
        (row[j - 1] ?? 0) + 1,
        at(i - 1, j - 1) + same,
        swapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
