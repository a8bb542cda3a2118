import { z } from 'zod';
import { noticeCard, statusButton } from '../../cards';
import { call } from '../../core/command-call';
import { isSettled, type Lock, lockSentence } from '../../core/runs';
import { lockedAlready } from '../../workflows/start';
import { type Answer, type Deps, defineCommand, flag, imageName, textArg } from '../conversation';
import { notLocked } from './unlock';

const args = z.object({
  image: imageName,
  reason: textArg('Reason'),
  sure: flag('Lock it, without being shown first what that holds up', { form: false, machinery: true }),
});
type Args = z.output<typeof args>;

/** `lock <image> --reason`: nothing of the image is built or published until somebody unlocks it. */
export const lock = defineCommand({
  verb: 'lock',
  summary: 'Locks an image: it cannot be built or published until it is unlocked.',
  group: 'Publish',
  role: 'publisher',
  effect: 'write',
  args,
  examples: ['lock ubuntu-22 --reason "openssl regression"'],

  async run(ctx, given, deps) {
    const { image, reason, sure } = given;
    const before = await deps.reads.lockOf(image);
    if (before && before.by.oid !== ctx.person.oid) throw lockedAlready(before);
    if (before) return standing(before);
    if (!sure) return lockPlan(given, deps);
    const intent = `lock:${ctx.intent}`;
    const done = await deps.locks.lock({ image, reason, person: ctx.person, intent });
    if (!done) return notLocked(image);
    const { lock: made, openRun } = done;
    return noticeCard({
      message: `${image} is locked`,
      details: [
        lockSentence(made),
        'It cannot be built or published until you or an admin unlocks it. Anyone who tries is told so.',
        openRun === undefined ? '' : `${openRun} ${goesOn}`,
      ].filter((text) => text !== ''),
      buttons: openRun === undefined ? [] : [statusButton(openRun)],
      next: [call('unlock', { image }, 'reason')],
    });
  },
});

const goesOn =
  'is under way: it goes on until it would build, copy to other regions or publish, and waits there. It can be cancelled meanwhile.';

function standing(found: Lock): Answer {
  return noticeCard({
    message: `You have locked ${found.image} already`,
    details: [lockSentence(found), 'It stays as it is; to give another reason, unlock it first.'],
    next: [call('unlock', { image: found.image }, 'reason')],
  });
}

async function lockPlan({ image, reason }: Args, { reads }: Deps): Promise<Answer> {
  const open = await reads.openRun(image);
  const isOpen = open?.kind === 'publish' && !isSettled(open);
  const confirm = call('lock', { image, reason, sure: true });
  return noticeCard({
    message: `Lock ${image}?`,
    details: [
      'While it is locked, nobody can build or publish it. You or an admin can unlock it.',
      isOpen ? `${open.id} ${goesOn}` : 'No run of it is open.',
      `Whoever is held up is told your reason: “${reason}”.`,
      'Nothing has been done yet.',
    ],
    buttons: [{ title: 'Lock', call: confirm, style: 'destructive' }],
    next: [confirm],
  });
}
