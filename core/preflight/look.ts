import type { AzureRead } from '../azure';
import { isUserError } from '../errors';
import type { FixedPlan } from '../runs';
import { seconds, within } from '../time';

/** `stops`: a build would fail; `warns`: it works, and something comes of it; `unseen`: goldbot could not look. */
type Severity = 'stops' | 'warns' | 'unseen';

/** What a look before a build has found. */
export interface Finding {
  readonly severity: Severity;
  /** One sentence: what is so. */
  readonly why: string;
  /** One imperative sentence without its commands. */
  readonly mend: string;
  /** What an administrator can type as it stands. */
  readonly commands: readonly string[];
  /** The id of what does not exist. */
  readonly missing?: string;
  /** Unseen because Azure has nothing at this id. */
  readonly nothingAt?: string;
}

/** One look: what it reads, and what is wrong with what it saw. */
export interface Look {
  /** As in “goldbot could not see …”. */
  readonly at: string;
  /** @throws UserError `AZ_…` */
  find(read: AzureRead, plan: FixedPlan): Promise<readonly Finding[]>;
}

/** What is read and what is judged stand apart: the judgement is a pure rule of the plan. */
export interface LookAt<Seen> {
  readonly at: string;
  /** Undefined: the plan has nothing of the kind. */
  readonly read: (read: AzureRead, plan: FixedPlan) => Promise<Seen> | undefined;
  readonly judge: (seen: Seen, plan: FixedPlan) => readonly Finding[];
}

export function look<Seen>({ at, read, judge }: LookAt<Seen>): Look {
  return {
    at,
    find: async (azure, plan) => {
      const reading = read(azure, plan);
      return reading === undefined ? [] : judge(await reading, plan);
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
            return { ...unseen(at, error.message, error.hint), nothingAt: one.scope };
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
const patienceMs = seconds(20);

/**
 * All looks at once; what stops comes first, and each finding is there once. A look that Azure does not answer is a
 * finding of its own and stops nothing. That there is nothing to see in what does not exist is not told besides.
 */
export async function lookAll(
  looks: readonly Look[],
  read: AzureRead,
  plan: FixedPlan,
  waitMs = patienceMs,
): Promise<readonly Finding[]> {
  const found = (await Promise.all(looks.map((one) => lookOnce(one, read, plan, waitMs)))).flat();
  const missing = found.flatMap((finding) => finding.missing ?? []);
  const worthTelling = found.filter(({ nothingAt }) => !missing.some((id) => isWithin(nothingAt, id)));
  const distinct = [...new Map(worthTelling.map((finding) => [finding.why, finding])).values()];
  const order: readonly Severity[] = ['stops', 'warns', 'unseen'];
  return distinct.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

function isWithin(scope: string | undefined, id: string): boolean {
  return scope !== undefined && `${scope}/`.toLowerCase().startsWith(`${id}/`.toLowerCase());
}

async function lookOnce(one: Look, read: AzureRead, plan: FixedPlan, waitMs: number): Promise<readonly Finding[]> {
  try {
    const late = () => [unseen(one.at, 'Azure did not answer in time.', 'Ask again in a minute.')];
    return await within(waitMs, one.find(read, plan), late);
  } catch (error) {
    if (!isUserError(error) || !error.code.startsWith('AZ_')) throw error;
    return [unseen(one.at, error.message, error.hint)];
  }
}

function unseen(at: string, why: string, mend: string): Finding {
  return { severity: 'unseen', why: `goldbot could not see ${at}: ${why}`, mend, commands: [] };
}
