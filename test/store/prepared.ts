import { createHash } from 'node:crypto';
import { Client } from 'pg';

const names = new Map<string, string>();
const query = Symbol.for('goldbot.query-as-sent');

/**
 * Every statement with values is prepared once a connection. The server then reads and plans it once, which was half of
 * what it did: tests send the same two hundred statements hundreds of thousands of times. goldbot itself prepares nothing,
 * since a pooler between it and the server may not know what was prepared; its processes in `test/app` and `test/chaos`
 * speak as in production.
 */
export function prepareStatements(): void {
  const client = Client.prototype as unknown as Record<symbol | 'query', (...args: unknown[]) => unknown>;
  const send = client[query] ?? client.query;
  client[query] = send;
  client.query = function (this: unknown, text, values, ...rest) {
    if (typeof text !== 'string' || !Array.isArray(values) || values.length === 0)
      return send.call(this, text, values, ...rest);
    return send.call(this, { name: nameOf(text), text, values }, ...rest);
  };
}

/** The same wherever this module is loaded anew: connections outlive a suite. */
function nameOf(text: string): string {
  const name = names.get(text) ?? createHash('sha1').update(text).digest('hex');
  names.set(text, name);
  return name;
}
