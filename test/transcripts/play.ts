import { offersOf, wrongOffers } from '../support/offers';
import type { LocalWorld } from '../support/world';
import { find, paste, share } from './extension';
import { fillIds, holds, type Ids, type Step, type Transcript } from './parse';
import { type Running, runAs } from './programs';

/** What goldbot answered where a transcript says so. */
export interface Seen {
  /** Of the transcript. */
  readonly line: number;
  readonly text: string;
  readonly card?: unknown;
}

export interface Message {
  readonly id: string;
  readonly from: string;
  readonly text: string;
  readonly summary?: string;
  readonly card?: unknown;
  /** The rest is still to come, into the same message. */
  readonly pending?: boolean;
}

export interface Told {
  readonly messages: readonly Message[];
  /** Of a click: the line for the clicker alone. */
  readonly whisper: string;
  /** The messages as they are now. */
  readonly again?: () => Promise<readonly Message[]>;
}

/** How long something that comes in time may take, in machine time. */
const patienceMs = 60_000;

/** Where a transcript is played. */
interface Stage {
  readonly world: LocalWorld;
  readonly ids: Ids;
  readonly news: News;
  /** What programs run, by their names: the last of each. */
  readonly programs: Map<string, Running>;
  /** What was found last beside a message box, by title. */
  readonly found: Map<string, unknown>;
}

/** What has been posted, edited or deleted so far, in any conversation. */
export interface News {
  readonly count: number;
  /** Once there have been more than `count`; at the deadline in any case. */
  more(count: number, deadline: number): Promise<void>;
  stop(): void;
}

/**
 * Plays a transcript through the sandbox's documented endpoints. `see` is told of each message that a line is about.
 *
 * @throws Error naming the line that did not come true.
 */
export async function play(transcript: Transcript, world: LocalWorld, see: (seen: Seen) => void = () => {}) {
  const stage: Stage = { world, ids: new Map(), news: await listen(world), programs: new Map(), found: new Map() };
  try {
    await playOn(stage, transcript, see);
  } finally {
    stage.news.stop();
  }
}

async function playOn(stage: Stage, transcript: Transcript, see: (seen: Seen) => void) {
  const { ids } = stage;
  let told: Told = { messages: [], whisper: '' };
  for (const [n, step] of transcript.steps.entries()) {
    try {
      told = (await act(step, stage)) ?? told;
      const next = transcript.steps[n + 1];
      if (step.kind === 'run' && next?.kind === 'answers') told = await printed(step.program, stage);
      if (step.kind === 'click')
        told = await pressedAgain(step, told, { ...stage, isToRead: next?.kind === 'whispers' });
      if (step.kind === 'say' && next) told = await saidAgain(step, told, stage);
      if (step.kind === 'find' || step.kind === 'paste')
        told = await lookedAgain(step, told, { ...stage, isShown: next?.kind === 'answers' });
      if (next?.kind === 'answers')
        told = await answered(told, (message) => holds(words(message), next.lines, new Map(ids)), stage.news);
      const found = await judge(step, told, stage);
      if (found) see({ ...found, line: step.line });
    } catch (error) {
      const alone = told.whisper === '' ? '' : `; the last press was told: ${told.whisper}`;
      throw new Error(`${transcript.title}, line ${step.line}: ${(error as Error).message}${alone}`);
    }
  }
}

async function act(step: Step, stage: Stage): Promise<Told | undefined> {
  const { world, ids } = stage;
  if (step.kind === 'say') return say(step, stage);
  if (step.kind === 'click') return click(step, stage);
  if (step.kind === 'find' || step.kind === 'paste' || step.kind === 'share') return beside(step, stage);
  if (step.kind === 'run') stage.programs.set(step.program, runAs(step.program, fillIds(step.text, ids), world));
  if (step.kind === 'sandbox')
    await call(world, step.path, { method: step.method, ...(step.body !== '' && { body: fillIds(step.body, ids) }) });
  return undefined;
}

/** What is asked of goldbot beside a message box. */
function beside(step: Step & { kind: 'find' | 'paste' | 'share' }, { world, ids, found }: Stage): Promise<Told> {
  const ask = (path: string, body: object) => call(world, path, { method: 'POST', body: JSON.stringify(body) });
  const who = { as: step.who, in: step.where };
  if (step.kind === 'share') return share(ask, who, fillIds(step.item, ids), found);
  const text = fillIds(step.text, ids);
  return step.kind === 'find' ? find(ask, { ...who, query: text }, found) : paste(ask, { ...who, url: text });
}

async function judge(step: Step, told: Told, stage: Stage): Promise<Message | undefined> {
  const { ids } = stage;
  if (step.kind === 'answers') {
    checkOffers(told.messages);
    const found = told.messages.find((message) => holds(words(message), step.lines, ids));
    return found ?? fail('an answer with', step.lines, told.messages.map(words));
  }
  if (step.kind === 'whispers' && !holds(told.whisper, step.lines, ids)) fail('the line', step.lines, [told.whisper]);
  if (step.kind === 'silent' && told.messages.length + told.whisper.length > 0)
    fail('no answer', [], told.messages.map(words));
  return step.kind === 'shows' ? comes(step, stage) : undefined;
}

async function say(step: Step & { kind: 'say' }, { world, ids }: Stage): Promise<Told> {
  const body = JSON.stringify({ as: step.who, in: step.where, text: fillIds(step.text, ids) });
  const said = (await call(world, '/api/say', { method: 'POST', body })) as { messages: Message[]; activityId: string };
  const again = async () => {
    const all = await read(step.where === 'goldbot' ? `${step.who} and goldbot` : step.where, world);
    const at = all.findIndex(({ id }) => id === said.activityId);
    return at < 0 ? [] : all.slice(at + 1).filter(({ from }) => from === 'goldbot');
  };
  return { messages: said.messages, whisper: '', again };
}

/** What a program printed, once its command is over. */
async function printed(program: string, { programs }: Stage): Promise<Told> {
  const running = programs.get(program);
  if (!running) throw new Error(`${program} has run nothing`);
  let patience: NodeJS.Timeout | undefined;
  const late = new Promise((done) => {
    patience = setTimeout(done, patienceMs);
  });
  await Promise.race([running.over, late]);
  clearTimeout(patience);
  return { messages: [{ id: program, from: 'goldbot', text: running.log.join('\n') }], whisper: '' };
}

/** On a busy machine an answer comes after its turn, or at first without what Azure has yet to say. */
async function answered(told: Told, isIt: (message: Message) => boolean, news: News): Promise<Told> {
  const deadline = Date.now() + patienceMs;
  let { messages } = told;
  // What stands in the place of a first answer comes before the card of which it speaks.
  const isPart = ({ pending, text }: Message) => pending || text === 'Azure has answered: see the card below.';
  const whole = () =>
    !isLate(told.whisper) && messages.some((one) => !isPart(one)) && !messages.some(({ pending }) => pending);
  // Something may have come since they were read.
  for (let seen = -1; told.again && !whole() && !messages.some(isIt) && Date.now() < deadline; ) {
    await news.more(seen, deadline);
    seen = news.count;
    messages = await told.again();
  }
  return { ...told, messages };
}

/** What a busy machine says of a press whose effect is still to come. */
const isLate = (told: string): boolean => told.startsWith('goldbot is still working on it. Look at the ');

/** Where Azure had no time, the answer to a search says so, and to look again; under an address there is nothing then. */
async function lookedAgain(
  step: Step & { kind: 'find' | 'paste' },
  told: Told,
  stage: Stage & { readonly isShown: boolean },
): Promise<Told> {
  const deadline = Date.now() + patienceMs;
  const isBare = () => step.kind === 'paste' && stage.isShown && now.messages.length === 0;
  let now = told;
  while ((now.whisper.endsWith('Type a letter more to look again.') || isBare()) && Date.now() < deadline) {
    if (isBare()) await new Promise((done) => setTimeout(done, 1_000));
    now = await beside(step, stage);
  }
  return now;
}

/**
 * A line for the clicker alone that came too late is lost, and where Azure had no time nothing was done: whoever is told
 * to look again, or later, presses again.
 */
async function pressedAgain(
  step: Step & { kind: 'click' },
  told: Told,
  stage: Stage & { readonly isToRead: boolean },
): Promise<Told> {
  const deadline = Date.now() + patienceMs;
  let now = told;
  while (((stage.isToRead && isLate(now.whisper)) || isBusy(now.whisper)) && Date.now() < deadline) {
    if (isBusy(now.whisper)) await new Promise((done) => setTimeout(done, 1_000));
    now = await click(step, stage);
  }
  return now;
}

/**
 * Azure answers only so many questions a second of the machine's time, however fast the world is; and a busy machine may
 * keep goldbot from its database for the 2.5 s after which it says that nothing was accepted. Whoever is told so does it
 * again.
 */
const isBusy = (told: string): boolean =>
  /Azure asked goldbot to slow down|^Azure did not answer in time\. Press it again in a minute|database does not answer; nothing was accepted/.test(
    told,
  );

/** Whoever is told to send it again when an earlier run is over does so. */
async function saidAgain(step: Step & { kind: 'say' }, told: Told, stage: Stage): Promise<Told> {
  const deadline = Date.now() + patienceMs;
  const isTooSoon = ({ messages }: Told) =>
    messages.map(words).some((text) => text.includes('send it again when that one is over') || isBusy(text));
  let now = told;
  while (isTooSoon(now) && Date.now() < deadline) {
    await new Promise((done) => setTimeout(done, 250));
    now = await say(step, stage);
  }
  return now;
}

async function click(step: Step & { kind: 'click' }, { world, ids }: Stage): Promise<Told> {
  const before = await read(step.where, world);
  const card = before.findLast((m) => m.card !== undefined && words(m).startsWith(fillIds(step.card, ids)));
  if (!card) return fail('a card', [step.card], before.map(words));
  const data = Object.fromEntries(Object.entries(step.inputs).map(([name, value]) => [name, fillIds(value, ids)]));
  const body = JSON.stringify({ as: step.who, activityId: card.id, title: fillIds(step.button, ids), data });
  const clicked = (await call(world, '/api/click', { method: 'POST', body })) as Pressed;
  const answer = await filledIn(step.who, clicked, data, world);
  const known = new Set(before.map((m) => m.id));
  const whisper = answer.message ?? '';
  // Then the card itself shows it in time.
  const isNew = (id: string) => !known.has(id) || (isLate(whisper) && id === card.id);
  const shown = answer.card ?? answer.dialog?.card;
  const replaced = shown === undefined ? [] : [{ id: card.id, from: 'goldbot', text: '', card: shown }];
  const again = async () => {
    const fresh = (await read(step.where, world)).filter((m) => isNew(m.id) && m.from === 'goldbot');
    return [...replaced, ...fresh];
  };
  return { messages: await again(), whisper, again };
}

/** What a person sees after a press. */
interface Pressed {
  readonly card?: unknown;
  readonly message?: string;
  readonly dialog?: { readonly id: string; readonly card: unknown };
}

/** Whoever has something to fill in, and is shown a dialog for it, fills it in there. */
async function filledIn(as: string, clicked: Pressed, data: object, world: LocalWorld): Promise<Pressed> {
  if (!clicked.dialog || Object.keys(data).length === 0) return clicked;
  const body = JSON.stringify({ as, dialog: clicked.dialog.id, data });
  return (await call(world, '/api/submit', { method: 'POST', body })) as Pressed;
}

/** Whatever goldbot offers in answer can be said to it. */
function checkOffers(messages: readonly Message[]): void {
  const wrong = messages.flatMap(({ card }) => (card === undefined ? [] : wrongOffers(offersOf(card))));
  if (wrong.length > 0) throw new Error(`what is offered cannot be said: ${wrong.join('; ')}`);
}

async function comes(step: Step & { kind: 'shows' }, stage: Stage): Promise<Message> {
  const { world, ids, news, programs } = stage;
  if (programs.has(step.where)) {
    const [message] = (await printed(step.where, stage)).messages;
    const text = message ? words(message) : '';
    return message && holds(text, step.lines, ids) ? message : fail('the log', step.lines, [text]);
  }
  const deadline = Date.now() + patienceMs;
  let texts: readonly string[] = [];
  while (Date.now() < deadline) {
    const seen = news.count;
    const shown = (await read(step.where, world)).filter((m) => m.from === 'goldbot');
    const found = shown.find((message) => holds(words(message), step.lines, ids));
    if (found) return found;
    texts = shown.map(words);
    await news.more(seen, deadline);
  }
  const near = texts.filter((text) => step.lines.some((line) => holds(text, [line], new Map(ids))));
  fail(
    `within ${patienceMs / 1_000} s, a message with`,
    step.lines,
    near.length > 0 ? near.slice(-3) : texts.slice(-3),
  );
}

/** By the sandbox's stream of events: to read a conversation again is worth it only once something is new. */
export async function listen(world: Pick<LocalWorld, 'teamsUrl'>): Promise<News> {
  const over = new AbortController();
  const { body } = await fetch(`${world.teamsUrl}/api/events`, { signal: over.signal });
  if (!body) throw new Error('/api/events streams nothing');
  let count = 0;
  let isOver = false;
  let wake = () => {};
  const follow = async () => {
    for await (const _ of body) {
      count += 1;
      wake();
    }
  };
  const ended = () => {
    isOver = true;
    wake();
  };
  follow().then(ended, ended);
  return {
    get count() {
      return count;
    },
    async more(seen, deadline) {
      if (count > seen) return;
      await new Promise<void>((done) => {
        const patience = setTimeout(done, isOver ? 0 : Math.max(deadline - Date.now(), 0));
        wake = () => {
          clearTimeout(patience);
          done();
        };
      });
      if (isOver) throw new Error('/api/events has ended');
    },
    stop: () => over.abort(),
  };
}

async function read(where: string, world: LocalWorld): Promise<readonly Message[]> {
  return (await call(world, `/api/conversations/${encodeURIComponent(where)}/messages`)) as Message[];
}

/** What is sent for a step: neither goldbot's nor that of an SDK. */
export const transcriptAgent = 'a-transcript';

async function call(world: LocalWorld, path: string, init: { method?: string; body?: string } = {}): Promise<unknown> {
  const headers = {
    ...{ 'content-type': 'application/json', authorization: 'Bearer azure' },
    'user-agent': transcriptAgent,
  };
  const face = path.startsWith('/subscriptions/') ? world.azureUrl : world.teamsUrl;
  const response = await fetch(face + path, { ...init, headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
  return JSON.parse(text === '' ? '{}' : text);
}

/** What a person reads of a message: its text, or the words of its card from top to bottom. */
function words(message: Message): string {
  const shown = message.text || message.summary || '';
  return message.card === undefined ? shown : cardWords(message.card);
}

function cardWords(card: unknown): string {
  const lines: string[] = [];
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) for (const each of node) walk(each);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    const item = node as Record<string, unknown>;
    // People read it as a desktop shows it.
    if (String(item['targetWidth']).startsWith('atMost:')) return;
    if (item['type'] === 'TextBlock' || item['type'] === 'Badge') lines.push(bare(item['text']));
    else if (item['type'] === 'CodeBlock') lines.push(String(item['codeSnippet']));
    else if (item['type'] === 'RichTextBlock') lines.push((item['inlines'] as unknown[]).map(inline).join(''));
    else if (item['type'] === 'ColumnSet') lines.push(columns(item['columns']));
    else if (item['type'] === 'TableRow') lines.push(cells(item['cells']));
    else if (Array.isArray(item['facts'])) {
      for (const f of item['facts'] as { title: string; value: string }[])
        lines.push(`${bare(f.title)}: ${bare(f.value)}`);
    } else if (typeof item['label'] === 'string') lines.push(item['label']);
    else for (const key of ['body', 'items', 'columns', 'rows', 'actions']) walk(item[key]);
    if (/^Action\.(Execute|Submit|ToggleVisibility)$/.test(String(item['type'])))
      lines.push(`[${String(item['title'])}]`);
  };
  walk(card);
  return lines.filter((line) => line !== '').join('\n');
}

/** Columns are read across, `✓ Capture Canonical 22_04-lts-gen2 5 s`; one of several lines ends the row. */
function columns(all: unknown): string {
  const parts = cellWords(all);
  return parts.join(parts.some((part) => part.includes('\n')) ? '\n' : ' ');
}

function cells(all: unknown): string {
  return cellWords(all).join(' ').replaceAll('\n', ' ');
}

function cellWords(all: unknown): readonly string[] {
  return (all as { items?: unknown[] }[]).map((cell) => cardWords({ items: cell.items ?? [] })).filter(Boolean);
}

function inline(run: unknown): string {
  return typeof run === 'string' ? run : bare((run as { text?: unknown }).text);
}

/** Without the backslashes that keep markdown from being read. */
function bare(text: unknown): string {
  return String(text ?? '')
    .replaceAll('\u200b', '')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1');
}

function fail(what: string, wanted: readonly string[], had: readonly string[]): never {
  const list = had.length === 0 ? '    (nothing)' : had.map((text) => text.replace(/^/gm, '    ')).join('\n    ---\n');
  throw new Error(`expected ${what}\n    ${wanted.join('\n    ')}\nhad\n${list}`);
}
