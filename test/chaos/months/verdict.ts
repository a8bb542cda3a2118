import { lastDayOf, localDay, startOfDay } from '../../../core/calendar';
import type { ImageConfig } from '../../../core/catalogue';
import { versionTags } from '../../../core/images';
import { days } from '../../../core/time';
import type { Message } from './people';
import type { MonthsWorld } from './world';

/** What a message said from a moment on; it may say something else by now. */
export interface Saying {
  readonly at: Date;
  readonly text: string;
}

interface Published {
  readonly version: string;
  readonly at: Date;
  readonly isEverywhere: boolean;
}

/** What became of an image in a month, by the gallery and by what people saw in the channel, in the order of time. */
export interface Month {
  readonly image: string;
  /** The day by which it was to be ready. */
  readonly day: Day;
  /** Versions that were published in its month. */
  readonly published: readonly Published[];
  /** Messages that said that nothing changed: when they first did, and since which version. */
  readonly unchanged: readonly { readonly version: string; readonly at: Date }[];
  /** The number that was latest in the gallery before. */
  readonly latestBefore: string | undefined;
  /** Whatever people ever read of this day that says that it is not met, may not be, or was met. */
  readonly said: readonly Saying[];
}

/** A day of a zone's calendar on which an image was promised. */
export interface Day {
  readonly begins: Date;
  readonly ends: Date;
  /** As cards write it: `Tue 1 Dec`, and `December 2026` of its month. */
  readonly words: readonly [day: string, month: string];
}

/** A run for a day begins no earlier, even when approvers have been slow all year; what is later is of the month after. */
const earliestMs = days(14);

const warns =
  /will not be ready in time|was not ready in time|is late|published .* late|its day is past|the publish (cannot begin|may begin too late)|was not published/;
/** Nobody can say so before the day is there. */
const saysLate = /is late|published .* late|was not ready in time|its day is past/;
const saysInTime = /was published in time/;

/** Every month that is over by now. */
export async function monthsOf(world: MonthsWorld, from: Date): Promise<readonly Month[]> {
  const found = await Promise.all(
    world.catalogue.images.map(async (image) => {
      const versions = await world.versionsOf(image);
      const published = versions.map(({ version, tags, regions, excludedFromLatest }) => ({
        version,
        at: new Date(tags[versionTags.published] ?? ''),
        isEverywhere:
          !excludedFromLatest &&
          regions.length === image.regions.length &&
          regions.every(({ state }) => state === 'Completed'),
      }));
      const messages = [...world.messages.values()].filter(({ sayings }) =>
        sayings.some(({ text }) => text.includes(image.name)),
      );
      return monthsOfImage({ image, published: inOrder(published), messages }, { from, now: world.clock.now() });
    }),
  );
  return found.flat();
}

interface Known {
  readonly image: ImageConfig;
  readonly published: readonly Published[];
  readonly messages: readonly Pick<Message, 'sayings'>[];
}

/** Months follow each other without a gap: what is published or said belongs to exactly one of them. */
export function monthsOfImage(known: Known, { from, now }: { readonly from: Date; readonly now: Date }): Month[] {
  const promised = promisedDays(known.image, from);
  return promised.slice(0, -1).flatMap((day, index) => {
    const next = promised[index + 1];
    const until = next && new Date(next.begins.getTime() - earliestMs);
    return until && until <= now ? [monthOf(known, day, until)] : [];
  });
}

function monthOf({ image, published, messages }: Known, day: Day, until: Date): Month {
  const first = new Date(day.begins.getTime() - earliestMs);
  const isIn = ({ at }: { readonly at: Date }) => at >= first && at < until;
  const ofDay = ({ text }: Saying) => day.words.some((words) => text.includes(words));
  const tells = ({ text }: Saying) => warns.test(text) || saysInTime.test(text);
  const said = messages.flatMap(({ sayings }) => sayings);
  return {
    ...{ image: image.name, day, published: published.filter(isIn) },
    unchanged: messages.flatMap(({ sayings }) => unchangedIn(sayings) ?? []).filter(isIn),
    latestBefore: published.findLast(({ at }) => at < first)?.version,
    said: inOrder(said.filter((saying) => isIn(saying) && tells(saying) && ofDay(saying))),
  };
}

/** The first time that a message says so. */
function unchangedIn(sayings: readonly Saying[]): Month['unchanged'][number] | undefined {
  for (const { at, text } of sayings) {
    const [, version] = /nothing has changed since (\S+)/.exec(text) ?? [];
    if (version !== undefined) return { version, at };
  }
  return undefined;
}

/** From the first that could be met on; some more than are lived through. */
export function promisedDays({ schedule }: Pick<ImageConfig, 'schedule'>, from: Date): readonly Day[] {
  if (!schedule || 'cron' in schedule) return [];
  const { readyBy, zone } = schedule;
  const { year, month } = localDay(from, zone);
  const all = Array.from({ length: 15 }, (_, ahead) => {
    const first = new Date(Date.UTC(year, month - 1 + ahead));
    const of = { year: first.getUTCFullYear(), month: first.getUTCMonth() + 1 };
    return dayOf({ ...of, day: readyBy === 'last' ? lastDayOf(of) : readyBy }, zone);
  });
  // What begins in the first days could not have begun in time.
  return all.filter(({ begins }) => begins.getTime() >= from.getTime() + days(6));
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

function dayOf(at: { readonly year: number; readonly month: number; readonly day: number }, zone: string): Day {
  const { year, month, day } = at;
  const weekday = weekdays[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  const name = months[month - 1] ?? '';
  return {
    begins: startOfDay(at, zone),
    ends: startOfDay({ ...at, day: day + 1 }, zone),
    words: [`${weekday} ${day} ${name.slice(0, 3)}`, `${name} ${year}`],
  };
}

const inOrder = <Told extends { readonly at: Date }>(told: readonly Told[]): readonly Told[] =>
  [...told].sort((a, b) => a.at.getTime() - b.at.getTime());

/** What is wrong with a month, in words; empty when it ended as it should. */
export function wrongWith(month: Month): readonly string[] {
  const { published, unchanged, latestBefore, day } = month;
  const wrong: string[] = [];
  if (published.length + unchanged.length === 0)
    wrong.push('nothing was published, and nobody said that nothing changed');
  if (published.length > 1) wrong.push(`published ${published.length} times`);
  if (unchanged.length > 1) wrong.push(`${unchanged.length} words that nothing changed`);
  if (published.length > 0 && unchanged.length > 0) wrong.push('published, and said that nothing changed');
  if (published.length === 0 && unchanged.length > 0 && unchanged[0]?.version !== latestBefore) {
    wrong.push(`said that nothing changed since ${unchanged[0]?.version}, but ${latestBefore} was latest`);
  }
  if (published.some(({ isEverywhere }) => !isEverywhere)) wrong.push('published, and not in every region');
  const end = endedAt(month);
  if ((!end || end > day.begins) && !isWarned(month)) wrong.push('late without a warning by the day');
  return [...wrong, ...falselySaid(month)];
}

/** Sayings that were not so when people read them. */
function falselySaid(month: Month): readonly string[] {
  const { said, day } = month;
  const end = endedAt(month);
  const isLate = !end || end > day.begins;
  const early = said.some(({ at, text }) => saysLate.test(text) && at < day.begins);
  return [
    ...(said.some(({ text }) => saysLate.test(text)) && !isLate ? ['said to be late, and in time'] : []),
    ...(early && isLate ? ['said to be late before the day'] : []),
    ...(said.some(({ text }) => saysInTime.test(text)) && isLate ? ['said to be in time, and late'] : []),
  ];
}

/** When people had what was promised, or the word that they need nothing. */
function endedAt({ published, unchanged }: Month): Date | undefined {
  return inOrder([...published, ...unchanged])[0]?.at;
}

/** Whether people read on the day or before that it is not met, and not only when it was over. */
function isWarned(month: Month): boolean {
  const by = endedAt(month) ?? month.day.ends;
  return month.said.some(({ at, text }) => warns.test(text) && at <= by && at < month.day.ends);
}

/** How a month ended, for the report. */
export function endOf(month: Month): 'in time' | 'warned' | 'late' | 'unchanged' | 'nothing' {
  const end = endedAt(month);
  if (!end) return 'nothing';
  if (end > month.day.begins) return 'late';
  if (month.published.length === 0) return 'unchanged';
  return isWarned(month) ? 'warned' : 'in time';
}
