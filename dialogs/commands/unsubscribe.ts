import { z } from 'zod';
import { list, noticeCard } from '../../cards';
import { call } from '../../core/command-call';
import { defineCommand, imageName } from '../conversation';
import { placeOf, whom } from './subscribe';

/** `unsubscribe [image] [--here|--me]`: ends what `subscribe` began; alone, all of it. */
export const unsubscribe = defineCommand({
  verb: 'unsubscribe',
  summary: 'Ends your or this channel’s subscription to an image; without one, to every image.',
  group: 'Look',
  role: 'viewer',
  effect: 'write',
  args: z.object({ image: imageName.optional(), ...whom }),
  examples: ['unsubscribe ubuntu-22', 'unsubscribe ubuntu-22 --me', 'unsubscribe'],

  async run(ctx, { image, here, me }, deps) {
    const values = image === undefined ? {} : { image };
    const { conversationId, own, name } = await placeOf(ctx, { verb: 'unsubscribe', here, me, values }, deps);
    const intent = `unsubscribe:${ctx.intent}`;
    const gone = await deps.subscriptions.unsubscribe({ conversationId, ...values, person: ctx.person, intent });
    const who = own ? 'You are' : `${name} is`;
    const images = gone.map((one) => one.image);
    return noticeCard({
      message:
        images.length === 0
          ? `${who} told nothing of ${image ?? 'any image'}`
          : `${who} no longer told of ${list(images, 12)}`,
      details: [images.length === 0 ? 'Nothing was changed.' : 'What is on its way already is not sent either.'],
      next: [
        call('subscribe'),
        ...(images[0] === undefined ? [] : [call('subscribe', { image: images[0], ...(me && { me }) })]),
      ],
    });
  },
});
