import { commands } from '../../dialogs';

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
  'ActionSet',
  'Action.Execute',
  // Unfolds a part of the card, without the bot.
  'Action.ToggleVisibility',
  // Each with a fallback of the above, which test/conformance/cards.ts looks for.
  'Chart.HorizontalBar',
  'Chart.Line',
]);

/** Text in `Warning` on white, and coloured text on a tint, cannot be read with Teams' host configs. */
const readable = new Set([undefined, 'Default', 'Good', 'Attention', 'Accent']);

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
  const meant = mentionsOf(card);
  for (const [at, node] of nodes(card['body'], '/body')) {
    const isMeant = node['type'] === 'TextBlock' && meant.includes(String(node['text']));
    if (!isMeant) wrong.push(...elementFaults(node).map((w) => `${at}: ${w}`));
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
  return JSON.stringify(card, (_, value) => (value?.type === 'Action.Execute' ? { ...value, data: {} } : value));
}

function actionFaults(actions: readonly Node[]): string[] {
  const wrong = actions.flatMap((action, i) => {
    if (action['type'] === 'Action.ToggleVisibility') return toggleFaults(action, actions.length);
    const { title, verb, data, type } = action as { title?: string; verb?: string; data?: Node; type?: string };
    const nested = Object.values(data ?? {}).some((v) => !['string', 'number', 'boolean'].includes(typeof v));
    return said([
      [type !== 'Action.Execute', `${type} beside Action.Execute makes Teams refuse the card`],
      [!title?.trim() || [...title].length > 32, 'title: must be 1 to 32 characters, or phones cut it'],
      [!commands.some((c) => c.verb === verb), `verb: ${verb} is no command`],
      [nested, 'data: must be flat'],
      ...unknownOptions(verb, data ?? {}),
    ]).map((w) => `/actions/${i}: ${w}`);
  });
  return actions.length > maxActions ? [...wrong, `/actions: ${actions.length}, and ${maxActions} are shown`] : wrong;
}

const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');

/** It stands alone: among buttons that send something nobody would know which is which. */
function toggleFaults({ title, targetElements }: Node, beside: number): string[] {
  return said([
    [
      typeof title !== 'string' || title.length === 0 || title.length > 32,
      'a fold needs a title of 1 to 32 characters',
    ],
    [!isNames(targetElements), 'a fold names what it shows by id'],
    [beside > 1, 'a fold stands beside other buttons'],
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
  return commands.find((c) => c.verb === verb)?.args.map(({ name }) => name) ?? [];
}

function elementFaults(node: Node): string[] {
  const { type, text, url, color } = node as { type?: string; text?: string; url?: string; color?: string };
  const markdown = type === 'TextBlock' ? String(text) : '';
  return said([
    [type !== undefined && !elements.has(type), `${type} is not drawn alike everywhere`],
    [!readable.has(color), `color ${color} cannot be read`],
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

/** Without what buttons send back and what charts are made of: neither is elements. */
function* nodes(value: unknown, at: string): Generator<readonly [string, Node]> {
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* nodes(item, `${at}/${i}`);
  else if (typeof value === 'object' && value !== null) {
    yield [at, value as Node];
    for (const [key, inner] of Object.entries(value)) if (key !== 'data') yield* nodes(inner, `${at}/${key}`);
  }
}

function list(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value : [];
}

function said(cases: readonly (readonly [boolean, string])[]): string[] {
  return cases.filter(([is]) => is).map(([, words]) => words);
}
