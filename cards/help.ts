import { type CommandCall, call, type Verb } from '../core/command-call';
import { facts, lines } from './parts/blocks';
import type { Button } from './parts/buttons';
import { dotted, oneLine } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/help.json';
import verbTemplate from './templates/help-verb.json';

export interface CommandHelp {
  /** `publish <image> [--from …]`. */
  readonly usage: string;
  /** One sentence. */
  readonly summary: string;
}

export interface HelpView {
  readonly name: string;
  /** The person's roles: `publisher, viewer`. */
  readonly roles: readonly string[];
  /** Grouped by purpose: `Publish`, `Look`, `Decide`. Only commands that this person may use. */
  readonly groups: readonly { readonly heading: string; readonly commands: readonly CommandHelp[] }[];
  readonly examples: readonly CommandCall[];
}

/** Every command that the person may use, grouped by purpose. */
export function helpCard(view: HelpView): Reply {
  const groups = view.groups.filter((group) => group.commands.length > 0);
  const roles = view.roles.length === 0 ? 'no role yet' : view.roles.join(', ');
  const none =
    'You have no role yet. Your platform team assigns roles through Entra groups; send whoami and show them the answer.';
  const message = groups.length === 0 ? [none] : [];
  return sheet(
    template,
    {
      title: 'What you can ask',
      subtitles: [dotted(oneLine(view.name, 60), roles), 'In a channel, mention goldbot first.'],
      buttons: [],
      next: [...view.examples.slice(0, 6), call('help', {}, 'verb')],
    },
    { paragraphs: lines(message), commandGroups: commandGroups(groups) },
  );
}

/** Up to 24 commands fit with their whole usage; beyond that each is shortened, and `help <verb>` has the rest. */
function commandGroups(groups: HelpView['groups']): readonly object[] {
  const total = groups.reduce((sum, group) => sum + group.commands.length, 0);
  const room = total > 24 ? 70 : 140;
  let left = 36;
  return groups.slice(0, 8).flatMap((group) => {
    const shown = group.commands.slice(0, left);
    left -= shown.length;
    const commands = shown.map((c) => ({ usage: oneLine(c.usage, room), summary: oneLine(c.summary, room) }));
    return shown.length === 0 ? [] : [{ heading: oneLine(group.heading, 60), commands }];
  });
}

export interface VerbHelpView extends CommandHelp {
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
