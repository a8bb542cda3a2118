/** Who asked for the image last: it may have been somebody else than the story says. */
export const askerIn = (messages) =>
  messages.findLast(({ fromId, text }) => fromId !== 'bot' && /publish/i.test(text))?.from ?? 'Ada';

/** An approver who did not ask. */
export const deciderBeside = (asker) => (asker === 'Grace' ? 'Heidi' : 'Grace');
