import { line } from '../../core/command-call';
import { intents } from '../../dialogs/plain/words';

/** `docs/reference/plain-words.md`: what goldbot understands beside the grammar, from the table that it reads by. */
export function plainPage(): string {
  return `${[
    '# Plain words',
    '<!-- Written by `npm run docs` from the code; edit that instead. -->',
    'Nobody has to learn the [commands](commands.md). What is not written in their grammar is read by the table below: rules and synonyms, no language model, and nothing leaves goldbot.',
    [
      '- A **question** is answered at once. The answer begins with the command that does the same: Same as “versions ubuntu-22”.',
      '- What may **change something** is offered as a button with the exact command, and never done by a guess.',
      '- Where two meanings are as likely, goldbot asks, with at most three buttons.',
      '- “approve”, “yes” or “ok” alone offers the one request that waits for you; in a thread, the one that the thread is about.',
      '- “not”, “can I” or “how do I” before a verb never becomes the verb: goldbot shows how things are, or how it is done. “I do not want to be told any more” is offered as its opposite, and “can we finally delete ubuntu 1.3.0” as the wish that it is.',
      '- A slip of the thumb is mended; a word that is English, and no slip, is not (“order” is not “older”). A name that nobody has, where an image has to stand, is said to be unknown.',
      '- Whoever names a machine or a run is offered nothing that is done to something else.',
      '- In a team’s own channel the team is known: “who is behind” is about its machines.',
      '- Images are understood by name, alias or title, as people write them (“ubuntu 22”, “u22”, “Ubuntu 22.04”), with a letter wrong; numbers are never guessed.',
      '- A message with an option (`--note`) is read by the grammar alone, and so is what a program sends.',
    ].join('\n'),
    '## What is looked up',
    table(intents.looks),
    '## What is offered',
    table(intents.acts),
  ].join('\n\n')}\n`;
}

function table(all: (typeof intents)['looks']): string {
  const rows = all.map(({ verb, values = {}, says, hints = [], keys = [] }) => {
    const shown = Object.fromEntries(Object.entries(values).filter(([, value]) => !String(value).startsWith('<')));
    // What is known by single words alone is shown by these, without what they weigh.
    const byWords = keys.map((list) => list.replace(/(^|, )!?[\d.]+ /g, '$1').replaceAll('*', '-'));
    const wordings = [says, hints, byWords]
      .find((some) => some.length > 0)
      ?.map((said) => said.replaceAll('|', '/').replaceAll('+', ' ').replaceAll('<', '‹').replaceAll('>', '›'));
    return `| \`${line({ verb, values: shown })}\` | ${(wordings ?? []).join('; ')} |`;
  });
  return ['| command | said as |', '|---|---|', ...rows].join('\n');
}
