import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Catalogue, findImage, parseCatalogue } from '../../../core/catalogue';
import { type CommandCall, line, type Values } from '../../../core/command-call';
import { commands } from '../../../dialogs';
import { callOf, findCommand } from '../../../dialogs/conversation';
import { type Understood, understand } from '../../../dialogs/plain';
import { now } from '../support/world';

type Expected =
  | { readonly kind: 'read' | 'offer'; readonly command: string }
  | { readonly kind: 'ask'; readonly among: readonly string[] }
  | { readonly kind: 'talk' }
  | { readonly kind: 'help'; readonly of?: string }
  /** Not understood, and said so. */
  | { readonly kind: 'none' };

export interface Sentence {
  readonly text: string;
  readonly in: 'general' | 'team' | 'personal';
  readonly expect: Expected;
  readonly or?: readonly Expected[];
}

export function sentencesOf(file: string): readonly Sentence[] {
  return (JSON.parse(readFileSync(join(__dirname, file), 'utf8')) as { sentences: readonly Sentence[] }).sentences;
}

/** The catalogue that the sandbox runs with. */
export function exampleCatalogue(): Catalogue {
  const root = join(__dirname, '../../../catalog');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  const parsed = parseCatalogue(files.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.catalogue;
}

const catalogue = exampleCatalogue();

const places = {
  general: { id: '19:general', name: 'Image Factory / General' },
  team: { id: '19:payments', name: 'payments / ops' },
  personal: { id: 'a:ada' },
} as const;

/** What the conversation makes of a sentence in the example's world; the same each time. */
export function read(text: string, place: Sentence['in'] = 'general'): Understood {
  const key = `${place} ${text}`;
  const found = known.get(key) ?? understand(text, { commands, catalogue, now, place: places[place] });
  known.set(key, found);
  return found;
}

const known = new Map<string, Understood>();

/** Whether it is one of the answers that are right. */
export function isRight({ text, in: place, expect, or = [] }: Sentence): boolean {
  const found = read(text, place);
  return [expect, ...or].some((one) => isSame(found, one));
}

function isSame(found: Understood, expected: Expected): boolean {
  switch (expected.kind) {
    case 'read':
    case 'offer':
      return isCall(found, expected.kind, expected.command);
    case 'ask':
      return found.kind === 'ask' && isAmong(found.among, expected.among);
    case 'talk':
      return found.kind === 'talk';
    case 'help':
      return helpVerb(found) === (expected.of ?? '');
    case 'none':
      return found.kind === 'error' && found.error.code === 'UNKNOWN_COMMAND';
  }
}

function isCall(found: Understood, kind: 'read' | 'offer', command: string): boolean {
  const wanted = callOf(command, commands);
  // Which request is meant depends on what waits at that moment: the verb is all that a sentence says.
  if (found.kind === 'which') return kind === 'offer' && found.verb === wanted.verb;
  const call = callIn(found);
  return call?.kind === kind && plain(call.call) === plain(wanted);
}

/** What the grammar reads counts as what it is. */
function callIn(found: Understood): { readonly kind: 'read' | 'offer'; readonly call: CommandCall } | undefined {
  if (found.kind === 'read' || found.kind === 'offer') return found;
  if (found.kind !== 'grammar' || found.parsed.kind !== 'command') return undefined;
  const { command, values } = found.parsed;
  return { kind: command.effect === 'read' ? 'read' : 'offer', call: { verb: command.verb, values } };
}

function isAmong(found: readonly CommandCall[], expected: readonly string[]): boolean {
  const wanted = expected.map((one) => plain(callOf(one, commands)));
  const given = new Set(found.map(plain));
  return wanted.every((one) => given.has(one));
}

/** The call with names as the catalogue has them, and without the wording of a reason. */
function plain({ verb, values }: CommandCall): string {
  const command = findCommand(commands, verb);
  const told = Object.entries(values).flatMap(([name, value]): readonly (readonly [string, Values[string]])[] => {
    const kind = command?.args.find((arg) => arg.name === name)?.kind;
    if (kind === 'text' && verb !== 'help') return [];
    return [[name, kind === 'flag' ? value : canonical(String(value))]];
  });
  return line({ verb, values: Object.fromEntries(told.sort(([a], [b]) => a.localeCompare(b))) });
}

function canonical(value: string): string {
  const [image = '', version] = value.split(/[@ ]/, 2);
  const name = findImage(catalogue, image)?.name;
  return (name ? [name, ...(version ? [version] : [])].join('@') : value.replace(/^@/, '')).toLowerCase();
}

function helpVerb(found: Understood): string | undefined {
  if (found.kind === 'help') return found.of ?? '';
  if (found.kind !== 'grammar') return undefined;
  if (found.parsed.kind === 'empty') return '';
  const { command, values } = found.parsed;
  return command.verb === 'help' ? String(values['verb'] ?? '') : undefined;
}

/** What came of it, in a line. */
export function shown(found: Understood): string {
  switch (found.kind) {
    case 'read':
    case 'offer':
      return `${found.kind} ${line(found.call)}`;
    case 'ask':
      return `ask ${found.among.map(line).join(' | ')}`;
    case 'which':
      return `which ${found.verb} ${JSON.stringify(found.values)}`;
    case 'help':
      return `help ${found.of ?? ''}`;
    case 'talk':
      return `talk ${found.talk}`;
    case 'grammar':
      return found.parsed.kind === 'command'
        ? `grammar ${line({ verb: found.parsed.command.verb, values: found.parsed.values })}`
        : 'grammar';
    case 'error':
      return `error ${found.error.code}`;
  }
}
