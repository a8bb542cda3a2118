import { z } from 'zod';
import { due, moment, noticeCard } from '../../cards';
import { call } from '../../core/command-call';
import { defineCommand, imageName } from '../conversation';
import { imageOf } from '../present';

/** `undelegate [--image]`: nobody decides in your place any more. */
export const undelegate = defineCommand({
  verb: 'undelegate',
  summary: 'Stops somebody deciding on your behalf before the time is up.',
  group: 'Decide',
  role: 'approver',
  effect: 'write',
  args: z.object({ image: imageName.optional() }),
  examples: ['undelegate', 'undelegate --image ubuntu-22'],

  async run(ctx, { image: typed }, deps) {
    const image = typed === undefined ? null : imageOf(deps.catalogue(), typed).image.name;
    const before = await deps.delegations.undelegate({ image, person: ctx.person, intent: `undelegate:${ctx.intent}` });
    const own = (await deps.reads.delegations(ctx.now)).filter(({ from }) => from.oid === ctx.person.oid);
    const others = own.map(
      (one) => `Still in force: ${one.to.name} decides ${forWhat(one.image)} until ${due(one.until)}.`,
    );
    if (!before) {
      return noticeCard({
        message: `Nobody decides on your behalf ${forWhat(image)}`,
        details: ['Nothing was done.', ...others],
        next: [
          ...own.map((one) => call('undelegate', one.image === null ? {} : { image: one.image })),
          call('approvals'),
        ],
      });
    }
    return noticeCard({
      message: `${before.to.name} does not decide on your behalf ${forWhat(image)} any more`,
      details: [
        `It would have ended on ${moment(before.until)}. What ${before.to.name} has decided stands; while a request is open you may still reject it.`,
        ...others,
      ],
      next: [call('approvals', { mine: true })],
    });
  },
});

const forWhat = (image: string | null): string => (image === null ? 'for every image' : `for ${image}`);
