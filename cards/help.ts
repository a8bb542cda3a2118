import { type CommandCall, call, type Verb } from '../core/command-call';
import { facts, lines, markView } from './parts/blocks';
import type { Button } from './parts/buttons';
import { count, dotted, number, oneLine } from './parts/format';
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
      commandGroups: groups
        .filter(({ commands }) => commands.length > 0)
        .slice(0, 8)
        .map(commandGroup),
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

function commandGroup({ heading, commands }: HelpView['groups'][number], i: number): object {
  return {
    ...{ id: `task-${i}`, heading: oneLine(heading, 60), many: number(commands.length) },
    commands: commands.slice(0, 30).map(({ verb, summary }) => ({ verb, summary: oneLine(summary, 120) })),
  };
}

export interface VerbHelpView {
  /** `publish <image> [--from …]`. */
  readonly usage: string;
  /** One sentence. */
  readonly summary: string;
  readonly verb: Verb;
  /** `publisher`. */
  readonly role: string;
  readonly effect: 'read' | 'write';
  readonly options: readonly { readonly name: string; readonly meaning: string }[];
  readonly examples: readonly CommandCall[];
  /** True when the person has the role. */
  readonly allowed: boolean;
}

/** One command in detail. */
export function verbHelpCard(view: VerbHelpView): Reply {
  const entries = facts(
    ...view.options.slice(0, 20).map((option) => [option.name, option.meaning] as const),
    ['Role', `${view.role}${view.allowed ? '' : ' (not one of your roles)'}`],
    ['Effect', view.effect === 'write' ? 'can change something' : 'reads, and changes nothing'],
  );
  const run: readonly Button[] = view.allowed ? [{ title: `Start ${view.verb}`, call: call(view.verb) }] : [];
  return sheet(
    verbTemplate,
    {
      title: view.verb,
      subtitles: [view.usage],
      buttons: run,
      next: view.examples.slice(0, 6),
    },
    { paragraphs: lines([view.summary]), facts: entries },
  );
}
