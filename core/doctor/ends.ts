import { call, line } from '../command-call';
import { isUserError } from '../errors';
import { warns } from '../preflight';
import { type AgreedEnd, isAccessPlan } from '../runs';
import { minutes, momentOf } from '../time';
import { type House, type HouseRead, houseLook, so } from './house';

/** goldbot takes back within a minute; Azure may need another few. */
const patienceMs = minutes(15);

/** Rights and shares that were to be taken back and are still there: their end is forgotten once they are gone. */
export const ends = houseLook<readonly AgreedEnd[]>({
  at: 'the ends of rights and shares that goldbot keeps',
  read: async ({ house }) => (await house.ends()) ?? [],
  judge: (kept, { now }) =>
    kept
      .filter(({ at }) => now !== undefined && now.getTime() - at.getTime() > patienceMs)
      .map(({ at, plan }) =>
        so(
          'Whoever has it keeps it until somebody takes it back.',
          warns(
            `“${plan.verb} ${plan.target}” was due ${momentOf(at)}, and is not done.`,
            'goldbot does it by itself once it runs and may; see what is in the way:',
            `@goldbot ${line(call('runs', { failed: true }))}`,
          ),
        ),
      ),
});

/** What goldbot has promised to take back: it needs the roles for it. */
export function promisedBy(kept: readonly AgreedEnd[]): NonNullable<House['promised']> {
  return new Set(kept.map(({ plan }) => (isAccessPlan(plan) ? 'right' : 'share')));
}

/** The same where the database may be silent: the look after the ends says so then. */
export async function promisedIn(house: Pick<HouseRead, 'ends'>): Promise<NonNullable<House['promised']>> {
  try {
    return promisedBy((await house.ends()) ?? []);
  } catch (error) {
    if (!isUserError(error)) throw error;
    return new Set();
  }
}
