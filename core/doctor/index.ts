/**
 * The doctor: what of goldbot's house is not as it should be, before it hurts. house.ts says what is asked, examine.ts
 * makes the looks, the other files have them by subject; those before a build are core/preflight's; desk.ts is for a
 * person who looks before goldbot does. The command `doctor` and `npm run doctor` call it. Reads alone.
 */
import { buildLooks } from './builds';
import { ends } from './ends';
import { type Examination, examineBy } from './examine';
import type { DoctorRead, House, HouseLook, HouseRead } from './house';
import { clock, database, files, settings, signing } from './own';
import { channels, groups } from './people';
import { buildGroup, gallery, regions, subscription } from './place';
import { receivers } from './programs';
import { readLooks } from './reads';
import { roles } from './roles';
import { signIn } from './sign-in';

export { type ConsentRead, type Desk, examineFromDesk } from './desk';
export { promisedBy, promisedIn } from './ends';
export type { Examination } from './examine';
export type {
  DatabaseAnswer,
  DatabaseState,
  DoctorRead,
  House,
  HouseRead,
  HouseSettings,
  SignIn,
  SubscriptionRead,
} from './house';

/** Findings stand in this order among those of one severity. */
const looks: readonly HouseLook[] = [
  ...[
    settings,
    files,
    database,
    clock,
    signIn,
    groups,
    channels,
    subscription,
    buildGroup,
    gallery,
    regions,
    roles,
    signing,
    receivers,
    ends,
  ],
  ...readLooks,
  ...buildLooks,
];

/** Looks at everything, for half a minute at most. */
export function examine(read: DoctorRead, house: House): Promise<Examination> {
  return examineBy(looks, read, house);
}

/** What can be looked at while there is no catalogue to look by. */
export function examineWithoutCatalogue(house: HouseRead): Promise<Examination> {
  return examineBy([settings, files, database, signIn], { house }, undefined);
}

/** What no look can tell, for people to look at themselves. */
export const unknowable: readonly string[] = [
  'Which version of the app package the tenant has, Teams tells no bot: the Teams admin centre does, under Manage apps.',
];
