import { days } from '../time';
import type { Consumer, ConsumerKind } from './consumers';

/** What each act does to a version, and what becomes of whoever uses it then: two tables, and the one function that reads them. */

/** What people do to a version that has been published. */
export type Act =
  | 'eol'
  | 'age'
  | 'revoke'
  | 'retire'
  | 'restore'
  | 'promote'
  | 'rollback'
  | 'channel'
  | 'replicate'
  | 'copy';

/**
 * `nothing` that anybody deploys by; `hides` it from latest, in every region; `removes` it from the gallery; `shows` it to
 * latest again; `copies`: changes where it has copies; `repeats` it in the second gallery.
 */
export type ActDoes = 'nothing' | 'hides' | 'removes' | 'shows' | 'copies' | 'repeats';

export const acts: Readonly<Record<Act, { readonly does: ActDoes; readonly summary: string }>> = {
  eol: { does: 'nothing', summary: 'sets the day on which its life ends' },
  age: { does: 'nothing', summary: 'says that it has a successor' },
  revoke: {
    does: 'hides',
    summary: 'takes it out of latest in every region; who names its number can still deploy it',
  },
  retire: { does: 'removes', summary: 'takes it out of latest, then deletes it' },
  restore: { does: 'shows', summary: 'lets it be latest again' },
  promote: { does: 'shows', summary: 'makes it latest, in the regions that are named' },
  rollback: { does: 'hides', summary: 'takes what is above a good version out of latest' },
  channel: { does: 'nothing', summary: 'makes it the version of a channel' },
  replicate: { does: 'copies', summary: 'makes, changes or removes its copies in regions' },
  copy: { does: 'repeats', summary: 'has the second gallery offer the same' },
};

/** Whether an act can take anything away from anybody. */
export const restrains = (act: Act): boolean => ['hides', 'removes', 'copies', 'repeats'].includes(acts[act].does);

/** How long a gallery that keeps what is deleted keeps it. */
export const keptMs = days(7);

export type Becomes = 'breaks' | 'moves' | 'survives';

export interface Fate {
  readonly becomes: Becomes;
  /** A clause whose subject is the consumer: `could not scale out`. */
  readonly why: string;
  /** The same once it is so, where that differs: `cannot scale out`. */
  readonly since?: string;
}

interface Fates {
  /** Of one that names the version by its number. */
  readonly hides: Fate;
  readonly removes: Fate;
  /** Of one that follows latest, once its latest is another version, and when there is none. */
  readonly moves: (to: string) => string;
  readonly none: Fate;
}

const survives = (why: string): Fate => ({ becomes: 'survives', why });
const breaks = (what: string, because: string, since = because): Fate => ({
  becomes: 'breaks',
  why: `could not ${what}: ${because}`,
  since: `cannot ${what}: ${since}`,
});
const withoutLatest = (what: string): Fate =>
  breaks(what, 'no version would be latest where it is', 'no version is latest where it is');

const ownCopy = survives('has a copy of its own');
const ofItself = (): string => 'goes on as it is';

const fates: Readonly<Record<ConsumerKind, Fates>> = {
  machines: {
    hides: survives('keep running'),
    removes: survives('keep running; to reimage one would fail'),
    moves: ofItself,
    none: survives('keep running'),
  },
  'scale set': {
    hides: survives('names its number and goes on deploying it'),
    removes: breaks('scale out, reimage or repair', 'it names this version'),
    moves: (to) => `takes ${to} for its next machines`,
    none: withoutLatest('scale out'),
  },
  template: {
    hides: survives('names its number and goes on building from it'),
    removes: breaks('build any more', 'it names this version'),
    moves: (to) => `builds from ${to} at its next run`,
    none: withoutLatest('build any more'),
  },
  recipe: {
    hides: survives('names its number and goes on being built from it'),
    removes: breaks('be published any more', 'the catalogue names this version as its base'),
    moves: (to) => `is built from ${to} next`,
    none: withoutLatest('be published any more'),
  },
  descendant: { hides: ownCopy, removes: ownCopy, moves: ofItself, none: ownCopy },
  'shallow copy': {
    hides: survives('reads its disks from this version, which stays'),
    removes: breaks('be deployed any more', 'it has no disks but those of this version'),
    moves: ofItself,
    none: survives('reads its disks from this version, which stays'),
  },
  disk: { hides: ownCopy, removes: ownCopy, moves: ofItself, none: ownCopy },
  other: {
    hides: survives('names its number and goes on using it'),
    removes: breaks('make anything new any more', 'it names this version'),
    moves: (to) => `takes ${to} for what it makes next`,
    none: withoutLatest('make anything new any more'),
  },
};

/** What becomes of a consumer that names the version. */
export function fateOfNaming(kind: ConsumerKind, does: ActDoes): Fate {
  if (does === 'nothing' || does === 'shows' || does === 'copies' || does === 'repeats')
    return survives('goes on as it is');
  return fates[kind][does];
}

/** Of one that names the version where its copy is removed. */
export function fateWithoutCopy(kind: ConsumerKind): Fate {
  const { becomes, why, since } = fates[kind].removes;
  if (becomes !== 'breaks') return { becomes, why };
  return { becomes, why: `${why}, which would have no copy there`, since: `${since}, which has no copy there` };
}

/** What becomes of one that follows latest, when the act changes which version that is for it. */
export function fateOfFollowing(consumer: Consumer, to: string | undefined, isHigher: boolean): Fate {
  const { kind, upgradesItself } = consumer;
  if (to === undefined) return { ...fates[kind].none, becomes: 'breaks' };
  const why = fates[kind].moves(to);
  if (!upgradesItself) return { becomes: 'moves', why };
  const running = isHigher
    ? 'Azure upgrades its running machines to it by itself'
    : 'nothing says that Azure moves its running machines back';
  return { becomes: 'moves', why: `${why}; ${running}` };
}

/** Whether an act is about which version is latest: then whoever names another one is told of as well. */
export const turnsLatest = (act: Act): boolean => act === 'promote' || act === 'rollback';

/** What becomes of one that names the copy of the version in the second gallery, when that copy stays. */
export const fateOfCopy = (gallery: string): Fate => survives(`names the copy in ${gallery}, which stays as it is`);

/** What becomes of one that names another version than those that are changed. */
export const fateOfStaying = ({ version }: Consumer): Fate => survives(`names ${version} and stays on it`);
