import { isZone, momentOf, wallClock } from '../../core/time';

/**
 * Times that people act on, in UTC and in the reader's own zone. A card is read in many zones, and only Teams knows
 * whose: it evaluates `{{DATE(…)}}` and `{{TIME(…)}}` where it shows a card, and nowhere else. So such a time is carried
 * as its words in UTC with its instant behind them, in characters that nobody sees. Whoever writes them down says what
 * becomes of them: a card has Teams add the reader's time, words get the zone of whoever reads them, and what forgets
 * to do either shows UTC. Characters that somebody else put into a text count only behind the words for that very
 * instant, so that they can say nothing but what stands there.
 */

/** Tag characters of Unicode, which no font draws: `0` to `9` and `a` to `z`, moved up. */
const unseen = 0xe0000;
const zonedMoment =
  /([A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2}, \d{2}:\d{2} UTC)([\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{1,8})/gu;
const leftUnseen = /[\u{e0020}-\u{e007f}]/u;
/** Stands for one moment while its text is escaped and cut. */
const held = '\ufffc';

/** Somebody who reads words, and by which clock. */
export interface Reader {
  /** IANA name; one that nobody knows counts as none. */
  readonly zone: string | undefined;
  /** The words are for one person, whose zone that is. */
  readonly alone?: boolean;
}

/** `Fri 27 Nov, 17:00 UTC`, which becomes the reader's time as well wherever that can be known. */
export function zoned(at: Date): string {
  const minute = Math.floor(at.getTime() / 60_000).toString(36);
  return momentOf(at) + [...minute].map((sign) => String.fromCodePoint(unseen + sign.charCodeAt(0))).join('');
}

/** Does something to a text while each of its moments is one character, which is then shown as `show` says. */
export function withMoments(text: string, write: (text: string) => string, show: (at: Date) => string): string {
  if (!leftUnseen.test(text)) return write(text);
  const moments: Date[] = [];
  const bare = text.replaceAll(held, '').replace(zonedMoment, (_, words: string, signs: string) => {
    const at = instantOf(signs);
    if (Number.isNaN(at.getTime()) || momentOf(at) !== words) return words;
    moments.push(at);
    return held;
  });
  return write(bare.replace(new RegExp(leftUnseen, 'gu'), '')).replaceAll(held, () =>
    show(moments.shift() ?? new Date(Number.NaN)),
  );
}

function instantOf(signs: string): Date {
  const minute = [...signs].map((sign) => String.fromCharCode((sign.codePointAt(0) ?? 0) - unseen)).join('');
  return new Date(Number.parseInt(minute, 36) * 60_000);
}

/** For cards: Teams evaluates the functions for whoever looks; without milliseconds, which it would not read. */
export function byTeams(at: Date): string {
  const iso = `${at.toISOString().slice(0, 16)}:00Z`;
  return `${momentOf(at)} ({{DATE(${iso}, SHORT)}} {{TIME(${iso})}} your time)`;
}

/** Words for a reader: `Fri 27 Nov, 17:00 UTC (18:00 in Europe/Berlin)`, with the day where that is another. */
export function inWords(text: string, { zone, alone = false }: Reader = { zone: undefined }): string {
  return withMoments(
    text,
    (bare) => bare,
    (at) => {
      const utc = momentOf(at);
      if (zone === undefined || zone === 'UTC' || !isZone(zone)) return utc;
      const [day, time] = momentOf(new Date(wallClock(zone)(at.getTime())))
        .replace(' UTC', '')
        .split(', ');
      const there = utc.startsWith(`${day},`) ? time : `${day}, ${time}`;
      return `${utc} (${there} ${alone ? 'your time' : `in ${zone}`})`;
    },
  );
}
