/** One act or answer of a transcript; `line` is where it stands, from 1. */
export type Step = { readonly line: number } & (
  | { readonly kind: 'say'; readonly who: string; readonly where: string; readonly text: string }
  | {
      readonly kind: 'click';
      readonly who: string;
      readonly where: string;
      readonly card: string;
      readonly button: string;
      readonly inputs: Inputs;
    }
  | { readonly kind: 'find' | 'paste'; readonly who: string; readonly where: string; readonly text: string }
  | { readonly kind: 'share'; readonly who: string; readonly where: string; readonly item: string }
  | { readonly kind: 'answers' | 'whispers'; readonly lines: readonly string[] }
  | { readonly kind: 'silent' }
  | { readonly kind: 'shows'; readonly where: string; readonly lines: readonly string[] }
  | { readonly kind: 'run'; readonly program: string; readonly text: string }
  | { readonly kind: 'sandbox'; readonly method: string; readonly path: string; readonly body: string }
);

type Inputs = Readonly<Record<string, string>>;

export interface Transcript {
  readonly title: string;
  readonly steps: readonly Step[];
}

interface Block {
  readonly line: number;
  readonly head: string;
  readonly body: readonly string[];
}

/**
 * Reads a conversation. What is bold begins a step and the indented block under it says with what; everything else is
 * for the reader:
 *
 * - `**Ada** in *Image Factory / General*` — she says the block.
 * - `**Grace** presses *Approve* on *Publish ubuntu-22* in *Image Factory / approvals*` — the newest card there whose
 *   text begins like this; the block holds inputs, `reason: wait`.
 * - `**goldbot** answers` — the block's lines stand in its answer, in this order; others may stand between.
 * - `**goldbot** tells them alone` — the one line that a clicker gets.
 * - `**Ada** looks in *payments / ops* for` — what she types into the search beside the message box there.
 * - `**Ada** shares *ubuntu-22 1.5.0* in *payments / ops*` — of what was found, the one with this title, as a message of hers.
 * - `**Ada** pastes in *payments / ops*` — an address, into the message box.
 * - `**Teams** shows` — what was found, or the card that stands in the message box or the message.
 * - `**goldbot** stays silent` — no answer at all.
 * - `**In time** *Image Factory / General* shows` — some message there comes to hold the lines.
 * - `**Build pipeline** runs` — the command `goldbot …` of the block, as that application; it may still wait while the story
 *   goes on, and `**In time** *Build pipeline* shows` the lines of its log, at last `exit` and the code.
 * - `**The sandbox** takes *POST /_sandbox/guest*` — the block is the body.
 *
 * Emphasis may be written `_so_` too. `…` stands for any text; `{run}` for a request id: the first one met gives it its value.
 *
 * @throws Error naming the line of a bold beginning that is none of these.
 */
export function parseTranscript(text: string): Transcript {
  const lines = text.split('\n');
  const title = lines.find((line) => line.startsWith('# '))?.slice(2) ?? 'untitled';
  return { title, steps: blocksOf(lines).map(stepOf) };
}

function blocksOf(lines: readonly string[]): readonly Block[] {
  return lines.flatMap((line, at) => {
    if (!line.startsWith('**')) return [];
    const rest = lines.slice(at + 1);
    const end = rest.findIndex((l) => l !== '' && !l.startsWith('    '));
    const indented = (end < 0 ? rest : rest.slice(0, end)).filter((l) => l !== '');
    return [
      {
        line: at + 1,
        head: line.replace(/:$/, '').replace(/(^|\s)_(.+?)_(?=\s|$)/g, '$1*$2*'),
        body: indented.map((l) => l.slice(4).trimEnd()),
      },
    ];
  });
}

function stepOf({ line, head, body }: Block): Step {
  const click = /^\*\*(.+?)\*\* presses \*(.+?)\* on \*(.+?)\* in \*(.+?)\*$/.exec(head);
  if (click) {
    const [, who = '', button = '', card = '', where = ''] = click;
    return { line, kind: 'click', who, button, card, where, inputs: inputsOf(body, line) };
  }
  const sandbox = /^\*\*The sandbox\*\* takes \*(\w+) (\S+)\*$/.exec(head);
  if (sandbox)
    return { line, kind: 'sandbox', method: sandbox[1] ?? '', path: sandbox[2] ?? '', body: body.join('\n') };
  if (head === '**goldbot** stays silent') return { line, kind: 'silent' };
  const share = /^\*\*(.+?)\*\* shares \*(.+?)\* in \*(.+?)\*$/.exec(head);
  if (share) return { line, kind: 'share', who: share[1] ?? '', item: share[2] ?? '', where: share[3] ?? '' };
  if (body.length === 0) throw new Error(`line ${line}: "${head}" has no indented block under it`);
  if (head === '**goldbot** answers' || head === '**Teams** shows') return { line, kind: 'answers', lines: body };
  if (head === '**goldbot** tells them alone') return { line, kind: 'whispers', lines: body };
  const shows = /^\*\*In time\*\* \*(.+?)\* shows$/.exec(head);
  if (shows) return { line, kind: 'shows', where: shows[1] ?? '', lines: body };
  const beside = /^\*\*(.+?)\*\* (?:looks in \*(.+?)\* for|pastes in \*(.+?)\*)$/.exec(head);
  if (beside) {
    const [, who = '', finds, pastes = ''] = beside;
    return { line, kind: finds ? 'find' : 'paste', who, where: finds ?? pastes, text: body.join(' ') };
  }
  const run = /^\*\*(.+?)\*\* runs$/.exec(head);
  if (run) return { line, kind: 'run', program: run[1] ?? '', text: body.join(' ') };
  const say = /^\*\*(.+?)\*\* in \*(.+?)\*$/.exec(head);
  if (say) return { line, kind: 'say', who: say[1] ?? '', where: say[2] ?? '', text: body.join('\n') };
  throw new Error(`line ${line}: nobody knows what to do with "${head}"`);
}

function inputsOf(body: readonly string[], line: number): Inputs {
  return Object.fromEntries(
    body.map((input) => {
      const at = input.indexOf(': ');
      if (at < 0) throw new Error(`line ${line}: "${input}" is no input; write it as "name: value"`);
      return [input.slice(0, at), input.slice(at + 2)];
    }),
  );
}

/** Request ids by the name that the transcript gives them. */
export type Ids = Map<string, string>;

/** Whether the wanted lines stand in the text, in their order. Learns the ids it meets, when everything fits. */
export function holds(text: string, wanted: readonly string[], ids: Ids): boolean {
  const lines = text.split('\n').map(tidy);
  const learned: Ids = new Map(ids);
  let at = 0;
  for (const want of wanted) {
    while (at < lines.length && !lineHolds(lines[at] ?? '', tidy(want), learned)) at++;
    if (at === lines.length) return false;
    at++;
  }
  for (const [name, id] of learned) ids.set(name, id);
  return true;
}

/** Puts known ids into what is said. @throws Error for an id that no answer has given yet. */
export function fillIds(text: string, ids: Ids): string {
  return text.replace(/\{([a-z]+)\}/g, (_, name: string) => {
    const id = ids.get(name);
    if (id) return id;
    throw new Error(`no answer has named {${name}} yet`);
  });
}

function lineHolds(line: string, want: string, ids: Ids): boolean {
  const names: string[] = [];
  const pattern = want
    .split(/(…|\{[a-z]+\})/)
    .map((part) => {
      if (part === '…') return '.*';
      const name = /^\{([a-z]+)\}$/.exec(part)?.[1];
      if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      const known = ids.get(name);
      if (known) return known;
      names.push(name);
      return '(R-[2-9A-HJ-NP-Z]{5})';
    })
    .join('');
  const found = new RegExp(pattern).exec(line);
  for (const [i, name] of names.entries()) if (found?.[i + 1]) ids.set(name, found[i + 1] ?? '');
  return found !== null;
}

function tidy(line: string): string {
  return line.replaceAll('\u00a0', ' ').replace(/ {2,}/g, ' ').trim();
}
