import { gzipSync } from 'node:zlib';
import { Bag, itemsOf, PsObject, type Value } from './values';

/** What was written to a stream in memory. */
const written = new WeakMap<PsObject, number[]>();

const nothing = () => null;

/** `System.IO.MemoryStream`, written to and read as a whole. */
export function memoryStream(): PsObject {
  const bytes: number[] = [];
  const stream = new PsObject('System.IO.MemoryStream', new Bag(), undefined, {
    write: ([data, from, count]) => append(bytes, data, from, count),
    toarray: () => [...bytes],
    dispose: nothing,
    close: nothing,
    flush: nothing,
  });
  written.set(stream, bytes);
  return stream;
}

/** `System.IO.Compression.GZipStream` that compresses into a stream in memory; undefined for any other. */
export function gzipStream(target: Value | undefined, mode: string): PsObject | undefined {
  const into = target instanceof PsObject ? written.get(target) : undefined;
  if (!into || !/^compress$/i.test(mode)) return undefined;
  const plain: number[] = [];
  let isOpen = true;
  const close = () => {
    if (isOpen) for (const byte of gzipSync(Buffer.from(plain))) into.push(byte);
    isOpen = false;
    return null;
  };
  return new PsObject('System.IO.Compression.GZipStream', new Bag(), undefined, {
    write: ([data, from, count]) => append(plain, data, from, count),
    dispose: close,
    close,
    flush: nothing,
  });
}

function append(bytes: number[], ...[data, from, count]: readonly (Value | undefined)[]): null {
  const start = Number(from ?? 0);
  for (const byte of itemsOf(data).slice(start, start + Number(count ?? 0))) bytes.push(Number(byte));
  return null;
}
