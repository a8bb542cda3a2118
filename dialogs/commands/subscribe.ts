import { z } from 'zod';
import { list as inWords, noticeCard } from '../../cards';
import { findImage } from '../../core/catalogue';
import { grouped } from '../../core/collections';
import { call, type Values } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { type ImageEvent, imageEvents, type Subscription } from '../../core/webhooks';
import { type Answer, type CommandContext, type Deps, defineCommand, flag, imageName, list } from '../conversation';
import { imageOf } from '../present';

const events = list('Events', 'event', {
  example: imageEvents.slice(0, 3).join(', '),
  takes: `any of ${imageEvents.join(', ')}`,
})
  .transform((words) => words.map((word) => word.toLowerCase()))
  .refine((words): words is ImageEvent[] => words.every((word) => (imageEvents as readonly string[]).includes(word)));

/** The flags that say who is told. */
export const whom = {
  here: flag('This conversation, whoever is in it'),
  me: flag('You, in your own chat with goldbot'),
};

/** `subscribe [image] [event…] [--here|--me]`: who is told what happens to an image; alone, what you and this place are. */
export const subscribe = defineCommand({
  verb: 'subscribe',
  summary: 'Tells you or this channel what happens to an image, one message per event; alone, lists the subscriptions.',
  group: 'Look',
  role: 'viewer',
  effect: 'write',
  args: z.object({ image: imageName.optional(), events: events.optional(), ...whom }),
  examples: ['subscribe ubuntu-22', 'subscribe ubuntu-22 published, revoked --me', 'subscribe'],

  async run(ctx, { image, events: asked, here, me }, deps) {
    if (image === undefined) return listed(ctx, deps);
    imageOf(deps.catalogue(), image);
    const where = await placeOf(ctx, { verb: 'subscribe', here, me, values: { image } }, deps);
    const told = imageEvents.filter((event) => asked?.includes(event) ?? true);
    const { conversationId, own } = where;
    const about = { conversationId, own, image, events: told };
    const before = await deps.subscriptions.subscribe({
      ...about,
      person: ctx.person,
      intent: `subscribe:${ctx.intent}`,
    });
    const message = own ? `You are told of ${image}` : `${where.name} is told of ${image}`;
    const answer = noticeCard({
      message,
      details: [
        `Events: ${told.join(', ')}. Each is one message, ${own ? 'in your chat with goldbot' : 'here'}, once it has happened.`,
        ...changeWords(told, before),
        own
          ? `As long as you may look at ${image}.`
          : `Everybody here reads along. It is the conversation’s and stays when you leave; whoever may look at ${image} can end it.`,
      ],
      next: [call('subscribe'), call('unsubscribe', { image, ...(me && { me }) })],
    });
    return ctx.via === 'button' ? { ...answer, toClicker: `${message}: ${told.join(', ')}.` } : answer;
  },
});

function changeWords(now: readonly ImageEvent[], before: Subscription | undefined): readonly string[] {
  if (!before) return [];
  const then = before.events.join(', ');
  return [then === now.join(', ') ? 'It was that way before.' : `Before, it was ${then}.`];
}

/** Where something is told. */
export interface Place {
  readonly conversationId: string;
  /** The person's own chat. */
  readonly own: boolean;
  /** As the beginning of a sentence. */
  readonly name: string;
}

interface Whom {
  readonly verb: 'subscribe' | 'unsubscribe';
  readonly here: boolean;
  readonly me: boolean;
  /** What else was said. */
  readonly values: Values;
}

/** @throws UserError `BAD_COMMAND`: both flags, or no chat with the person is known. */
export async function placeOf(
  { conversation, person }: CommandContext,
  { verb, here, me, values }: Whom,
  { reads }: Deps,
): Promise<Place> {
  if (here && me) {
    throw new UserError('BAD_COMMAND', '--here and --me exclude each other; nothing was done.', {
      hint: 'Choose one.',
      next: [call(verb, { ...values, here }), call(verb, { ...values, me })],
    });
  }
  if (conversation.kind === 'personal') return { conversationId: conversation.id, own: true, name: 'Your chat' };
  if (!me) {
    const name = conversation.name ?? (conversation.kind === 'group' ? 'This chat' : 'This channel');
    return { conversationId: conversation.id, own: false, name };
  }
  const chat = await reads.ownChat(person.oid);
  if (chat !== undefined) return { conversationId: chat, own: true, name: 'Your chat' };
  throw new UserError('BAD_COMMAND', 'goldbot knows no chat with you yet; nothing was done.', {
    hint: 'Find goldbot in Teams, write to it there, and say the same again; or have this conversation told.',
    next: [call(verb, { ...values, here: true })],
  });
}

/** What the person and this conversation are told. */
async function listed({ conversation, person, rights }: CommandContext, deps: Deps): Promise<Answer> {
  const all = await deps.reads.subscriptions({ conversationId: conversation.id, person: person.oid });
  const mayLook = all.filter(({ image }) => rights.has('viewer', image));
  const hidden = all.length - mayLook.length;
  if (all.length === 0) {
    return noticeCard({
      message: 'Nothing is told to you or here',
      details: [`What can be told of an image: ${imageEvents.join(', ')}.`],
      next: [call('images'), call('help', { verb: 'subscribe' })],
    });
  }
  const groups = grouped(mayLook, (one) => `${placeWords(one, conversation)}: ${one.events.join(', ')}`);
  const gone = mayLook.filter(({ image }) => !findImage(deps.catalogue(), image)).map(({ image }) => image);
  const [first] = mayLook;
  return noticeCard({
    message: all.length === 1 ? 'One image is told' : `${all.length} images are told`,
    details: [
      ...[...groups].slice(0, 5).map(([said, those]) => {
        const images = those.map(({ image }) => image);
        return `${inWords(images, 12)}. ${said}.`;
      }),
      ...(groups.size > 5 ? [`… and ${groups.size - 5} more lists.`] : []),
      ...(gone.length > 0 ? [`No longer in the catalogue: ${inWords([...new Set(gone)], 6)}.`] : []),
      ...(hidden > 0 ? [`${hidden} of them you may not look at: nothing of them is told to you.`] : []),
    ],
    next: [
      ...(first ? [call('unsubscribe', { image: first.image, ...meIf(first, conversation) })] : []),
      call('help', { verb: 'subscribe' }),
    ],
  });
}

/** Of a conversation's, who began it: it goes on without them. */
function placeWords({ person, by }: Subscription, { kind }: CommandContext['conversation']): string {
  if (person !== null) return 'You, in your chat with goldbot';
  return `${kind === 'group' ? 'This chat' : 'This channel'}, begun by ${by.name}`;
}

function meIf({ person }: Subscription, { kind }: CommandContext['conversation']): { readonly me?: true } {
  return person !== null && kind !== 'personal' ? { me: true } : {};
}
