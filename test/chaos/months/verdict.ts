import { lastDayOf, localDay, startOfDay } from '../../../core/calendar';
import type { ImageConfig } from '../../../core/catalogue';
import { versionTags } from '../../../core/images';
import { days } from '../../../core/time';
import type { Message } from './people';
import type { MonthsWorld } from './world';

/** What became of an image in a month, by the gallery and by what stands in the channel. */
export interface Month {
  readonly image: string;
  /** The day by which it was to be ready. */
  readonly readyBy: Date;
  /** Versions that were published for that day, and when. */
  readonly published: readonly { readonly version: string; readonly at: Date; readonly isEverywhere: boolean }[];
  /** Cards that say that nothing changed, with the version that they name. */
  readonly unchanged: readonly string[];
  /** The number that was latest in the gallery before. */
  readonly latestBefore: string | undefined;
  /** Messages that say that the day is not met, or may not be, in the order of their posting. */
  readonly warnings: readonly { readonly at: Date; readonly text: string }[];
}

/** A run for a day begins no earlier, even when approvers have been slow all year. */
const earliestMs = days(14);
const warns =
  /will not be ready in time|is late|published .* late|the publish (cannot begin|may begin too late)|was not published/;

/** Every month whose runs had time enough to end by now. */
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
      const said = [...world.messages.values()].filter(({ text }) => text.includes(image.name));
      const ends = readyDays(image, from, world.clock.now());
      return ends.map((readyBy) => monthOf(image.name, readyBy, { published, said }));
    }),
  );
  return found.flat();
}

type Known = { readonly published: Month['published']; readonly said: readonly Message[] };

function monthOf(image: string, readyBy: Date, { published, said }: Known): Month {
  const first = new Date(readyBy.getTime() - earliestMs);
  const next = new Date(first.getTime() + days(30));
  const isIn = ({ at }: { readonly at: Date }) => at >= first && at < next;
  const before = published.filter(({ at }) => at < first).sort((a, b) => a.at.getTime() - b.at.getTime());
  const unchanged = said.filter(isIn).flatMap(({ text }) => /nothing has changed since (\S+)/.exec(text)?.[1] ?? []);
  return {
    ...{ image, readyBy, unchanged },
    published: published.filter(isIn),
    latestBefore: before.at(-1)?.version,
    warnings: said.filter((message) => isIn(message) && warns.test(message.text)),
  };
}

function readyDays({ schedule }: ImageConfig, from: Date, now: Date): readonly Date[] {
  if (!schedule || 'cron' in schedule) return [];
  const { readyBy, zone } = schedule;
  const { year, month } = localDay(from, zone);
  const ends = Array.from({ length: 14 }, (_, ahead) => {
    const first = new Date(Date.UTC(year, month - 1 + ahead));
    const of = { year: first.getUTCFullYear(), month: first.getUTCMonth() + 1 };
    return startOfDay({ ...of, day: readyBy === 'last' ? lastDayOf(of) : readyBy }, zone);
  });
  // What begins in the first days could not have begun in time.
  return ends.filter(
    (at) => at.getTime() >= from.getTime() + days(6) && at.getTime() + days(30) - earliestMs <= now.getTime(),
  );
}

/** What is wrong with a month, in words; empty when it ended as it should. */
export function wrongWith({ published, unchanged, readyBy, latestBefore, warnings }: Month): readonly string[] {
  const wrong: string[] = [];
  const [first] = published;
  if (published.length + unchanged.length === 0)
    wrong.push('nothing was published, and nobody said that nothing changed');
  if (published.length > 1) wrong.push(`published ${published.length} times`);
  if (unchanged.length > 1) wrong.push(`${unchanged.length} words that nothing changed`);
  if (first && unchanged.length > 0) wrong.push('published, and said that nothing changed');
  if (!first && unchanged.length > 0 && unchanged[0] !== latestBefore) {
    wrong.push(`said that nothing changed since ${unchanged[0]}, but ${latestBefore} was latest`);
  }
  if (published.some(({ isEverywhere }) => !isEverywhere)) wrong.push('published, and not in every region');
  const isLate = first !== undefined && first.at > readyBy;
  if (isLate && !warnings.some(({ at }) => at <= first.at)) wrong.push('late without a warning');
  if (!isLate && warnings.some(({ text }) => /is late|published .* late/.test(text)))
    wrong.push('said to be late, and in time');
  return wrong;
}

/** How a month ended, for the report. */
export function endOf({
  published,
  unchanged,
  readyBy,
  warnings,
}: Month): 'in time' | 'warned' | 'late' | 'unchanged' | 'nothing' {
  const [first] = published;
  if (!first) return unchanged.length > 0 ? 'unchanged' : 'nothing';
  if (first.at > readyBy) return 'late';
  return warnings.length > 0 ? 'warned' : 'in time';
}
