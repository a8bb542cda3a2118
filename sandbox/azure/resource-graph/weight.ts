import type { Json } from '../../kernel/types';
import { KqlError } from './kql/errors';

/** Resource Graph answers with so many bytes at most. */
const mostBytes = 16_777_216;
/** What one character of a text can become in JSON: `\u0000`. */
const widest = 6;

/** @throws KqlError when a page of rows is heavier than Resource Graph sends. */
export function mustBeLight(data: Json): void {
  // Nearly every page is far below, and need not be written twice.
  if (charactersIn(data) * widest < mostBytes) return;
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes <= mostBytes) return;
  const message = `Response payload size is ${bytes}, and has exceeded the limit of ${mostBytes}. Please consider querying less data at a time and make paginated call if needed.`;
  throw new KqlError({ code: 'ResponsePayloadTooLarge', message });
}

/** At least as many as JSON needs, escapes aside. */
function charactersIn(value: Json): number {
  if (typeof value === 'string') return value.length + 3;
  if (value === null || typeof value !== 'object') return 24;
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + charactersIn(one), 2);
  let sum = 2;
  for (const name in value) sum += name.length + 4 + charactersIn(value[name] as Json);
  return sum;
}
