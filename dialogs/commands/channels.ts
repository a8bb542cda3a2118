import { z } from 'zod';
import { type Button, noticeCard } from '../../cards';
import { channelsOf } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import type { ChannelState } from '../../store/reads';
import { type Answer, type CommandContext, type Deps, defineCommand, flag, word } from '../conversation';
import { channelTrouble, channelWords } from '../present';

const args = z.object({
  name: word('Channel', 'Team / Channel', { example: 'Image Factory / approvals' }).optional(),
  here: flag('The channel where this is sent is meant'),
});

/** `channels ["Team / Channel" --here]`: where goldbot speaks unasked, and which channel the catalogue means by a name. */
export const channels = defineCommand({
  verb: 'channels',
  summary: 'Shows whether the channels of the catalogue are known; with --here, says which one is meant.',
  group: 'Ask',
  role: 'admin',
  effect: 'write',
  args,
  examples: ['channels', 'channels "Image Factory / approvals" --here'],

  async run(ctx, { name, here }, deps) {
    const names = channelsOf(deps.catalogue());
    if (name === undefined && !here) return overview(ctx, names, deps);
    const meant = named(name, names);
    if (!here) return one(ctx, meant, deps);
    if (ctx.conversation.kind === 'personal') throw notHere(meant);
    await deps.channels.choose({ name: meant, conversationId: ctx.conversation.id, person: ctx.person });
    return noticeCard({
      message: `This channel is "${meant}" for goldbot now`,
      details: [
        `What waited for it is posted here, and so are the open requests for a decision that were sent elsewhere under this name.`,
        'It stays that way, whatever this channel is called later. The catalogue is unchanged.',
      ],
      next: [call('channels'), call('approvals')],
    });
  },
});

async function overview(ctx: CommandContext, names: readonly string[], deps: Deps): Promise<Answer> {
  const states = await deps.reads.channels(names);
  const troubled = states.filter((state) => channelTrouble(state) !== undefined);
  const fine = states.filter((state) => !troubled.includes(state));
  const lines = [...troubled.map((state) => `! ${channelTrouble(state)}`), ...fine.map(channelWords)];
  const rest = lines.length - maxLines;
  return noticeCard({
    message: `goldbot can write in ${fine.length} of ${states.length} channels of the catalogue`,
    isList: true,
    details: [...lines.slice(0, maxLines), ...(rest > 0 ? [`And ${rest} more: name a channel to see it.`] : [])],
    buttons: ctx.conversation.kind === 'personal' ? [] : troubled.slice(0, 3).map(hereButton),
    next: [call('channels', { name: states[0]?.name ?? 'Team / Channel', here: true })],
  });
}

/** As many as a notice has room for, with a line that says how many more there are. */
const maxLines = 7;

async function one(ctx: CommandContext, name: string, deps: Deps): Promise<Answer> {
  const [state] = await deps.reads.channels([name]);
  const trouble = state && channelTrouble(state);
  return noticeCard({
    message: trouble === undefined ? `goldbot can write in "${name}"` : `goldbot cannot write in "${name}"`,
    details: [trouble ?? (state ? channelWords(state) : '')].filter((text) => text !== ''),
    buttons: state && ctx.conversation.kind !== 'personal' ? [hereButton(state)] : [],
    next: [call('channels', { name, here: true })],
  });
}

/** Counts for the channel where it is pressed. */
function hereButton({ name }: ChannelState): Button {
  return { title: `Here: ${name}`, call: call('channels', { name, here: true }) };
}

/** @throws UserError `BAD_COMMAND` */
function named(typed: string | undefined, names: readonly string[]): string {
  const plain = (name: string) => name.toLowerCase().replace(/\s+/g, '');
  const found = typed === undefined ? undefined : names.find((name) => plain(name) === plain(typed));
  if (found !== undefined) return found;
  const what =
    typed === undefined ? 'Which channel of the catalogue is meant?' : `The catalogue names no channel "${typed}".`;
  throw new UserError('BAD_COMMAND', what, {
    hint: 'Name one as the catalogue does.',
    next: names.slice(0, 3).map((name) => call('channels', { name, here: true })),
  });
}

function notHere(name: string): UserError {
  return new UserError('WRONG_PLACE', `A personal chat cannot be "${name}"; nothing was changed.`, {
    hint: 'Mention goldbot with the same command in the channel that is meant.',
    next: [call('channels', { name, here: true })],
  });
}
