import { type Chances, chances } from '../../bot/delivery';
import { changeWaits, changeWorkflow } from '../../workflows/change';
import { digestWorkflow } from '../../workflows/digest';
import { atOnce, type Stage, type Wait } from '../../workflows/engine';
import { publishWaits, publishWorkflow, removals, signing } from '../../workflows/publish';
import { asking } from '../../workflows/subscriptions';
import { delivering } from '../../workflows/webhooks';

/** `docs/reference/waits.md`: everything that a run waits for, from the same data that the engine goes by. */
export function waitsPage(): string {
  return `${[
    '# Waits',
    '<!-- Written by `npm run docs` from the code; edit that instead. -->',
    'No wait is without an end. Each stage of a run has a limit: once it has passed, a step that would only wait, or that fails, is the last one of its stage. Time counts from the first step in the stage, so that time in which goldbot was down is nobody’s fault. Until then a run whose steps fail is tried again, at most ten minutes apart; after five failures in a row its card says so, with the reason, since when, until when goldbot tries, and what becomes of it then.',
    '## Stages',
    table(
      ['run', 'stage', 'waits for', 'at most', 'afterwards'],
      [
        ...stagesOf('publish', publishWorkflow({} as never)),
        ...stagesOf('change', changeWorkflow({} as never)),
        ...stagesOf('digest', digestWorkflow({} as never)),
      ],
    ),
    '## Within a stage',
    table(
      ['run', 'waits for', 'at most', 'afterwards'],
      [
        ...waitsOf('publish', publishWaits),
        ...waitsOf('publish, clean-up', removals),
        ...waitsOf('publish, certificate', { signing }),
        ...waitsOf('change', changeWaits),
        ...waitsOf('webhooks', { delivering }),
        ...waitsOf('subscriptions', { asking }),
      ],
    ),
    '## Afterwards',
    'What Azure will not delete in time is left to the reaper: the run ends, and its image is free for the next one. The reaper asks again after 10 minutes, 20, 40 and so on, at most a day apart, for as long as it takes, and only for things of runs that are over. What is left stands on the card of its run, on its outcome and in `status`, with what Azure says and since when, until it is gone. If it stays: delete it in the Azure portal, or open a support request with Microsoft.',
    '## Cards',
    'No run waits for a card. One that Teams says it did not take is tried again for as long as that is so; one of which nobody knows whether Teams took it is posted again, because one that shows twice is better than one that nobody sees:',
    table(['card', 'posted again after', 'for the first time after', 'given up after'], chances.map(chancesOf)),
    'The pauses double each time, up to an hour. While the card of an approval request is missing, its run’s card and `approvals` say since when, why, and what to do; `channels` shows where goldbot cannot write. The request can be decided without its card, and expires at its own time.',
    'What kills every replica that works on it (a card, a look, an event on its way) rests after six deaths in a row, for 25 to 50 s and twice as long each time, ten minutes at most, so that replicas live to do everything else; a run does so by itself.',
  ].join('\n\n')}\n`;
}

const doubts = { silence: 'an answer that says nothing (5xx, 408, reset)', death: 'the death of the process' } as const;

function chancesOf({ cards, after, firstMs, posts }: Chances): string[] {
  return [cards, after.map((doubt) => doubts[doubt]).join('; '), `${firstMs / 1_000} s`, `${posts} posts`];
}

type AnyStage = Pick<Stage<never, never>, 'name'> & { readonly limit: Limit | typeof atOnce };
type Limit = Wait & { readonly plus?: { readonly what: string } };

function stagesOf(run: string, { stages }: { readonly stages: readonly AnyStage[] }): string[][] {
  return stages.map(({ name, limit }) => {
    if (limit === atOnce) return [run, `\`${name}\``, 'nothing', 'one step', 'The run goes on.'];
    const most = limit.plus ? `${lengthOf(limit.ms)} and ${limit.plus.what}` : lengthOf(limit.ms);
    return [run, `\`${name}\``, limit.waitsFor, most, limit.afterwards];
  });
}

function waitsOf(run: string, waits: Readonly<Record<string, Wait>>): string[][] {
  return Object.values(waits).map(({ waitsFor, ms, afterwards }) => [run, waitsFor, lengthOf(ms), afterwards]);
}

/** `90 min`, `6 h`, `14 d`. */
function lengthOf(ms: number): string {
  const [day, hour, minute] = [86_400_000, 3_600_000, 60_000];
  if (ms % day === 0) return `${ms / day} d`;
  return ms % hour === 0 ? `${ms / hour} h` : `${ms / minute} min`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
