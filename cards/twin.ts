import { signWord } from './parts/blocks';
import { clip } from './parts/format';
import { type Draft, plain } from './render';

type Node = { readonly [key: string]: unknown };
type Lines = readonly string[];

/** How much text Teams accepts, with room for the commands at its end. */
const maxLength = 8000;

/**
 * A card in words, in its own order: facts as `name: value`, rows of tables with their columns' names, charts as numbers,
 * every action as the sentence that does the same, a link as its address. Made from the card before it is cut to size; no card writes its own.
 * `foot`: the sentences at its end, of which the card itself shows one.
 */
export function twin({ body, actions }: Draft, foot: Lines): string {
  const isFoot = (element: Node) => element['id'] === 'foot';
  const content = clip(linesOf(body.filter((element) => !isFoot(element))).join('\n'), maxLength);
  const isLink = (action: Node) => action['type'] === 'Action.OpenUrl';
  const links = sentences(actions.filter(isLink));
  const unsaid = sentences(actions.filter((action) => !isLink(action))).filter(
    (sentence) => !foot.some((line) => line.includes(sentence)),
  );
  return plain([content, ...links, ...foot, ...unsaid].join('\n'));
}

/** The words of each kind of element that goldbot's templates use. */
const words: Readonly<Record<string, (element: Node) => Lines>> = {
  TextBlock: (element) => [isHeading(element) && element['size'] !== 'Large' ? `${text(element)}:` : text(element)],
  RichTextBlock: (element) => [textOfRuns(list(element['inlines']))],
  Badge: (element) => [text(element)],
  CodeBlock: (element) =>
    String(element['codeSnippet'])
      .split('\n')
      .map((line) => `  ${line}`),
  // What it shows stands beside it as a number.
  ProgressBar: () => [],
  FactSet: (element) => list(element['facts']).map((fact) => `${String(fact['title'])}: ${String(fact['value'])}`),
  Container: container,
  ColumnSet: columnSet,
  Table: table,
  // What unfolds has its heading in words.
  ActionSet: (element) => (element['says'] === 'toggles' ? [] : sentences(list(element['actions']))),
  'Chart.Line': curve,
  // Their numbers stand in the table beside them.
  'Chart.HorizontalBar.Stacked': () => [],
  'Chart.Donut': () => [],
  'Input.Text': input,
  'Input.ChoiceSet': input,
  'Input.Toggle': input,
  'Input.Number': input,
  'Input.Date': input,
  'Input.Time': input,
};

function linesOf(elements: readonly Node[]): Lines {
  return elements.flatMap((element) => {
    const inWords = words[String(element['type'])];
    if (inWords === undefined) throw new Error(`no words for a ${String(element['type'])}`);
    return inWords(element).filter((line) => line !== '');
  });
}

/** What stands in place of a table on a phone has been said by the table. */
function container(element: Node): Lines {
  if (element['says'] === 'again') return [];
  if (element['says'] === 'row') return [linesOf(list(element['items'])).join(' · ').replace(' \u25be', '')];
  return element['selectAction'] === undefined ? linesOf(list(element['items'])) : [figure(element)];
}

function textOfRuns(runs: readonly Node[]): string {
  return runs.map(text).join('').replaceAll('\u00a0', ' ');
}

/** A heading and what is beside it, one line each; any other row of columns is one line, with what a click on it does. */
function columnSet(element: Node): Lines {
  const columns = list(element['columns']);
  const said = columns.map((column) => linesOf(list(column['items'])));
  if (columns.some((column) => list(column['items']).some(isHeading))) return said.flat();
  if (element['says'] === 'stage') return [stage(columns)];
  if (element['says'] === 'fold') return sentences(list([element['selectAction']]));
  if (element['says'] === 'pick') return [pick(element, said)];
  const sentence = sentences(list([element['selectAction']]));
  if (sentence.length > 0) return [[said.flat().join(': '), ...sentence].join(' · ')];
  return [row(said)];
}

/** `! Decide on ubuntu-22 1.6.0 · asked by Ada · status R-9WXB4`, without the arrow at its end. */
function pick(element: Node, said: readonly Lines[]): string {
  const words = said.map((column) =>
    column.map((line) => line.replace(/\s*\u203a$/, '')).filter((line) => line !== ''),
  );
  const [[when = '', ...signs] = [], ...others] = words;
  const [first] = list(element['columns']);
  const inOrder = first?.['says'] === 'when' ? [signs, ...others.slice(0, 1), [when]] : words;
  const shown = row(inOrder);
  return [shown, ...sentences(list([element['selectAction']])).filter((sentence) => sentence !== shown)].join(' · ');
}

/** `412 compliant (▲ 3 more) · compliance payments --list --state compliant`. */
function figure(element: Node): string {
  const [value = '', label = '', ...under] = linesOf(list(element['items']));
  const more = under.length === 0 ? '' : ` (${under.join(', ')})`;
  return [`${value} ${label}${more}`, ...sentences(list([element['selectAction']]))].join(' · ');
}

/** A stage's sign is put into words, unless what follows says it better: `✓ Customise: done · 8 steps · 31 min`. */
function stage(columns: readonly Node[]): string {
  const [sign = '', , ...time] = columns.flatMap((column) => linesOf(list(column['items'])));
  const [label = '', ...details] = list(columns[1]?.['items']).flatMap((block) =>
    list(block['inlines']).map((run) => text(run).trim()),
  );
  const said = [...details, ...time];
  const inWords = said.length === 0 || !'✗–'.includes(sign) ? `: ${signWord(sign)}` : '';
  return [`${sign} ${label}${inWords}`, ...said].join(' · ');
}

/** What is beside a label comes before what is under it: `✗ sshd refuses passwords · failed · exit 1`. */
function row(columns: readonly Lines[]): string {
  const [[sign = '', ...more] = [], ...others] = columns;
  if (more.length > 0 || [...sign].length !== 1) return columns.flat().join(' · ');
  const [label = '', ...rest] = [...others.map(([first = '']) => first), ...others.flatMap(([, ...under]) => under)];
  const said = rest.filter((part) => part !== '');
  return [`${sign} ${label}`, ...said].join(' · ');
}

/** `1.6.0 (● Latest); Tattoo: jammy 22.04 (built 22 Nov 26); Machines: 0`. */
function table(element: Node): Lines {
  const [titles = [], ...rows] = list(element['rows']).map((one) => list(one['cells']).map(cellText));
  return rows.map((cells) => cells.map((cell, i) => (i === 0 ? cell : `${titles[i] ?? ''}: ${cell}`)).join('; '));
}

function cellText(cell: Node): string {
  const [first = '', ...under] = linesOf(list(cell['items']));
  return [first, ...under.map((line) => `(${line})`)].join(' ');
}

function curve(element: Node): Lines {
  return list(element['data']).map(({ legend, values }) => {
    const points = list(values).map(({ x, y }) => `${String(x)} ${String(y)}`);
    return `${String(legend)}: ${points.join(', ')}`;
  });
}

/** `Image (image, required): ubuntu-22, windows-2022`. */
function input(element: Node): Lines {
  const label = [element['label'], element['title']].find((one) => one !== undefined && one !== '');
  const needed = element['isRequired'] === true ? ', required' : '';
  const choices = list(element['choices']).map((choice) => String(choice['value']));
  const among = choices.length === 0 ? '' : `: ${choices.slice(0, 20).join(', ')}`;
  return [`${String(label)} (${String(element['id'])}${needed})${among}`];
}

/** What only shows what is folded away does nothing in words: it is all there. */
function sentences(actions: readonly Node[]): Lines {
  return actions.map((action) =>
    action['type'] === 'Action.ToggleVisibility' ? `${String(action['title'])}:` : String(action['sentence']),
  );
}

function isHeading(element: Node): boolean {
  return element['style'] === 'heading';
}

function text(element: Node): string {
  return String(element['text']);
}

function list(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter((item): item is Node => typeof item === 'object' && item !== null) : [];
}
