import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inWords } from '../cards';
import { inlined } from '../cards/render';
import { sourceOf } from '../cards/sheet';
import { gallery } from '../test/fixtures/cards';
import { judged, notMet } from './gallery/judged';
import { drawPictures, type Shot } from './gallery/pictures';
import { drawSeen } from './gallery/seen';

/** `npm run gallery` writes docs/gallery and draws its pictures; `--docs` draws those of docs/ too; `--json` none; `--check` compares. */
const docs = join(__dirname, '..', 'docs');
export const galleryFolder = join(docs, 'gallery');

/** States that no conversation in test/transcripts reaches; their pictures are made from fixtures and say so. */
const rare = [
  'plan/azure-silent',
  'run/needs-a-look',
  'run/failed',
  'approval/one-of-two',
  'approval-decided/void',
  'version/tags-differ',
  'audit/broken',
  'compliance/partial',
  'machine/largest',
  'digest/not-evaluated',
  'form/publish',
  'run/hostile',
];

/** The gallery's files by their path below docs/gallery; each case with its card and its text. */
export function galleryFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [card, cases] of Object.entries(gallery)) {
    for (const [name, build] of Object.entries(cases)) files.set(`${card}/${name}.json`, written(build()));
  }
  for (const [path, text] of designerFiles()) files.set(path, text);
  return files.set('README.md', readme());
}

/** Its times as they read where no zone is known: what goldbot knows of them besides is in characters that nobody sees. */
const written = (content: object): string => `${inWords(JSON.stringify(content, null, 2))}\n`;

/** Each card's template with its parts in place, and the data of its first case, for the Adaptive Cards Designer. */
function designerFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const seen = new Set<object>();
  for (const [card, cases] of Object.entries(gallery)) {
    const made = Object.values(cases)[0]?.().card;
    const source = made && sourceOf(made);
    if (!source || seen.has(source.template)) continue;
    seen.add(source.template);
    files.set(`${card}/template.json`, `${JSON.stringify(inlined(source.template), null, 2)}\n`);
    files.set(`${card}/data.json`, written(source.data));
  }
  return files;
}

/** Pictures are drawn by hand, and no test compares them. */
const isDrawn = (path: string): boolean => /^(pictures|seen)\//.test(path);

/** Files in the folder that do not match the current cards; paths below docs/gallery. */
export function galleryDrift(wanted = galleryFiles()): readonly string[] {
  const found = filesBelow(galleryFolder).filter((path) => !isDrawn(path));
  const stale = found.filter((path) => !wanted.has(path));
  const changed = [...wanted]
    .filter(([path, text]) => !found.includes(path) || read(path) !== text)
    .map(([path]) => path);
  return [...stale, ...changed];
}

function shots(): readonly Shot[] {
  return Object.entries(gallery).flatMap(([card, cases]) =>
    Object.entries(cases).map(([name, build]) => ({ name: `${card}/${name}`, card: build().card ?? {} })),
  );
}

/** Plays the transcripts and collects the cards that goldbot answered with, each kind of title once. */
function answers(): readonly Shot[] {
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-answers-'));
  const env = { ...process.env, GOLDBOT_ANSWERS: folder };
  // One after the other: played all at once on a busy machine, answers arrive too late.
  execFileSync('npx', ['jest', 'test/transcripts.test.ts', '--maxConcurrency=1'], { env, stdio: 'inherit' });
  return answersIn(folder);
}

export function answersIn(folder: string): readonly Shot[] {
  const known = new Set<string>();
  return readdirSync(folder).flatMap((file) => {
    const seen = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Answer[];
    return seen.flatMap(({ line, card }) => {
      const title = card?.fallbackText.split('\n')[0] ?? '';
      const kind = title.replace(/R-\w{5}|\d+/g, '#');
      if (!card || known.has(kind)) return [];
      known.add(kind);
      const words = title
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .slice(0, 48);
      return [{ name: `${file.replace('.md.json', '')}/${line}-${words}`.replace(/-$/, ''), card }];
    });
  });
}

interface Answer {
  readonly line: number;
  readonly card?: { readonly fallbackText: string };
}

function readme(): string {
  const lines = [
    '# Every card of goldbot',
    '',
    '`npm run gallery` writes this folder from `test/fixtures/cards`, and a test compares it. Each case has its card and',
    'its text twin. `template.json` and `data.json` go into the two panes of the',
    '[Adaptive Cards Designer](https://adaptivecards.io/designer); a test loads all of them there. The `hostile` cases show',
    'what happens to text of extreme length that tries to be a mention, a link or a template expression.',
    '',
    ...inDocs.map(([, picture]) => `![${picture}](../card-${picture}-light.png)`),
    '',
    '`npm run gallery` also plays the conversations of `test/transcripts` and draws the cards that goldbot answered with',
    'into `pictures/`, light and dark; states that no conversation comes to are drawn from fixtures, in',
    '`pictures/from-fixtures/`. The pictures are not in the repository: CI keeps them with each build.',
    '',
    '## In one conversation, as eyes judged them',
    '',
    '`npm run gallery -- --seen` plays one conversation in which the kinds of cards are met and draws each as the page of',
    'the sandbox shows it: light, dark, and on a phone of 320 pixels. Of ten; what is below nine says why.',
    '',
    '| kind | of ten | why not more |',
    '|---|---|---|',
    ...Object.keys(gallery).map(judgement),
    '',
    '## Every case',
    '',
    ...Object.entries(gallery).map(([card, cases]) => {
      const links = Object.keys(cases).map((name) => `[${name}](${card}/${name}.json)`);
      return `- **${card}**: ${links.join(' · ')}`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}

function judgement(kind: string): string {
  const [score, why = ''] = judged[kind] ?? [];
  if (score === undefined) return `| ${kind} | – | ${notMet[kind]} |`;
  return `| [${kind}](seen/${kind}.png) | ${score} | ${why} |`;
}

/** The page that shows the pictures, stored beside them. */
function picturesPage(drawn: readonly Shot[]): string {
  const picture = ({ name }: Shot) => {
    const made = name.startsWith('from-fixtures/') ? ' (from a fixture)' : '';
    return [`## ${name}${made}`, '', `<img src="${name}-light.png"> <img src="${name}-dark.png">`, ''];
  };
  return ['# What goldbot says', '', ...drawn.flatMap(picture)].join('\n');
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

function writeFiles(): void {
  mkdirSync(galleryFolder, { recursive: true });
  const files = galleryFiles();
  const stale = filesBelow(galleryFolder).filter((path) => !isDrawn(path) && !files.has(path));
  for (const path of stale) rmSync(join(galleryFolder, path));
  for (const [path, text] of files) {
    const target = join(galleryFolder, path);
    mkdirSync(join(target, '..'), { recursive: true });
    writeFileSync(target, text);
  }
  console.log(`docs/gallery: ${shots().length} cases`);
}

/** Answers whose pictures are in docs/, by the beginning of their title. */
const inDocs: readonly (readonly [title: RegExp, picture: string])[] = [
  [/^Plan: /, 'plan'],
  [/^\S+ (?:is at step|passed \d|stopped at) /, 'log'],
  [/^(?:Nothing is waiting for a decision|\d+ requests? waits? for )/, 'approvals'],
  [/^ubuntu-22 1\.5\.0$/m, 'version'],
  [/^Compliance of all teams/m, 'teams'],
  [/ in the audit$/m, 'audit'],
  [/^goldbot has no command/, 'mistake'],
  [/^The digest of payments is sent/, 'digest-settings'],
];

/** Draws the gallery page's pictures into docs/; they are in the repository, so only `--docs` does this. */
export async function drawForDocs(from: readonly Shot[]): Promise<void> {
  const shown = inDocs.map(([title, picture]) => {
    const found = from.find(({ card }) => title.test((card as { fallbackText: string }).fallbackText));
    if (!found) throw new Error(`no answer in the transcripts begins with ${title}`);
    return { name: `card-${picture}`, card: found.card };
  });
  await drawPictures(shown, docs, ['light']);
}

async function draw(options: { readonly docs: boolean }): Promise<void> {
  const folder = join(galleryFolder, 'pictures');
  rmSync(folder, { recursive: true, force: true });
  const fixtures = shots().filter(({ name }) => rare.includes(name));
  const said = answers();
  if (options.docs) await drawForDocs(said);
  const drawn = [...said, ...fixtures.map(({ name, card }) => ({ name: `from-fixtures/${name}`, card }))];
  await drawPictures(drawn, folder);
  writeFileSync(join(folder, 'README.md'), picturesPage(drawn));
  console.log(`docs/gallery/pictures: ${drawn.length} cards, light and dark`);
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--seen'))
    return drawSeen(
      join(galleryFolder, 'seen'),
      args.filter((arg) => !arg.startsWith('--')),
    );
  if (!args.includes('--check')) {
    writeFiles();
    return args.includes('--json') ? undefined : draw({ docs: args.includes('--docs') });
  }
  const drift = galleryDrift();
  if (drift.length === 0) return console.log('docs/gallery: as the cards are');
  console.log(`docs/gallery differs, run \`npm run gallery\`: ${drift.join(', ')}`);
  process.exitCode = 1;
}

if (require.main === module) void main(process.argv.slice(2));
