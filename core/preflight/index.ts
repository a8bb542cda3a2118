/**
 * Looks before a build: whether quota, providers, roles, network, policies and sizes let it be made. look.ts says what
 * a look is, facts.ts what it reads through the ports; the other files have the looks by subject. `publish --plan` and
 * the stage `capture` call it.
 */
import type { AzureRead } from '../azure';
import type { FixedPlan } from '../runs';
import { containers, cores } from './capacity';
import { type Finding, type Look, lookAll } from './look';
import { networks } from './network';
import { builder, own } from './rights';
import { locks, policies, providers, staging, terms } from './standing';

export type {
  Grant,
  MachineSize,
  ManagementLock,
  Permission,
  PlannedResource,
  PolicyDenial,
  PreflightRead,
  Subnet,
  Usage,
} from './facts';
export {
  type Finding,
  inOrder,
  inWords,
  type Look,
  type LookAt,
  type Looked,
  look,
  lookOnce,
  patienceMs,
  stops,
  unseenFinding,
  warns,
} from './look';
export { allowedBy, allows, itself, own, permissionsAt } from './rights';
export { staging } from './standing';

/** What the looks need to know of a build that is planned, or of one that somebody will ask for. */
export type PlannedBuild = Pick<FixedPlan, 'image' | 'version' | 'place' | 'target' | 'identity'> &
  Pick<FixedPlan, 'buildVmSize' | 'testVmSize' | 'testSubnetId' | 'buildSettings' | 'testTags'> & {
    readonly base: Pick<FixedPlan['base'], 'plan'>;
  };

/** What is looked at before each build; findings stand in this order among those of one severity. */
export const looksBeforeBuilds: readonly Look<PlannedBuild>[] = [
  providers,
  cores,
  containers,
  builder,
  networks,
  staging,
  locks,
  policies,
  terms,
  own,
];

/**
 * What stands in the way of a build by this plan, and what could not be seen. Reads alone. A staging group of one's own
 * holds what the attempt before left, and is emptied before the next template is made.
 */
export function preflight(read: AzureRead, plan: FixedPlan, attempt = 1): Promise<readonly Finding[]> {
  const looks = looksBeforeBuilds;
  return lookAll(attempt === 1 ? looks : looks.filter((one) => one !== staging), read, plan);
}
