import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

const drawings = join(__dirname, '..', '..', 'deploy', 'teams');

/** Width and height in pixels, as Teams wants them. */
export const iconSizes = { 'color.png': 192, 'outline.png': 32 } as const;
export type IconName = keyof typeof iconSizes;

let drawn: Promise<Readonly<Record<IconName, Uint8Array>>> | undefined;

/** Draws the icons from their SVG. WebAssembly: every machine makes the same bytes. */
export function drawIcons(): Promise<Readonly<Record<IconName, Uint8Array>>> {
  drawn ??= initWasm(readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm'))).then(() => ({
    'color.png': draw('color.png').asPng(),
    'outline.png': draw('outline.png').asPng(),
  }));
  return drawn;
}

/** Call `drawIcons` once before. */
export function draw(name: IconName) {
  const svg = readFileSync(join(drawings, name.replace('.png', '.svg')), 'utf8');
  return new Resvg(svg, { fitTo: { mode: 'width', value: iconSizes[name] } }).render();
}

/** From its header; undefined when it is no PNG. */
export function sizeOfPng(bytes: Uint8Array): { readonly width: number; readonly height: number } | undefined {
  const png = Buffer.from(bytes);
  if (png.length < 24 || png.toString('latin1', 1, 4) !== 'PNG') return undefined;
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}
