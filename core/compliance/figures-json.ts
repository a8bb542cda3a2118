import type { ComplianceFigures } from './figures';

/** How many entries of a list are kept; a list that was cut is named in `missing`. */
const listLimit = 200;

const dates: ReadonlySet<string> = new Set(['asOf', 'endOfLife', 'newest', 'oldest', 'expiresAt']);

/** A standing as it is stored: of bounded size, and what was cut off is said. */
export function packFigures(standing: ComplianceFigures): ComplianceFigures {
  const cuts = [
    cutOf('golden versions', standing.versions),
    cutOf('images that are not golden', standing.foreign),
    cutOf('exemptions', standing.exemptions),
  ];
  return {
    ...standing,
    versions: standing.versions.slice(0, listLimit),
    foreign: standing.foreign.slice(0, listLimit),
    exemptions: standing.exemptions.slice(0, listLimit),
    missing: [...cuts.flat(), ...standing.missing].slice(0, listLimit),
  };
}

/** From JSON as `packFigures` left it. */
export function unpackFigures(json: unknown): ComplianceFigures {
  return revived(json) as ComplianceFigures;
}

function cutOf(what: string, list: readonly unknown[]): readonly string[] {
  return list.length > listLimit ? [`Of ${list.length} ${what}, the first ${listLimit} were kept.`] : [];
}

function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    dates.has(key) && typeof inner === 'string' ? new Date(inner) : revived(inner),
  ]);
  return Object.fromEntries(entries);
}
