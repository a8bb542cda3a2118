import { z } from 'zod';
import { noticeCard, statusButton } from '../../cards';
import { call } from '../../core/command-call';
import { type Lock, lockSentence } from '../../core/runs';
import { lockedAlready } from '../../workflows/start';
import { type Answer, type CommandContext, type Deps, defineCommand, flag, imageName, textArg } from '../conversation';

const args = z.object({
  image: imageName,
  reason: textArg('Reason'),
  sure: flag('Unlock it, without being shown first what waits for it', { form: false, machinery: true }),
});

/** `unlock <image> --reason`: by whoever locked it, or an admin; the run that was held goes on. */
export const unlock = defineCommand({
  verb: 'unlock',
  summary: 'Unlocks an image that you have locked; admins unlock any.',
  group: 'Publish',
  role: 'publisher',
  effect: 'write',
  args,
  examples: ['unlock ubuntu-22 --reason "regression is fixed"'],

  async run(ctx, { image, reason, sure }, deps) {
    const isAdmin = ctx.rights.has('admin', image);
    const before = await deps.reads.lockOf(image);
    if (!before) return notLocked(image);
    if (before.by.oid !== ctx.person.oid && !isAdmin) throw lockedAlready(before);
    if (!sure) return unlockPlan(ctx, before, reason, deps);
    const done = await deps.locks.unlock({
      image,
      reason,
      person: ctx.person,
      isAdmin,
      intent: `unlock:${ctx.intent}`,
    });
    if (!done) return notLocked(image);
    const { lock: lifted, openRun } = done;
    return noticeCard({
      message: `${image} is unlocked`,
      details: [
        `It was ${lower(lockSentence(lifted))}`,
        openRun === undefined ? 'It can be published again.' : `${openRun} goes on, unless a freeze holds it.`,
      ],
      buttons: openRun === undefined ? [] : [statusButton(openRun)],
      next: openRun === undefined ? [call('publish', { image })] : [],
    });
  },
});

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** It never was, or is not any more. */
export function notLocked(image: string): Answer {
  return noticeCard({
    message: `${image} is not locked`,
    details: ['Nothing was done.'],
    next: [call('images')],
  });
}

async function unlockPlan({ person }: CommandContext, found: Lock, reason: string, { reads }: Deps): Promise<Answer> {
  const { image } = found;
  const open = await reads.openRun(image);
  const isHeld = open?.kind === 'publish' && open.data.held !== undefined;
  const confirm = call('unlock', { image, reason, sure: true });
  return noticeCard({
    message: found.by.oid === person.oid ? `Unlock ${image}?` : `Unlock ${image}, which ${found.by.name} has locked?`,
    details: [
      lockSentence(found),
      isHeld ? `${open.id} waits for it, and goes on at once.` : 'No run waits for it.',
      'Nothing has been done yet.',
    ],
    buttons: [{ title: 'Unlock', call: confirm, style: 'positive' }],
    next: [confirm],
  });
}
