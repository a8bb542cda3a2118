import type { Template } from 'adaptivecards-templating';
import { momentOf } from '../core/time';
import { clip } from './parts/format';
import { byTeams, inWords, withMoments } from './parts/moments';
import type { AdaptiveCard } from './reply';
import acts from './templates/parts/acts.json';
import bars from './templates/parts/bars.json';
import details from './templates/parts/details.json';
import donuts from './templates/parts/donuts.json';
import drawers from './templates/parts/drawers.json';
import factGroups from './templates/parts/fact-groups.json';
import facts from './templates/parts/facts.json';
import failures from './templates/parts/failures.json';
import figures from './templates/parts/figures.json';
import findings from './templates/parts/findings.json';
import folded from './templates/parts/folded.json';
import folds from './templates/parts/folds.json';
import foot from './templates/parts/foot.json';
import frame from './templates/parts/frame.json';
import groups from './templates/parts/groups.json';
import head from './templates/parts/head.json';
import history from './templates/parts/history.json';
import input from './templates/parts/input.json';
import log from './templates/parts/log.json';
import marked from './templates/parts/marked.json';
import moreInput from './templates/parts/more-input.json';
import narrowRows from './templates/parts/narrow.json';
import notes from './templates/parts/notes.json';
import numbers from './templates/parts/numbers.json';
import paragraphs from './templates/parts/paragraphs.json';
import picks from './templates/parts/picks.json';
import progress from './templates/parts/progress.json';
import section from './templates/parts/section.json';
import stacks from './templates/parts/stacks.json';
import stages from './templates/parts/stages.json';
import table from './templates/parts/table.json';
import tables from './templates/parts/tables.json';
import tints from './templates/parts/tints.json';
import trend from './templates/parts/trend.json';

type Node = { readonly [key: string]: unknown };

/** Parts that several cards share; a template takes one in by `{"$include": "facts"}`. */
const parts: Readonly<Record<string, Node>> = {
  acts,
  bars,
  details,
  donuts,
  'fact-groups': factGroups,
  facts,
  failures,
  figures,
  findings,
  folded,
  drawers,
  folds,
  foot,
  groups,
  head,
  history,
  input,
  log,
  marked,
  'more-input': moreInput,
  narrow: narrowRows,
  notes,
  numbers,
  paragraphs,
  picks,
  progress,
  section,
  stacks,
  stages,
  table,
  tables,
  tints,
  trend,
};

/** A filled template: its texts as they are, each action with the sentence that does the same. */
export type Draft = Pick<AdaptiveCard, 'body' | 'actions'> & Node;

/** Fills a template and turns it into what Teams accepts. */
export function render<View extends object>(body: readonly object[], view: View): AdaptiveCard {
  return dress(fill(body, view));
}

/**
 * Puts a body into goldbot's frame and fills it. A field that the view does not have is an error here instead of
 * `${field}` in Teams; so is a `$when` that is not a boolean, which the library would silently drop.
 *
 * @throws Error naming each missing field.
 */
export function fill<View extends object>(body: readonly object[], view: View): Draft {
  const { tree, template } = prepared(body);
  const { GlobalSettings } = templating();
  const missing = [...unboundConditions(tree, view, view)];
  GlobalSettings.getUndefinedFieldValueSubstitutionString = (path) => {
    missing.push(path);
    return '?';
  };
  try {
    const draft = template.expand({ $root: view }) as Draft;
    if (missing.length > 0) throw new Error(`rendering card: no value for ${[...new Set(missing)].join(', ')}`);
    return draft;
  } finally {
    delete GlobalSettings.getUndefinedFieldValueSubstitutionString;
  }
}

/** Characters that a client shows of a card that it cannot draw. */
const longestFallback = 500;

/** The card as it is sent: every shown text escaped and of at most `longest` characters, without what only goldbot reads. */
export function dress(draft: Draft, longest = Number.POSITIVE_INFINITY): AdaptiveCard {
  const card = escaped(draft, { longest }) as AdaptiveCard;
  // Here, since what nobody sees is written out in more characters than it has.
  return { ...card, fallbackText: clip(card.fallbackText, longestFallback) };
}

/** A template with its parts in place, as the Adaptive Cards Designer reads it. */
export function inlined(body: readonly object[]): object {
  return prepared(body).tree;
}

/** Whether a template has a place for a block. */
export function shows(body: readonly object[], block: string): boolean {
  return prepared(body).bound.has(block);
}

interface Prepared {
  readonly tree: Node;
  readonly template: Template;
  /** Names that its expressions look up. */
  readonly bound: ReadonlySet<string>;
}

/** Loaded for the first card: with its parser of expressions it costs a start more than all of botbuilder. */
function templating() {
  return require('adaptivecards-templating') as typeof import('adaptivecards-templating');
}

/** Parsing the expressions takes ten times as long as filling them, and a body never changes. */
const known = new WeakMap<readonly object[], Prepared>();

function prepared(body: readonly object[]): Prepared {
  const found = known.get(body);
  if (found !== undefined) return found;
  const tree = inline(frame, body) as Node;
  const names = JSON.stringify(tree).matchAll(/\$\{(\w+)\}/g);
  const bound = new Set([...names].map(([, name = '']) => name));
  const made = { tree, template: new (templating().Template)(tree), bound };
  known.set(body, made);
  return made;
}

/** Replaces `$include` and `$body`; properties beside `$include` (`$data`, `$when`, `spacing`) override the part's. */
function inline(node: unknown, body: readonly object[]): unknown {
  if (Array.isArray(node)) {
    return node.flatMap((item) => (isNode(item) && item['$body'] === true ? body : [item])).map((i) => inline(i, body));
  }
  if (!isNode(node)) return node;
  const { $include, ...own } = node;
  if ($include === undefined) return mapValues(own, (value) => inline(value, body));
  const part = parts[String($include)];
  if (part === undefined) throw new Error(`card template: no part "${String($include)}"`);
  return inline({ ...part, ...own }, body);
}

/** The `$when`s that have no boolean to look at. Follows the template's own rule for which data a node sees. */
function* unboundConditions(node: unknown, data: unknown, root: object): Generator<string> {
  if (Array.isArray(node)) for (const item of node) yield* unboundConditions(item, data, root);
  if (!isNode(node)) return;
  const { $data, $when, ...rest } = node;
  const bound = $data === undefined ? data : lookUp(String($data), data, root);
  for (const each of Array.isArray(bound) ? bound : [bound]) {
    if ($when !== undefined && typeof lookUp(String($when), each, root) !== 'boolean') yield `$when ${String($when)}`;
    for (const value of Object.values(rest)) yield* unboundConditions(value, each, root);
  }
}

function lookUp(expression: string, data: unknown, root: object): unknown {
  const path = /^\$\{([\w.$]+)\}$/.exec(expression)?.[1];
  if (path === undefined) throw new Error(`card template: only plain paths in $data and $when, not ${expression}`);
  const steps = path.split('.');
  const start = steps[0] === '$root' ? root : data;
  const walked = steps[0] === '$root' ? steps.slice(1) : steps;
  return walked.reduce<unknown>((at, step) => (isNode(at) ? at[step] : undefined), start);
}

/** What a button sends back and what identifies an input is data, not text. */
const verbatim = new Set(['data', 'value', 'id', 'verb', 'url', '$schema']);

interface Dressing {
  readonly longest: number;
  /** The property under which the node hangs. */
  readonly parent?: string;
}

/** Also drops the empty properties of inputs: templates cannot leave one out, and an empty default is none. */
function escaped(node: unknown, dressing: Dressing): unknown {
  const { parent = '', longest } = dressing;
  if (Array.isArray(node)) return node.map((item) => escaped(item, dressing));
  if (node === null || node === undefined) throw new Error(`rendering card: no value for a ${parent}`);
  if (!isNode(node)) return typeof node === 'string' ? plain(inWords(node)) : node;
  const kind = kindOf(node, parent);
  return mapValues(sent(node, kind), (value, key) => {
    const text = typeof value === 'string' ? written(value, `${kind}.${key}`, longest) : undefined;
    return text ?? (verbatim.has(key) ? value : escaped(value, { longest, parent: key }));
  });
}

/** The `type` of an element, but for facts, which have none, and for the lines of logs. */
function kindOf(node: Node, parent: string): string {
  if (parent === 'facts') return 'fact';
  const type = String(node['type'] ?? '');
  return type === 'TextRun' && node['fontType'] === 'Monospace' ? 'log' : type;
}

/** The places that are read as markdown or that break in a way of their own; undefined: any other. */
const places: Readonly<Record<string, (text: string, longest: number) => string>> = {
  'TextBlock.text': (text, longest) => escapeMarkdown(clip(text, longest)),
  'fact.title': (text) => escapeMarkdown(breakable(unbroken(text))),
  'fact.value': (text, longest) => escapeMarkdown(breakable(clip(text, longest))),
  'TextRun.text': (text, longest) => breakable(plain(clip(text, longest))),
  'log.text': (text, longest) => broken(plain(clippedLines(text, longest))),
  'CodeBlock.codeSnippet': (text, longest) => plain(clippedLines(text, longest)),
};

/** Teams evaluates moments in all these places but code, which stands there as it is. */
function written(text: string, place: string, longest: number): string | undefined {
  const write = places[place];
  const show = place === 'CodeBlock.codeSnippet' ? momentOf : byTeams;
  return write && withMoments(text, (bare) => write(bare, longest), show);
}

function clippedLines(text: string, longest: number): string {
  return text
    .split('\n')
    .map((line) => clip(line, longest))
    .join('\n');
}

function sent(node: Node, kind: string): Node {
  if (kind.startsWith('Input.')) return Object.fromEntries(Object.entries(node).filter(([, value]) => value !== ''));
  // What is for the words of a card alone; and an element for every width says nothing of it.
  const { sentence: _, says: __, targetWidth, ...rest } = node;
  const shown = targetWidth === undefined || targetWidth === '' ? rest : { ...rest, targetWidth };
  return kind === 'Action.Execute' && opensDialog(rest['data']) ? submitting(shown) : shown;
}

function opensDialog(data: unknown): boolean {
  return isNode(data) && data['msteams'] !== undefined;
}

/** Teams opens a dialog for `Action.Submit` alone, which knows no verb: that stands in its data. */
function submitting({ verb: _, ...action }: Node): Node {
  return { ...action, type: 'Action.Submit' };
}

/** Text runs do not break inside a word. What is copied from a log must not hold characters that nobody sees. */
function broken(text: string): string {
  return text.replace(/[^\s-]{33,}/g, (word) => word.replace(/.{32}(?=.)/gu, '$&\n'));
}

/**
 * Text runs do not break inside a word, and a fact set is a table, which grows to its longest word: a digest would make
 * the card wider than a phone. A wider card shows the word whole: a zero-width space shows only by ending a line, and
 * whatever is pasted into a message to goldbot loses it again.
 */
function breakable(text: string): string {
  return text.replace(/[^\s-]{17,}/g, (word) => [...word.matchAll(narrow)].join('\u200b'));
}

/** What fits beside a title on a phone; cut after a sign that divides a name, when there is one. */
const narrow = /.{1,16}$|.{1,16}(?<=[:._/=@,])|.{1,16}/gu;

/** A long value would otherwise squeeze `End of life` into two lines. */
function unbroken(title: string): string {
  return title.length > 16 ? title : title.replaceAll(' ', '\u00a0');
}

function mapValues(node: Node, change: (value: unknown, key: string) => unknown): Node {
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, change(value, key)]));
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Names, notes, logs and error messages come from people and from Azure. `render()` passes everything that a card
 * shows through this file, so that no builder can forget it: no text can pose as a mention, a link or formatting.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for; tab and newline stay
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Text for places where markdown is not read (text runs, buttons, labels, the plain twin): without control characters
 * and direction overrides; a mention loses its bracket, and braces that a template or Teams itself would evaluate
 * (`${name}`, `{{DATE(…)}}`, `{{TIME(…)}}`) are held apart by a character that nobody sees. Those that goldbot means
 * are written after this (parts/moments), so that every one here comes from somebody's words.
 */
export function plain(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(control, '')
    .replace(/<(?=\s*\/?\s*at\b)/gi, '‹')
    .replace(/\$(?=\{)/g, '$$\u2060')
    .replace(/\{(?=\{)/g, '{\u2060');
}

/**
 * Text for a TextBlock or a fact, where Teams reads bold, italics, lists and links. A mark that cannot begin
 * anything (a single `_` as in `sshd_config`) stays bare: Teams on phones prints some of the backslashes.
 */
export function escapeMarkdown(text: string): string {
  const pairs = (mark: string) => text.split(mark).length > 2;
  return plain(text)
    .replace(/\\(?=[!-/:-@[-`{-~])/g, '\\\\')
    .replace(/[*_~]/g, (mark) => (pairs(mark) ? `\\${mark}` : mark))
    .replace(/[[\]`<]/g, '\\$&')
    .replace(/&(?=#?\w+;)/g, '\\&')
    .replace(/^(\s*)([-+*#>]+)(?=\s)/gm, (_, space: string, mark: string) => `${space}\\${mark}`)
    .replace(/^(\s*\d+)([.)])(?=\s)/gm, '$1\\$2');
}
