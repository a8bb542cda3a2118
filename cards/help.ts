import { type CommandCall, call, line, type Verb } from '../core/command-call';
import { lines, type MarkedRow, markView } from './parts/blocks';
import type { Button } from './parts/buttons';
import { drawersPart } from './parts/drawers';
import { capital, count, dotted, oneLine } from './parts/format';
import { type PickRow, picksPart } from './parts/picks';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/help.json';
import verbTemplate from './templates/help-verb.json';

/** Something that this person can do now. */
export interface Doable extends Pick<PickRow, 'label' | 'call'> {
  readonly detail: string;
  /** It waits for them. */
  readonly waits?: true;
}

export interface HelpView {
  readonly name: string;
  /** The person's roles: `publisher, viewer`. */
  readonly roles: readonly string[];
  /** What they can do now, what waits for them first. */
  readonly now: readonly Doable[];
  /** Where a message has to mention goldbot. */
  readonly inChannel: boolean;
  /** By task. Only commands that this person may use. */
  readonly groups: readonly {
    readonly heading: string;
    readonly commands: readonly { readonly verb: Verb; readonly summary: string }[];
  }[];
  /** Whom somebody without a role can ask: a sentence. */
  readonly whom?: string;
}

/** What is beyond these is found under its task. */
export const mostNow = 5;

/** What the person can do now, and every command that they may use, folded by task. */
export function helpCard({ name, roles, now, inChannel, groups, whom = '' }: HelpView): Reply {
  const shown = now.slice(0, mostNow);
  const waiting = shown.filter(({ waits }) => waits);
  const who = roles.length === 0 ? 'no role yet' : roles.join(', ');
  const none = `You have no role yet. ${whom} Show them who you are to goldbot.`;
  return sheet(
    template,
    {
      title: headline(waiting),
      subtitles: [
        dotted(oneLine(name, 60), who),
        inChannel
          ? 'Mention goldbot, then write in your own words: “what is running”.'
          : 'Write in your own words: “what is running”.',
      ],
      buttons: [],
      next: [call('help', { verb: groups[0]?.commands[0]?.verb ?? 'whoami' })],
    },
    {
      paragraphs: lines(roles.length === 0 ? [none] : []),
      picks: [
        ...picksPart({ rows: waiting.map(nowRow) }),
        ...picksPart({
          heading: waiting.length === 0 ? '' : 'You can also',
          rows: shown.filter(({ waits }) => !waits).map(nowRow),
        }),
      ],
      drawers: drawersPart(groups.slice(0, 8).map(commandDrawer)),
    },
  );
}

function headline(waiting: readonly Doable[]): string {
  if (waiting.length === 0) return 'What you can do now';
  return `${count(waiting.length, 'thing')} ${waiting.length === 1 ? 'waits' : 'wait'} for you`;
}

const nowRow = ({ label, detail, call, waits }: Doable): PickRow => ({
  ...{ label, details: [detail], call, title: label },
  ...(waits && { sign: markView('needs-person') }),
});

const commandDrawer = ({ heading, commands }: HelpView['groups'][number]) => ({
  heading,
  facts: commands.slice(0, 30).map(({ verb, summary }) => ({ title: verb, value: oneLine(summary, 120) })),
});

export interface VerbHelpView {
  /** `publish <image> [--from …]`. */
  readonly usage: string;
  /** One sentence. */
  readonly summary: string;
  readonly verb: Verb;
  /** `publisher`. */
  readonly role: string;
  readonly effect: 'read' | 'write';
  /** `meaning`: in the words of people; `name`: as it is typed. */
  readonly options: readonly { readonly name: string; readonly meaning: string }[];
  /** Those whose values are so here: a press shows what they read, or the form of what they would change. */
  readonly pressed: readonly CommandCall[];
  /** Those that are there to be read. */
  readonly examples: readonly CommandCall[];
  /** Begins it; absent where it begins on a card alone. */
  readonly start?: CommandCall;
  /** True when the person has the role. */
  readonly allowed: boolean;
}

/** More of them are folded. */
const fewOptions = 4;
const mostPressed = 2;

/** One command: what it does, an example to press, what else can be said, and last how it is typed. */
export function verbHelpCard(view: VerbHelpView): Reply {
  const { verb, allowed, effect, start } = view;
  const rows = view.options.slice(0, 20).map(optionRow);
  const isFew = rows.length <= fewOptions;
  const pressed = allowed ? view.pressed.slice(0, mostPressed) : [];
  return sheet(
    verbTemplate,
    {
      title: oneLine(view.summary.replace(/\.$/, ''), 200),
      subtitles: [dotted(verb, effect === 'write' ? 'can change something' : 'changes nothing', roleWords(view))],
      buttons: allowed && start ? [startButton(start, effect)] : [],
      next: [...view.pressed.slice(pressed.length), ...view.examples].slice(0, 6),
    },
    {
      picks: picksPart({
        heading: 'For example',
        rows: pressed.map((one) => exampleRow(one, effect)),
      }),
      groups: isFew && rows.length > 0 ? [{ heading: optionsHeading, rows }] : [],
      drawers: drawersPart([
        { heading: optionsHeading, rows: isFew ? [] : rows },
        { heading: 'How to type it', rows: view.usage === verb ? [] : [plainRow(view.usage)] },
      ]),
    },
  );
}

const optionsHeading = 'You can also say';

const plainRow = (label: string, detail = ''): MarkedRow => ({
  ...{ badges: [], signs: [], label: oneLine(label, 500), details: lines([detail], 160), right: '' },
});

const optionRow = ({ name, meaning }: VerbHelpView['options'][number]) => plainRow(oneLine(meaning, 160), name);

function roleWords({ role, allowed }: VerbHelpView): string {
  if (role === 'everybody') return 'for everybody';
  return `for the role ${oneLine(role, 60)}${allowed ? '' : ', which you do not have'}`;
}

/** What changes something asks first, by its form. */
const asksFirst = (effect: VerbHelpView['effect']) => (effect === 'write' ? ({ asksFirst: true } as const) : {});

const startButton = (start: CommandCall, effect: VerbHelpView['effect']): Button => ({
  ...{ title: capital(start.verb), call: start, ...asksFirst(effect) },
});

function exampleRow(example: CommandCall, effect: VerbHelpView['effect']): PickRow {
  return { label: line(example), call: example, title: capital(example.verb), ...asksFirst(effect) };
}
