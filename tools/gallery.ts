import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reply } from '../cards';
import { inlined } from '../cards/render';
import { sourceOf } from '../cards/sheet';
import { gallery } from '../test/fixtures/cards';
import { drawPictures } from './gallery-pictures';

/** `npm run gallery [-- card…]` writes docs/gallery; `--check` compares its JSON; `--json` leaves the pictures alone. */
export const galleryFolder = join(__dirname, '..', 'docs', 'gallery');

/** Cases that are drawn on 360 pixels, too. */
const narrow = new Set([
  'run/building',
  'run/needs-repair',
  'approval/typical',
  'versions/typical',
  'form/publish',
  'runs/open',
  'approvals/typical',
  'version/typical',
  'log/typical',
  'help/publisher',
  'compliance/typical',
  'digest/typical',
  'machine/typical',
  'who-uses/typical',
]);

export interface Shot {
  /** `approval/typical`. */
  readonly name: string;
  readonly reply: Reply;
  readonly narrow: boolean;
}

/** Files of the gallery by their path below docs/gallery, without the pictures. */
export function galleryFiles(): ReadonlyMap<string, string> {
  const files = new Map(shots().map(({ name, reply }) => [`${name}.json`, `${JSON.stringify(reply, null, 2)}\n`]));
  for (const [path, text] of designerFiles()) files.set(path, text);
  return files.set('README.md', readme());
}

/** Of each card the template with its parts in place and the data of its first case, for the Adaptive Cards Designer. */
function designerFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const seen = new Set<object>();
  for (const [card, cases] of Object.entries(gallery)) {
    const made = Object.values(cases)[0]?.().card;
    const source = made && sourceOf(made);
    if (!source || seen.has(source.template)) continue;
    seen.add(source.template);
    files.set(`${card}/template.json`, `${JSON.stringify(inlined(source.template), null, 2)}\n`);
    files.set(`${card}/data.json`, `${JSON.stringify(source.data, null, 2)}\n`);
  }
  return files;
}

/** What stands in the folder and is not what the cards are now; paths below docs/gallery. */
export function galleryDrift(): readonly string[] {
  const wanted = galleryFiles();
  const found = filesBelow(galleryFolder).filter((path) => !path.endsWith('.png'));
  const stale = found.filter((path) => !wanted.has(path));
  const changed = [...wanted]
    .filter(([path, text]) => !found.includes(path) || read(path) !== text)
    .map(([path]) => path);
  return [...stale, ...changed];
}

/** Pictures that there should be, by their path below docs/gallery. */
export function galleryPictures(): readonly string[] {
  return shots().flatMap(({ name, narrow: phone }) => [
    `${name}-light.png`,
    `${name}-dark.png`,
    ...(phone ? [`${name}-narrow.png`] : []),
  ]);
}

function shots(): readonly Shot[] {
  return Object.entries(gallery).flatMap(([card, cases]) =>
    Object.entries(cases).map(([name, build]) => {
      const path = `${card}/${name}`;
      return { name: path, reply: build(), narrow: narrow.has(path) };
    }),
  );
}

function readme(): string {
  const head = [
    '# Every card of goldbot',
    '',
    'Written by `npm run gallery` from `test/fixtures/cards`; a test compares. Each picture has its JSON beside it,',
    'with the plain-text twin in `text`; paste `card` into <https://adaptivecards.io/designer> to play with it.',
    'Pictures: adaptivecards with the Teams host configs; left light, right dark. The `hostile` cases show what',
    'happens to text of extreme length that tries to be a mention, a link or a template expression.',
    '',
  ];
  const sections = Object.entries(gallery).flatMap(([card, cases]) => [
    `## ${card}`,
    '',
    ...Object.keys(cases).flatMap((name) => picture(card, name)),
  ]);
  return `${[...head, ...sections].join('\n').trimEnd()}\n`;
}

function picture(card: string, name: string): readonly string[] {
  const at = `${card}/${name}`;
  const image = (kind: string) => `<img alt="${at}, ${kind}" src="${at}-${kind}.png">`;
  const phone = narrow.has(at) ? [image('narrow')] : [];
  return [`### [${name}](${at}.json)`, '', [image('light'), image('dark'), ...phone].join(' '), ''];
}

function read(path: string): string {
  return readFileSync(join(galleryFolder, path), 'utf8');
}

function filesBelow(folder: string, prefix = ''): readonly string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(folder, path) : [path];
  });
}

async function write(options: { readonly cards: readonly string[]; readonly pictures: boolean }): Promise<void> {
  mkdirSync(galleryFolder, { recursive: true });
  const kept = new Set([...galleryFiles().keys(), ...galleryPictures()]);
  for (const path of filesBelow(galleryFolder).filter((found) => !kept.has(found))) rmSync(join(galleryFolder, path));
  for (const [path, text] of galleryFiles()) {
    const target = join(galleryFolder, path);
    mkdirSync(join(target, '..'), { recursive: true });
    writeFileSync(target, text);
  }
  const wanted = shots().filter(
    ({ name }) => options.cards.length === 0 || options.cards.some((c) => name.startsWith(c)),
  );
  if (options.pictures) await drawPictures(wanted, galleryFolder);
  console.log(`docs/gallery: ${shots().length} cases, ${options.pictures ? wanted.length : 0} drawn`);
}

async function main(args: readonly string[]): Promise<void> {
  if (!args.includes('--check')) {
    return write({ cards: args.filter((arg) => !arg.startsWith('--')), pictures: !args.includes('--json') });
  }
  const drift = galleryDrift();
  if (drift.length === 0) return console.log('docs/gallery: as the cards are');
  console.log(`docs/gallery differs, run \`npm run gallery\`: ${drift.join(', ')}`);
  process.exitCode = 1;
}

if (require.main === module) void main(process.argv.slice(2));
