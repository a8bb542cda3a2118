import { gzipSync } from 'node:zlib';
import { type Call, type CommandTable, fail, inputs, options, unmodelled } from './call';

/**
 * Streams and files are texts here. Bytes that are not ASCII, which a compressed file has many of, stand in them as lone
 * surrogates, as Python has it: text that programs write as text is not taken for bytes, and bytes come back as they were.
 */
const first = 0xdc_00;

export function bytesOf(text: string): Buffer {
  if (!/[\udc80-\udcff]/.test(text)) return Buffer.from(text);
  const parts = text.split(/([\udc80-\udcff]+)/).map((part, i) => {
    const isBytes = i % 2 === 1;
    return isBytes ? Buffer.from([...part].map((c) => c.charCodeAt(0) - first)) : Buffer.from(part);
  });
  return Buffer.concat(parts);
}

export function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte < 0x80 ? byte : first + byte)).join('');
}

export const binaryCommands: CommandTable = { gzip, base64 };

function gzip(call: Call): number {
  const { flags, rest } = options(call.args);
  if (rest.length > 0 || [...flags].some((flag) => !/^([1-9nc]|stdout|no-name)$/.test(flag))) return unmodelled(call);
  const text = call.stdin.rest;
  call.stdin.rest = '';
  call.out(textOf(gzipSync(bytesOf(text), { level: 9 })));
  return 0;
}

function base64(call: Call): number {
  const { flags, values, rest } = options(call.args, ['w', 'wrap']);
  const { texts, failed } = inputs(call, rest);
  if (failed) return 1;
  const text = texts.map((one) => one.text).join('');
  if (flags.has('d') || flags.has('decode')) {
    if (/[^A-Za-z0-9+/=\s]/.test(text)) return fail(call, 'invalid input');
    call.out(textOf(Buffer.from(text, 'base64')));
    return 0;
  }
  const encoded = bytesOf(text).toString('base64');
  const width = Number(values.get('w') ?? values.get('wrap') ?? 76);
  call.out(width > 0 ? encoded.replace(new RegExp(`.{1,${width}}`, 'g'), '$&\n') : encoded);
  return 0;
}

/** `head -c 10`, `tail -c 10`, `tail -c +10`. */
export function endsInBytes(call: Call, given: string, files: readonly string[]): number {
  const number = Number(given.replace(/^\+/, ''));
  if (!/^\+?\d+$/.test(given)) return unmodelled(call);
  const { texts, failed } = inputs(call, files);
  for (const { text } of texts) {
    const bytes = bytesOf(text);
    const fromStart = call.name === 'head' ? bytes.subarray(0, number) : bytes.subarray(Math.max(0, number - 1));
    const part =
      call.name === 'tail' && !given.startsWith('+') ? bytes.subarray(Math.max(0, bytes.length - number)) : fromStart;
    call.out(part.every((byte) => byte < 0x80) ? part.toString('latin1') : textOf(part));
  }
  return failed ? 1 : 0;
}
