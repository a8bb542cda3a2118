import { type Button, count, deferButton, due, moment, noticeCard, type Reply, undeferButton } from '../../cards';
import { call, exampleCall } from '../../core/command-call';
import { type Ask, type AsksTopic, asksOn, type Deferral } from '../../core/lifecycle';
import type { Reads } from '../../store/reads';
import { mentions } from './mentioned';

/** As many as a message has room for, above the lines that say what to do. */
const most = 4;

/** In the team's own channel: what Azure asks about its scale sets, and how it is answered. */
export async function presentAsks(
  topic: AsksTopic,
  { asks, deferral }: Pick<Reads, 'asks' | 'deferral'>,
  now: Date,
): Promise<Reply> {
  const found = await asks();
  const all = found ? asksOn(topic, found) : [];
  const open = all.filter(({ over }) => over === undefined);
  const [first] = open;
  const asOf = `As of ${moment(found ? new Date(found.asOf) : now)}; goldbot looks every ten minutes.`;
  if (!first) return settled(all, asOf);
  const put = await deferral(first.team, first.image);
  if (put) return deferred(open, put, asOf);
  const whom = { to: 'your answer', groups: [{ ownersOf: first.team }], waits: true } as const;
  return mentions(asking(first, open, asOf), whom);
}

function settled(all: readonly Ask[], asOf: string): Reply {
  const [first] = all;
  return noticeCard({
    message: first
      ? `Azure does not wait any more for ${namesOf(all)} of ${first.team}`
      : 'Azure does not wait for what this message was about any more, or it was asked about again below',
    details: [`It was answered, here or in Azure, or the time for an answer is over. ${asOf}`],
    ...(first && { next: [call('rollout', { image: first.image, team: first.team })] }),
  });
}

function deferred(open: readonly Ask[], { image, team, by, until, reason }: Deferral, asOf: string): Reply {
  return noticeCard({
    message: `${image} is deferred for ${team} until ${due(until)}`,
    details: [
      `${by} deferred it: “${reason}”.`,
      ...open.slice(0, most).map(lineOf),
      ...moreOf(open),
      `Where Azure still waits then, ${team} is asked again. ${asOf}`,
    ],
    buttons: [undeferButton({ image, team })],
  });
}

function asking({ team, image, version }: Ask, open: readonly Ask[], asOf: string): Reply {
  const given = { image, version, team };
  const buttons: readonly Button[] = [
    { title: 'Upgrade now', call: call('rollout', given), style: 'positive' },
    { title: 'In the window', call: call('rollout', { ...given, choose: true }) },
    deferButton({ image, team }),
  ];
  return noticeCard({
    message: `${team}: may Azure upgrade ${namesOf(open)} to ${image} ${version}?`,
    details: [
      ...open.slice(0, most).map(lineOf),
      ...moreOf(open),
      'Each instance that is moved gets a new disk: what was changed inside is lost.',
      `“Upgrade now” and “In the window” show first what would move, and who decides. ${asOf}`,
    ],
    buttons,
    next: [exampleCall('rollout', { ...given, window: 'sat 22:00 to sun 04:00' })],
  });
}

const namesOf = (asks: readonly Ask[]): string => {
  const names = [...new Set(asks.map(({ name }) => name))];
  return names.length > 2 ? `${names.slice(0, 2).join(', ')} and ${names.length - 2} more` : names.join(' and ');
};

const moreOf = (open: readonly Ask[]): readonly string[] =>
  open.length > most ? [`… and ${open.length - most} more.`] : [];

/** Whoever does not answer has answered all the same: what Azure does then, and when. */
function lineOf({ name, behind, until, latest, otherwise }: Ask): string {
  const who = `${name}, with ${count(behind, 'instance')} behind`;
  if (until === undefined) {
    return `${who}: its policy defers upgrades until its owner lets them begin; Azure names no end.`;
  }
  const does = otherwise === 'reject' ? 'does not begin' : 'begins by itself';
  const later = latest === undefined || latest <= until ? '' : `; it can be put off until ${due(latest)} at most`;
  return `${who}: without an answer Azure ${does} at ${due(until)}${later}.`;
}
