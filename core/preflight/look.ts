import type { AzureRead } from '../azure';
import { sameId } from '../azure-id';
import { isUserError, UserError } from '../errors';
import type { FixedPlan } from '../runs';
import { seconds, within } from '../time';

/** `stops`: something does not work; `warns`: it works, and something comes of it; `unseen`: goldbot could not look. */
type Severity = 'stops' | 'warns' | 'unseen';

/** What a look has found. */
export interface Finding {
  readonly severity: Severity;
  /** One sentence: what is so. */
  readonly why: string;
  /** One imperative sentence without its commands. */
  readonly mend: string;
  /** What an administrator can type as it stands. */
  readonly commands: readonly string[];
  /** One sentence: what comes of it, where `why` does not say. */
  readonly so?: string;
  /** What there is too little of, and how much is needed: of several the greatest need tells all. */
  readonly short?: { readonly of: string; readonly needed: number };
  /** Actions that goldbot's identity does not have. */
  readonly lacks?: readonly string[];
  /** The id of what does not exist. */
  readonly missing?: string;
  /** Unseen because Azure has nothing at this id. */
  readonly nothingAt?: string;
}

/** One look: what it reads, and what is wrong with what it saw. `About`: what is looked at, as far as it is planned or set. */
export interface Look<About = FixedPlan, Read = AzureRead> {
  /** As in “goldbot could not see …”. */
  readonly at: string;
  /** @throws UserError when whoever is asked does not answer. */
  find(read: Read, about: About): Promise<readonly Finding[]>;
}

/** What is read and what is judged stand apart: the judgement is a pure rule of what is looked at. */
export interface LookAt<Seen, About, Read> {
  readonly at: string;
  /** Undefined: there is nothing of the kind. */
  readonly read: (read: Read, about: About) => Promise<Seen> | undefined;
  readonly judge: (seen: Seen, about: About) => readonly Finding[];
}

export function look<Seen, About = FixedPlan, Read = AzureRead>(of: LookAt<Seen, About, Read>): Look<About, Read> {
  const { at, read, judge } = of;
  return {
    at,
    find: async (asked, about) => {
      const reading = read(asked, about);
      return reading === undefined ? [] : judge(await reading, about);
    },
  };
}

/** What is asked of each of several scopes. */
export interface LookAtEach<Of extends { readonly scope: string }, Seen> {
  readonly at: string;
  readonly of: (plan: FixedPlan) => readonly Of[];
  readonly read: (azure: AzureRead, of: Of) => Promise<Seen>;
  readonly judge: (seen: readonly (Of & { readonly seen: Seen })[], plan: FixedPlan) => readonly Finding[];
}

/** A scope that does not exist hides none of the others. */
export function lookAtEach<Of extends { readonly scope: string }, Seen>(of: LookAtEach<Of, Seen>): Look {
  const { at, read, judge } = of;
  return {
    at,
    find: async (azure, plan) => {
      const asked = await Promise.all(
        of.of(plan).map(async (one) => {
          try {
            return { ...one, seen: await read(azure, one) };
          } catch (error) {
            if (!isUserError(error) || error.code !== 'AZ_NOT_FOUND') throw error;
            return { ...unseenFinding([at], error), nothingAt: one.scope };
          }
        }),
      );
      const seen = asked.flatMap((one) => ('seen' in one ? [one] : []));
      return [...judge(seen, plan), ...asked.flatMap((one) => ('seen' in one ? [] : [one]))];
    },
  };
}

export function stops(why: string, mend: string, ...commands: readonly string[]): Finding {
  return { severity: 'stops', why, mend, commands };
}

export function warns(why: string, mend: string, ...commands: readonly string[]): Finding {
  return { severity: 'warns', why, mend, commands };
}

/** Machine time that one look may take: people wait for a plan. */
export const patienceMs = seconds(20);

/** What became of one look. */
export interface Looked {
  readonly at: string;
  readonly found: readonly Finding[];
  /** Why nothing could be seen; absent when the look was made. */
  readonly unseen?: UserError;
}

/** Of whom a look may ask something; whatever else fails is a bug, and no finding. */
const outside = /^AZ_|^DIRECTORY_SILENT$|^DATABASE_/;

/** Makes one look. That somebody does not answer, or not in time, is part of the answer. */
export async function lookOnce<About, Read>(
  one: Look<About, Read>,
  read: Read,
  about: About,
  waitMs = patienceMs,
): Promise<Looked> {
  try {
    return await within(waitMs, one.find(read, about).then(foundBy(one)), () => ({
      ...foundBy(one)([]),
      unseen: late(),
    }));
  } catch (error) {
    if (!isUserError(error) || !outside.test(error.code)) throw error;
    return { at: one.at, found: [], unseen: error };
  }
}

const foundBy =
  ({ at }: { readonly at: string }) =>
  (found: readonly Finding[]): Looked => ({ at, found });

function late(): UserError {
  return new UserError('AZ_SILENT', 'Azure did not answer in time.', { hint: 'Ask again in a minute.' });
}

/**
 * All looks at once; what stops comes first, and each finding is there once. A look that Azure does not answer is a
 * finding of its own and stops nothing. That there is nothing to see in what does not exist is not told besides.
 */
export async function lookAll<About>(
  looks: readonly Look<About>[],
  read: AzureRead,
  about: About,
  waitMs = patienceMs,
): Promise<readonly Finding[]> {
  const looked = await Promise.all(looks.map((one) => lookOnce(one, read, about, waitMs)));
  return inOrder(looked.flatMap(({ at, found, unseen }) => (unseen ? [unseenFinding([at], unseen)] : found)));
}

/**
 * What stops first, and each finding once; without those about what is within something that does not exist: that there
 * is nothing to see in it, or that it is missing too.
 */
export function inOrder(found: readonly Finding[]): readonly Finding[] {
  const missing = found.flatMap((finding) => finding.missing ?? []);
  const worthTelling = found.filter(
    (one) =>
      !missing.some(
        (id) => isWithin(one.nothingAt, id) || (!sameId(one.missing ?? id, id) && isWithin(one.missing, id)),
      ),
  );
  const distinct = [...new Map(worthTelling.map((finding) => [finding.why, finding])).values()];
  const order: readonly Severity[] = ['stops', 'warns', 'unseen'];
  return distinct.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

function isWithin(scope: string | undefined, id: string): boolean {
  return scope !== undefined && `${scope}/`.toLowerCase().startsWith(`${id}/`.toLowerCase());
}

/** `at`: what could not be seen, all for the same reason. */
export function unseenFinding(
  at: readonly string[],
  { message, hint }: Pick<UserError, 'message' | 'hint'>,
  who: 'goldbot' | 'You' = 'goldbot',
): Finding {
  return { severity: 'unseen', why: `${who} could not see ${inWords(at)}: ${message}`, mend: hint, commands: [] };
}

/** `a, b and c`. */
export function inWords(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
