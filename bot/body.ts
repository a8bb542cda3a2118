import type { IncomingMessage } from 'node:http';
import { isRefused, Refused } from './refused';

/** Activities of Teams stay below 100 KB; attachments come as links. */
const maxBytes = 256 * 1024;
const maxDepth = 32;
/** Machine time that a caller may take to send a body. */
const patienceMs = 5_000;

/**
 * Reads a JSON body with limits.
 *
 * @throws Refused 415, 413, 408, 400.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new Refused(415, 'the body is not JSON by its content type');
  if (request.headers['content-encoding'] !== undefined) throw new Refused(415, 'the body is compressed');
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new Refused(413, 'the body is too large');
  return parse(await readText(request));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => request.destroy(new Refused(408, 'the body did not come in time')), patienceMs);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw new Refused(413, 'the body is too large');
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  if (tooDeep(text)) throw new Refused(400, 'the body is nested too deep');
  try {
    return /__proto__|\\u00/.test(text) ? JSON.parse(text, withoutPrototype) : JSON.parse(text);
  } catch (error) {
    throw isRefused(error) ? error : new Refused(400, 'the body is not JSON');
  }
}

/** Merging such a key into an object would change its prototype; as a value it is a text like any other. */
function withoutPrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new Refused(400, 'the body names a prototype');
  return value;
}

/** Looks at brackets outside of strings, without parsing. */
function tooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i += 1;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x7b || c === 0x5b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (c === 0x7d || c === 0x5d) depth -= 1;
  }
  return false;
}
