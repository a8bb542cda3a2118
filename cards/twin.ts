import { signWord } from './parts/blocks';
import { clip } from './parts/format';
import { type Draft, plain } from './render';

type Node = { readonly [key: string]: unknown };
type Lines = readonly string[];

/** How much text Teams accepts, with room for the commands at its end. */
const maxLength = 8000;

/**
 * A card in words, in its own order: facts as `name: value`, rows of tables with their columns' names, charts as numbers,
 * every action as the sentence that does the same. Made from the card before it is cut to size; no card writes its own.
 */
export function twin({ body, actions }: Draft): string {
  const isFoot = (element: Node) => element['id'] === 'foot';
  const content = clip(linesOf(body.filter((element) => !isFoot(element))).join('\n'), maxLength);
  const foot = linesOf(body.filter(isFoot));
  const unsaid = sentences(actions).filter((sentence) => !foot.some((line) => line.includes(sentence)));
  return plain([content, ...foot, ...unsaid].join('\n'));
}

/** The words of each kind of element that goldbot's templates use. */
const words: Readonly<Record<string, (element: Node) => Lines>> = {
  TextBlock: (element) => [isHeading(element) && element['size'] !== 'Large' ? `${text(element)}:` : text(element)],
  RichTextBlock: (element) => [textOfRuns(list(element['inlines']))],
  FactSet: (element) => list(element['facts']).map((fact) => `${String(fact['title'])}: ${String(fact['value'])}`),
  Container: (element) => linesOf(list(element['items'])),
  ColumnSet: columnSet,
  Table: table,
  ActionSet: (element) => sentences(list(element['actions'])),
  'Chart.HorizontalBar': bars,
  'Chart.Line': curve,
  'Input.Text': input,
  'Input.ChoiceSet': input,
  'Input.Toggle': input,
  'Input.Number': input,
  'Input.Date': input,
};

function linesOf(elements: readonly Node[]): Lines {
  return elements.flatMap((element) => {
    const inWords = words[String(element['type'])];
    if (inWords === undefined) throw new Error(`no words for a ${String(element['type'])}`);
    return inWords(element).filter((line) => line !== '');
  });
}

function textOfRuns(runs: readonly Node[]): string {
  const indent = runs[0]?.['fontType'] === 'Monospace' ? '  ' : '';
  return `${indent}${runs.map(text).join('').replaceAll('\u00a0', ' ')}`;
}

/** A heading and what is beside it, one line each; figures, one line each; any other row of columns is one line. */
function columnSet(element: Node): Lines {
  const columns = list(element['columns']);
  const said = columns.map((column) => linesOf(list(column['items'])));
  if (columns.some((column) => list(column['items']).some(isHeading))) return said.flat();
  if (columns.some((column) => column['selectAction'] !== undefined)) {
    return columns.map((column, i) => figure(said[i] ?? [], sentences(list([column['selectAction']]))));
  }
  return [row(said)];
}

/** `412 compliant (▲ 3 more) · compliance payments --list --state compliant`. */
function figure([value = '', label = '', ...under]: Lines, sentence: Lines): string {
  const more = under.length === 0 ? '' : ` (${under.join(', ')})`;
  return [`${value} ${label}${more}`, ...sentence].join(' · ');
}

/**
 * What is beside a label comes before what is under it: `✗ sshd refuses passwords · failed · exit 1`. A stage's sign is
 * put into words, unless what follows says it better: `✓ Customise: done · 8 steps · 31 min`.
 */
function row(columns: readonly Lines[]): string {
  const [[sign = '', ...more] = [], ...others] = columns;
  if (more.length > 0 || [...sign].length !== 1) return columns.flat().join(' · ');
  const [label = '', ...rest] = [...others.map(([first = '']) => first), ...others.flatMap(([, ...under]) => under)];
  const said = rest.filter((part) => part !== '');
  const isStage = others.length === 3;
  const inWords = isStage && (said.length === 0 || !'✗–'.includes(sign)) ? `: ${signWord(sign)}` : '';
  return [`${sign} ${label}${inWords}`, ...said].join(' · ');
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

/** Teams' charts have no actions, but their fallback does; its rows are in the same order as the bars. */
function bars(element: Node): Lines {
  const fallback = list((element['fallback'] as Node | undefined)?.['items']);
  return list(element['data']).map(({ x, y }, i) => {
    const sentence = sentences(list([fallback[i]?.['selectAction']]));
    return [`${String(x)}: ${Number(y).toLocaleString('en-GB')}`, ...sentence].join(' · ');
  });
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
