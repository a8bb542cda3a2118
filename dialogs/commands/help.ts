import { z } from 'zod';
import { helpCard, verbHelpCard } from '../../cards';
import { optionName } from '../../core/command-call';
import {
  type Answer,
  type Command,
  type CommandContext,
  callOf,
  defineCommand,
  findCommand,
  laterVerb,
  notInThisVersion,
  options,
  shortUsage,
  textArg,
  unknownVerb,
  usage,
} from '../conversation';

/** `help [verb]`: what this person may ask, or one command in detail. */
export const help = defineCommand({
  verb: 'help',
  aliases: ['?', 'hi', 'hello'],
  summary: 'Shows what you can ask.',
  group: 'Ask',
  role: 'all',
  effect: 'read',
  args: z.object({ verb: textArg('Command', { value: 'verb', takes: 'a command', example: 'publish' }).optional() }),
  examples: ['help', 'help publish'],

  async run(ctx, { verb }) {
    if (verb === undefined) return allCommands(ctx);
    const command = findCommand(ctx.commands, verb);
    if (command) return oneCommand(ctx, command);
    const planned = laterVerb([verb]);
    throw planned ? notInThisVersion(planned) : unknownVerb(verb, ctx.commands, () => undefined);
  },
});

export function mayUse(ctx: CommandContext, command: Command): boolean {
  return ctx.rights.has(command.role);
}

const headings = ['Publish', 'Decide', 'Comply', 'Look', 'Ask'] as const;

function allCommands(ctx: CommandContext): Answer {
  const mine = ctx.commands.filter((c) => mayUse(ctx, c));
  return helpCard({
    name: ctx.person.name,
    roles: ctx.rightsUnknown ? ['roles unknown: Microsoft Graph is silent'] : [...ctx.rights.roles],
    groups: headings.map((heading) => ({
      heading,
      commands: mine.filter((c) => c.group === heading).map((c) => ({ usage: shortUsage(c), summary: c.summary })),
    })),
    examples: mine
      .filter((c) => c.role !== 'all')
      .flatMap((c) => c.examples.slice(0, 1))
      .flatMap((example) => callOf(example, ctx.commands) ?? [])
      .slice(0, 5),
  });
}

function oneCommand(ctx: CommandContext, command: Command): Answer {
  return verbHelpCard({
    verb: command.verb,
    usage: usage(command),
    summary: command.summary,
    role: command.role === 'all' ? 'everybody' : command.role,
    effect: command.effect,
    options: options(command).map((o) => ({
      name: o.kind === 'flag' ? optionName(o.name) : `${optionName(o.name)} ${o.value ?? ''}`.trim(),
      meaning: o.required ? `${o.label} (needed)` : o.label,
    })),
    examples: command.examples.flatMap((example) => callOf(example, ctx.commands) ?? []),
    allowed: mayUse(ctx, command),
  });
}
