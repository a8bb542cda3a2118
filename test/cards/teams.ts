import { backMark } from '../../bot/back';
import { ownVerb } from '../../cards';
import { commands } from '../../dialogs';
import { timeInput } from '../../dialogs/conversation/command';

type Node = Readonly<Record<string, unknown>>;

/** What goldbot uses of Adaptive Cards 1.5: Teams draws these alike on desktops and phones. */
const elements = new Set([
  'TextBlock',
  'RichTextBlock',
  'TextRun',
  'FactSet',
  'Container',
  'ColumnSet',
  'Column',
  'Table',
  'TableRow',
  'TableCell',
  'Input.Text',
  'Input.ChoiceSet',
  'Input.Toggle',
  'Input.Number',
  'Input.Date',
  'Input.Time',
  'ActionSet',
  'Action.Execute',
  // Opens a dialog, for which Teams takes this one alone.
  'Action.Submit',
  // Opens a page outside of Teams, without the bot.
  'Action.OpenUrl',
  // Unfolds a part of the card, without the bot.
  'Action.ToggleVisibility',
]);

/**
 * Text in `Good` or `Warning` on white, `Attention` on dark, and any colour on a tint cannot be read with Teams' host
 * configs; test/conformance/cards-in-browser.js measures it.
 */
const readable = new Set([undefined, 'Default', 'Accent']);

const tones = ['Default', 'Subtle', 'Informative', 'Accent', 'Good', 'Warning', 'Attention'];
const grounds = ['Accent', 'Good', 'Warning', 'Attention'];
const hues = /^(good|warning|attention|neutral|(categorical|sequential|diverging)[A-Z]\w+)$/;
const isText = (value: unknown) => typeof value === 'string' && value.trim() !== '';
const isAmount = (value: unknown) => typeof value === 'number' && value >= 0;
const isOneOf =
  (...words: readonly string[]) =>
  (value: unknown) =>
    words.includes(String(value));
const isSeries = (value: unknown) => Array.isArray(value) && value.length > 0;
const chart = { title: isText, data: isSeries, '?colorSet': isText };

/**
 * What Teams alone draws, each with a fallback of the above, which test/conformance/cards.ts looks for. Every property
 * that goldbot uses with what may stand there (`?`: it may be absent), by `@microsoft/teams.cards` 2.1.0.
 */
const teamsElements: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  Badge: {
    text: isText,
    style: isOneOf(...tones),
    appearance: isOneOf('Filled', 'Tint'),
    '?size': isOneOf('Medium', 'Large', 'ExtraLarge'),
    '?shape': isOneOf('Square', 'Rounded', 'Circular'),
    '?icon': isText,
    '?tooltip': isText,
  },
  ProgressBar: { value: isAmount, '?max': isAmount, color: isOneOf(...grounds) },
  CodeBlock: { codeSnippet: isText, language: isOneOf('PlainText', 'Bash', 'Json', 'PowerShell', 'Xml') },
  Icon: {
    name: isText,
    '?size': isOneOf('xxSmall', 'xSmall', 'Small', 'Standard', 'Medium'),
    '?style': isOneOf('Regular', 'Filled'),
    '?color': isOneOf('Default', ...grounds),
    '?selectAction': () => true,
  },
  'Chart.Line': { ...chart, '?yAxisTitle': isText, '?xAxisTitle': isText, '?yMin': isAmount, '?yMax': isAmount },
  'Chart.Donut': { ...chart, '?value': isText, '?thickness': isOneOf('Thin', 'Thick') },
  'Chart.HorizontalBar.Stacked': { ...chart, '?xAxisTitle': isText, '?yAxisTitle': isText },
};
const common = ['type', 'id', 'fallback', 'spacing', 'separator', 'isVisible', 'horizontalAlignment', 'targetWidth'];

/** Bytes of JSON: the smallest of the limits that Teams has had leaves this. */
const maxBytes = 25 * 1024;
/** More buttons are hidden behind a menu; more people do not get a view of their own by themselves. */
const [maxActions, maxRefreshed] = [6, 60];

/**
 * What Teams would not take, not draw, or draw as something else, beyond what the schema of version 1.5 says; each with
 * its place in the card. Empty when nothing is.
 */
export function teamsFaults(card: Node): readonly string[] {
  const wrong = [...cardFaults(card), ...actionFaults(list(card['actions'])), ...inputFaults(card)];
  for (const [at, node] of nodes(card['body'], '/body')) {
    const meant = node['type'] === 'TextBlock' ? { ...node, text: withoutMentions(String(node['text']), card) } : node;
    wrong.push(...elementFaults(meant).map((w) => `${at}: ${w}`));
    const inside = [...list(node['actions']), ...(node['selectAction'] ? [node['selectAction'] as Node] : [])];
    wrong.push(...actionFaults(inside).map((w) => `${at}${w}`));
  }
  return wrong;
}

/** Whom the card says that it mentions, each as its text. */
export function mentionsOf(card: Node): readonly string[] {
  const entities = list((card['msteams'] as Node | undefined)?.['entities']);
  return entities.map(({ text }) => String(text));
}

/** A text without the mentions that entities of its card name: those are meant. */
export function withoutMentions(text: string, card: Node): string {
  return mentionsOf(card).reduce((rest, mention) => rest.replaceAll(mention, ''), text);
}

function cardFaults(card: Node): string[] {
  const bytes = Buffer.byteLength(JSON.stringify(card), 'utf8');
  const users = list((card['refresh'] as Node | undefined)?.['userIds']);
  const { fallbackText: words = '' } = card as { fallbackText?: string };
  return said([
    [card['type'] !== 'AdaptiveCard', '/type: no AdaptiveCard'],
    [card['version'] !== '1.5', `/version: ${String(card['version'])}, and Teams draws 1.5`],
    [bytes > maxBytes, `/: ${bytes} bytes, and ${maxBytes} is what surely fits`],
    [users.length > maxRefreshed, `/refresh/userIds: ${users.length} people, and Teams refreshes for ${maxRefreshed}`],
    [words.trim() === '' || words.length > 500, '/fallbackText: must be 1 to 500 characters'],
    [list(card['body']).length === 0, '/body: nothing to see'],
    [(card['msteams'] as Node | undefined)?.['width'] !== 'Full', '/msteams/width: not Full, so tables are squeezed'],
    [visible(card).includes(['$', '{'].join('')), '/: a template expression is left'],
  ]);
}

/** The card's JSON without what the buttons send back, which is data and stays as it is. */
export function visible(card: object): string {
  return JSON.stringify(card, (_, value) =>
    /^Action\.(Execute|Submit)$/.test(value?.type) ? { ...value, data: {} } : value,
  );
}

function actionFaults(actions: readonly Node[]): string[] {
  const wrong = actions.flatMap((action, i) => {
    if (action['type'] === 'Action.ToggleVisibility') return toggleFaults(action, actions);
    if (action['type'] === 'Action.OpenUrl') return linkFaults(action).map((w) => `/actions/${i}: ${w}`);
    const { title, verb, data, type } = action as { title?: string; verb?: string; data?: Node; type?: string };
    if (action['type'] === 'Action.Submit') return dialogFaults(action).map((w) => `/actions/${i}: ${w}`);
    const { [backMark]: way, ...own } = data ?? {};
    const nested = Object.values(own).some((v) => !['string', 'number', 'boolean'].includes(typeof v));
    return said([
      [type !== 'Action.Execute', `${type} beside Action.Execute makes Teams refuse the card`],
      [!title?.trim() || [...title].length > 32, 'title: must be 1 to 32 characters, or phones cut it'],
      [verb !== ownVerb && !commands.some((c) => c.verb === verb), `verb: ${verb} is no command`],
      [nested, 'data: must be flat'],
      [way !== undefined && !isWay(way), 'data: the way back is at most three looks'],
      ...unknownOptions(verb, own),
    ]).map((w) => `/actions/${i}: ${w}`);
  });
  return actions.length > maxActions ? [...wrong, `/actions: ${actions.length}, and ${maxActions} are shown`] : wrong;
}

/** Back through what somebody looked at, each with what it was asked. */
function isWay(way: unknown): boolean {
  const isStep = (step: Node) =>
    commands.some(({ verb, effect }) => verb === step['verb'] && effect === 'read') &&
    unknownOptions(step['verb'], (step['values'] ?? {}) as Node).every(([isWrong]) => !isWrong);
  return Array.isArray(way) && way.length > 0 && way.length <= 3 && way.every(isStep);
}

const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');

/**
 * What a button that opens a dialog carries, from which the dialog is made. Cards that hold both kinds of actions are
 * taken by Teams and work (MicrosoftDocs/msteams-docs#9291).
 */
function dialogFaults({ title, data, associatedInputs }: Node): string[] {
  const { msteams, verb, values, hash, ...more } = (data ?? {}) as Node;
  return said([
    [JSON.stringify(msteams) !== '{"type":"task/fetch"}', 'Action.Submit beside Action.Execute only opens dialogs'],
    [typeof title !== 'string' || !title.trim() || [...title].length > 32, 'title: must be 1 to 32 characters'],
    [!commands.some((c) => c.verb === verb), `verb: ${String(verb)} is no command`],
    [hash !== undefined, 'hash: what acts on a plan is decided on its card'],
    [associatedInputs !== 'none', 'the inputs of its card would go along'],
    [Object.keys(more).length > 0, `data: ${Object.keys(more).join()} is nothing that goldbot reads`],
    ...unknownOptions(verb, (values ?? {}) as Node),
  ]);
}

/** Of a page of a cloud's portal, of the reader's own chat or of a message; whoever reads words alone gets its address. */
function linkFaults({ title, url }: Node): string[] {
  return said([
    [
      typeof title !== 'string' || title.length === 0 || title.length > 32,
      'a link needs a title of 1 to 32 characters',
    ],
    [
      !/^https:\/\/(portal\.|teams\.microsoft\.com\/l\/(chat|message)\/)/.test(String(url)),
      'a link leads elsewhere than to the portal, to one’s own chat or to a message in Teams',
    ],
  ]);
}

/** It stands among its like alone: beside buttons that send something nobody would know which is which. */
function toggleFaults({ type, title, targetElements }: Node, all: readonly Node[]): string[] {
  return said([
    [
      typeof title !== 'string' || title.length === 0 || title.length > 32,
      'a fold needs a title of 1 to 32 characters',
    ],
    [!isNames(targetElements), 'a fold names what it shows by id'],
    [all.some((other) => other['type'] !== type), 'a fold stands beside other buttons'],
  ]);
}

/** What is typed goes along under the input's id, over the button's own data: it must be an option of the command. */
function inputFaults(card: Node): string[] {
  const inputs = [...nodes(card['body'], '/body')].filter(([, n]) => String(n['type']).startsWith('Input.'));
  const senders = list(card['actions']).filter((a) => a['associatedInputs'] !== 'none');
  const ids = inputs.map(([, { id }]) => String(id));
  return inputs.flatMap(([at, { id }]) => {
    const takers = senders.filter((a) => optionsOf(a['verb']).includes(String(id)));
    const over = senders.some((a) => Object.hasOwn((a['data'] as Node) ?? {}, String(id)));
    return said([
      [takers.length === 0, `${at}: no button has an option ${String(id)}`],
      [over, `${at}: ${String(id)} would replace what the button carries`],
      [ids.filter((other) => other === id).length > 1, `${at}: ${String(id)} is asked for twice`],
    ]);
  });
}

/** A click that carries anything else is refused as forged. */
function unknownOptions(verb: unknown, data: Node): readonly (readonly [boolean, string])[] {
  const known = optionsOf(verb);
  return Object.keys(data).map((key) => [key !== 'hash' && !known.includes(key), `data: ${key} is no option`]);
}

function optionsOf(verb: unknown): readonly string[] {
  if (verb === ownVerb) return ['request', 'at'];
  const { args = [] } = commands.find((c) => c.verb === verb) ?? {};
  return args.flatMap(({ name, pick }) => (pick === 'moment' ? [name, timeInput(name)] : [name]));
}

function elementFaults(node: Node): string[] {
  const { type, text, url, color } = node as { type?: string; text?: string; url?: string; color?: string };
  const markdown = type === 'TextBlock' ? String(text) : '';
  return said([
    [type !== undefined && !elements.has(type) && !isOfTeams(node), `${type} is not drawn alike everywhere`],
    ...teamsElementFaults(node),
    ...rowFaults(node),
    [!isOfTeams(node) && !readable.has(color), `color ${color} cannot be read`],
    [/^\s*#{1,6}\s|^\s*\|.*\|/m.test(markdown), 'text: Teams draws no headings and no tables'],
    [/(?<!\\)\]\(|<\/?at\b/i.test(markdown), 'text: a link or a mention that nobody meant'],
    [url !== undefined && !/^https:/.test(url), `url: ${url} is not https`],
    [
      type === 'Column' && !/^(auto|stretch|\d+px|[1-9]\d*)$/.test(String(node['width'])),
      `width: ${String(node['width'])}`,
    ],
    [/^Input\./.test(type ?? '') && !(node['label'] || node['title']), 'an input without a label'],
    [node['isRequired'] === true && !node['errorMessage'], 'a needed input that does not say so when it is empty'],
  ]);
}

const isOfTeams = ({ type }: Node): boolean => teamsElements[String(type)] !== undefined;

function teamsElementFaults(node: Node): readonly (readonly [boolean, string])[] {
  const type = String(node['type']);
  const known = teamsElements[type];
  if (!known) return [];
  const names = Object.keys(known).map((name) => name.replace('?', ''));
  const unknown = Object.keys(node).filter((name) => !names.includes(name) && !common.includes(name));
  const wrong = Object.entries(known).filter(([name, may]) => {
    const value = node[name.replace('?', '')];
    return value === undefined ? !name.startsWith('?') : !may(value);
  });
  const colors = JSON.stringify(type.startsWith('Chart.') ? node['data'] : []).matchAll(/"color":"([^"]*)"/g);
  return [
    ...unknown.map((name) => [true, `${type} has no ${name}`] as const),
    ...wrong.map(([name]) => [true, `${type}: ${name} is ${JSON.stringify(node[name.replace('?', '')])}`] as const),
    ...[...colors].map(([, color = '']) => [!hues.test(color), `${type}: no colour ${color}`] as const),
  ];
}

/** A phone squeezes a fourth column of words to nothing; what can be clicked needs a name that can be spoken. */
function rowFaults(node: Node): readonly (readonly [boolean, string])[] {
  const click = node['selectAction'] as Node | undefined;
  return [
    [list(node['columns']).length > 3 && node['type'] === 'ColumnSet', 'more than 3 columns'],
    [click !== undefined && !isText(click['title']), 'a click without a title'],
  ];
}

const others: ReadonlySet<string> = new Set(['data', 'layouts']);

/** Without what buttons send back, how a container lays out and what charts are made of: none is elements. */
function* nodes(value: unknown, at: string): Generator<readonly [string, Node]> {
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* nodes(item, `${at}/${i}`);
  else if (typeof value === 'object' && value !== null) {
    yield [at, value as Node];
    for (const [key, inner] of Object.entries(value)) if (!others.has(key)) yield* nodes(inner, `${at}/${key}`);
  }
}

function list(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value : [];
}

function said(cases: readonly (readonly [boolean, string])[]): string[] {
  return cases.filter(([is]) => is).map(([, words]) => words);
}
