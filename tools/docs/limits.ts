import { asides, holdMs, limits, placeAgainMs, placeFrom } from '../../bot/fair';
import { type CommandPace, commands } from '../../dialogs';
import type { Windows } from '../../store';

const classes: Readonly<Record<CommandPace, string>> = {
  decision: 'what others wait for',
  look: 'a look into goldbot’s own books',
  azure: 'a look that asks Azure or the directory',
  export: 'a look that goes through a whole record',
  change: 'starts something, or changes what goldbot keeps',
};

/** `docs/reference/limits.md`: what one person or program may ask, from the same data that the bot goes by. */
export function limitsPage(): string {
  return `# Limits

<!-- Written by \`npm run docs\` from the code; edit that instead. -->

One person cannot slow the others. Each command has a class, and each class its own limits for each person, counted by object id, over all replicas and conversations. A program (\`POST /api/ask\`) is a person here, after the limit of its application.

| class | commands |
|---|---|
${kinds().map(commandRow).join('\n')}

| class | from one person | without an answer, of one person | at once of one person, in a replica | at once in a replica |
|---|---|---|---|---|
${kinds().map(limitRow).join('\n')}

- What a person says in one conversation is answered in the order in which it was said. A decision waits for nothing but earlier decisions, and has its own places in each replica. Next is whoever has the least in progress.
- Once ${placeFrom} questions or more come before another one, its person is told how many; once in ${placeAgainMs / 1_000} seconds in each conversation.
- A message beyond a limit is not answered. Its person is told so once, what the limit is and when to ask again: for ${holdMs / 1_000} seconds nothing of that class is taken from them. Other classes are taken as before.
- A press beyond a limit is answered with one line to whoever pressed, and does nothing; a program gets 429 with \`retry-after\`.
- What was taken is stored before Teams hears so, and is answered by another replica when the first one dies; the limits are not asked again for it.
- What Azure has still to say after the first answer takes no place from others, but counts for the person who asked.
- While the database does not answer, nothing is limited: without it hardly anything is answered.

What clients ask by themselves is counted in each replica by itself, and beyond it nothing is shown, which *Find in goldbot* says:

${Object.values(asides).map(asideRow).join('\n')}

The numbers stand in [\`bot/fair.ts\`](../../bot/fair.ts), the class of a command in its record.
`;
}

const kinds = () => Object.keys(limits) as CommandPace[];

function commandRow(pace: CommandPace): string {
  const verbs = commands.filter((command) => command.pace === pace).map(({ verb }) => `\`${verb}\``);
  return `| **${pace}**: ${classes[pace]} | ${verbs.sort().join(', ')} |`;
}

function asideRow({ what, windows }: (typeof asides)[keyof typeof asides]): string {
  return `- ${what}: ${rate(windows)}`;
}

const rate = (windows: Windows) => windows.map(([calls, ms]) => `${calls} in ${ms / 1_000} s`).join(', ');

function limitRow(pace: CommandPace): string {
  const { windows, waiting, eachAtOnce, atOnce } = limits[pace];
  return `| ${pace} | ${rate(windows)} | ${waiting} | ${eachAtOnce} | ${atOnce} |`;
}
