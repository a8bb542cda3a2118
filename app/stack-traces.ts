import { existsSync, readFileSync } from 'node:fs';

/**
 * In a bundle, makes stack traces name goldbot's files and lines instead of the bundle's; anywhere else it does nothing.
 * Not by Node's `--enable-source-maps` or its SourceMap: each takes a sixth of what a start costs.
 */
export function nameSources(bundle = __filename): void {
  const file = `${bundle}.map`;
  if (!existsSync(file)) return;
  let placeOf: ((line: number) => string | undefined) | undefined;
  const source = (place: string, line: string): string => {
    // Read when the first error is told.
    placeOf ??= placesIn(file);
    return placeOf(Number(line) - 1) ?? place;
  };
  const positions = new RegExp(`${bundle.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+):\\d+`, 'g');
  Error.prepareStackTrace = (error, frames) =>
    [headOf(error), ...frames.map((frame) => `    at ${String(frame).replace(positions, source)}`)].join('\n');
}

/** `core/time.ts:12` of a line of the bundle, counted from 0; the build leaves one position a line. */
function placesIn(file: string): (line: number) => string | undefined {
  const { sources, mappings } = JSON.parse(readFileSync(file, 'utf8')) as { sources: string[]; mappings: string };
  // Two numbers a line, and no garbage: a bundle has more than a hundred thousand of them.
  const places: number[] = [];
  let [row, field, value, shift, source, line] = [0, 0, 0, 0, 0, 0];
  for (let at = 0; at < mappings.length; at += 1) {
    const sign = mappings.charCodeAt(at);
    if (sign === endOfLine) {
      [row, field] = [row + 1, 0];
      continue;
    }
    const digit = digits[sign] ?? 0;
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    const number = value & 1 ? -(value >> 1) : value >> 1;
    if (field === 1) source += number;
    if (field === 2) line += number;
    if (field === 2) places.push(row, source, line);
    [field, value, shift] = [field + 1, 0, 0];
  }
  return (wanted) => {
    for (let at = 0; at < places.length; at += 3) {
      if (places[at] === wanted) return `${sources[places[at + 1] as number]}:${(places[at + 2] as number) + 1}`;
    }
    return undefined;
  };
}

const endOfLine = ';'.charCodeAt(0);
/** As source maps write numbers: five bits a sign, the lowest first, and in the lowest of all the sign of the number. */
const digits: readonly number[] = Array.from({ length: 128 }, (_, code) =>
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(String.fromCharCode(code)),
);

/** Somebody who only wants to tell of an error must not fail for how it is made. */
function headOf(error: Error): string {
  try {
    return String(error);
  } catch {
    return 'an error without words';
  }
}
