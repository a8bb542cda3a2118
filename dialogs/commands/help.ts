import { z } from 'zod';
import { type ApprovalRow, type Doable, due, helpCard, list, mostNow, verbHelpCard } from '../../cards';
import type { Rights } from '../../core/access';
import { type Catalogue, findImage } from '../../core/catalogue';
import { type CommandCall, call, optionName } from '../../core/command-call';
import type { Run } from '../../core/runs';
import {
  type Answer,
  type Command,
  type CommandContext,
  callOf,
  type Deps,
  defineCommand,
  findCommand,
  laterVerb,
  notInThisVersion,
  options,
  seenOf,
  sightOf,
  textArg,
  unknownVerb,
  usage,
} from '../conversation';
import { whomToAsk } from '../first';
import { waitingFor } from './approvals';

/** `help [verb]`: what this person may ask, or one command in detail. */
export const help = defineCommand({
  verb: 'help',
  aliases: ['?'],
  summary: 'Shows what you can ask.',
  group: 'Ask',
  role: 'all',
  effect: 'read',
  pace: 'look',
  args: z.object({ verb: textArg('Command', { value: 'verb', takes: 'a command', example: 'publish' }).optional() }),
  examples: ['help', 'help publish'],

  async run(ctx, { verb }, deps) {
    if (verb === undefined) return allCommands(ctx, deps);
    const command = findCommand(ctx.commands, verb);
    if (command) return oneCommand(ctx, command, deps.catalogue());
    const planned = laterVerb([verb]);
    throw planned ? notInThisVersion(planned) : unknownVerb(verb, ctx.commands, () => undefined);
  },
});

export function mayUse(ctx: CommandContext, command: Command): boolean {
  return ctx.rights.has(command.role);
}

/** The groups of commands, as tasks. */
const tasks: Readonly<Record<Command['group'], string>> = {
  Publish: 'Publish and change images',
  Decide: 'Decide what others asked for',
  Comply: 'Keep machines compliant',
  Look: 'Look things up',
  Ask: 'Ask goldbot about itself',
};

async function allCommands(ctx: CommandContext, deps: Deps): Promise<Answer> {
  const mine = ctx.commands.filter((c) => mayUse(ctx, c));
  return helpCard({
    name: ctx.person.name,
    roles: ctx.rightsUnknown ? ['roles unknown: Microsoft Graph is silent'] : [...ctx.rights.roles],
    now: await doableNow(ctx, deps),
    inChannel: ctx.conversation.kind === 'channel',
    groups: Object.entries(tasks).map(([group, heading]) => ({
      heading,
      commands: mine.filter((c) => c.group === group),
    })),
    ...(ctx.rights.roles.size === 0 && { whom: whomToAsk(deps.catalogue()) }),
  });
}

/** What the person can do at this moment: what waits for them, then what their roles are about. Asks Azure nothing. */
async function doableNow(ctx: CommandContext, deps: Deps): Promise<readonly Doable[]> {
  const who = {
    label: 'See who you are to goldbot',
    detail: 'your roles and what they let you do',
    call: call('whoami'),
  };
  if (!ctx.rights.has('viewer')) return [who];
  const [waiting, open] = await Promise.all([
    waitingFor(ctx, deps),
    deps.reads.openSeen(sightOf(ctx), { limit: 2, toRepair: true }),
  ]);
  const all = [
    ...toDecide(waiting.map(({ row }) => row).filter(({ yours }) => yours)),
    ...toRepair(seenOf(ctx, open.runs)),
    ...toFollow(open.total),
    ...toComply(ctx.rights),
    ...toPublish(ctx.rights),
    {
      label: 'See the golden images',
      detail: 'the latest version of each, and which could be newer',
      call: call('images'),
    },
    {
      label: 'See what ends soon',
      detail: 'ends of life, exemptions and schedules of the next 30 days',
      call: call('forecast'),
    },
  ];
  return [...all.slice(0, mostNow - 1), who];
}

function toDecide(rows: readonly ApprovalRow[]): readonly Doable[] {
  const [first, ...more] = rows;
  if (first === undefined) return [];
  const detail = `${first.id}, asked by ${first.askedBy}, open until ${due(first.until)}`;
  if (more.length === 0) {
    const what = `${first.image} ${first.version}`.trimEnd();
    return [{ label: `Decide on ${what}`, detail, call: call('status', { request: first.id }), waits: true }];
  }
  const label = `Decide on ${rows.length} requests`;
  return [{ label, detail: `first ${detail}`, call: call('approvals', { mine: true }), waits: true }];
}

/** Runs that the person has begun or joined. */
function toRepair(runs: readonly Run[]): readonly Doable[] {
  return runs.map(({ id, subject }) => ({
    ...{ label: `Repair ${subject}`, detail: `${id} has stopped; try again or cancel it`, waits: true as const },
    call: call('status', { request: id }),
  }));
}

function toFollow(open: number): readonly Doable[] {
  if (open === 0) return [];
  const [is, s] = open === 1 ? ['is', ''] : ['are', 's'];
  return [{ label: 'See what is running', detail: `${open} run${s} ${is} in progress`, call: call('status') }];
}

function toComply({ teams, seesAll }: Rights): readonly Doable[] {
  const own = [...teams];
  if (own.length === 0 && !seesAll) return [];
  const [only] = own.length === 1 ? own : [];
  const label = `See how ${own.length === 0 ? 'all teams' : list(own, 3)} ${only === undefined ? 'stand' : 'stands'}`;
  const detail = 'which versions the machines run, and what policies say';
  return [{ label, detail, call: call('compliance', only === undefined ? {} : { team: only }) }];
}

/** Which image it asks for then. */
function toPublish({ roles }: Rights): readonly Doable[] {
  if (!roles.has('publisher') && !roles.has('admin')) return [];
  const detail = 'goldbot builds and tests it, then asks for approval';
  return [{ label: 'Publish a new version', detail, call: call('publish', {}, 'image') }];
}

function oneCommand(ctx: CommandContext, command: Command, catalogue: Catalogue): Answer {
  const examples = command.examples.flatMap((example) => callOf(example, ctx.commands) ?? []);
  const pressed = examples
    .filter(({ values }) => Object.keys(values).length > 0)
    .flatMap((example) => pressable(example, command, catalogue) ?? []);
  const needsRequest = command.args.some(({ kind, required }) => kind === 'request' && required);
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
    pressed,
    examples: pressed.length > 0 ? examples.filter((example) => !pressed.includes(example)) : examples,
    ...(!needsRequest && { start: call(command.verb) }),
    allowed: mayUse(ctx, command),
  });
}

/** What an example names exists nowhere but for images, one of which takes the place of it: undefined where it names more. */
function pressable(example: CommandCall, { args, effect }: Command, catalogue: Catalogue): CommandCall | undefined {
  const [known] = catalogue.images;
  const given = args.filter(({ name }) => example.values[name] !== undefined);
  if (!known || !given.every(({ kind }) => isSafe(kind, effect))) return undefined;
  const image = given.find(({ kind }) => kind === 'image');
  if (!image || findImage(catalogue, String(example.values[image.name]))) return example;
  return call(example.verb, { ...example.values, [image.name]: known.name });
}

/** A form shows what it was opened with before anything is done, so that a made-up text does no harm there. */
function isSafe(kind: Command['args'][number]['kind'], effect: Command['effect']): boolean {
  return ['image', 'choice', 'flag', 'number', ...(effect === 'write' ? ['text', 'word', 'list'] : [])].includes(kind);
}
