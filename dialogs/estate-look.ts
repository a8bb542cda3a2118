import type { Catalogue } from '../core/catalogue';
import { isUserError, type UserError } from '../core/errors';
import { imageRef } from '../core/planning';
import type { TeamStanding } from '../core/standing';
import { type StandingInput, standings } from '../core/standings';
import { type ManagementGroups, teamTags } from '../core/teams';
import type { Deps } from './define';

/** Everybody's machines at one moment, and what Azure did not tell about them. */
export interface EstateLook extends Omit<StandingInput, 'now'> {
  readonly untold: readonly Untold[];
}

interface Untold {
  readonly part: keyof StandingInput;
  readonly sentence: string;
}

type Asking = Pick<Deps, 'looks'>;

/**
 * Asks everything at once: the person waits for the slowest answer, not for the sum.
 *
 * @throws UserError `AZ_…` when the machines themselves could not be counted: without them nothing can be told.
 */
export async function lookAtEstate({ looks }: Asking, catalogue: Catalogue): Promise<EstateLook> {
  const untold: Untold[] = [];
  const told = <T>(part: keyof StandingInput, what: string, look: Promise<T>) =>
    orMissing(look, (error) => void untold.push({ part, sentence: without(what, error) }));
  const [machines, groups, versions, policies, guests, exemptions] = await Promise.all([
    looks.machineCounts(teamTags(catalogue.teams)),
    told('managementGroups', 'which teams have machines by management group', groupsAbove({ looks }, catalogue)),
    told('versions', 'which golden versions there are', looks.publishedVersions(goldenImages(catalogue))),
    told('policies', 'what policies say', looks.policyCounts()),
    told('guests', 'what machines report from inside', looks.guestCounts()),
    told('exemptions', 'what is exempt', looks.exemptions()),
  ]);
  const nothing = { rows: [], asOf: machines.asOf };
  return {
    catalogue,
    machines,
    managementGroups: groups ?? new Map(),
    versions: versions ?? nothing,
    policies: policies ?? nothing,
    guests: guests ?? nothing,
    exemptions: exemptions ?? nothing,
    untold,
  };
}

/** A figure that Azure did not tell is missing, never zero: nobody shall take silence for a good state. */
export function standingsOf(look: EstateLook, now: Date): readonly TeamStanding[] {
  const silent = new Set(look.untold.map(({ part }) => part));
  const sentences = look.untold.map(({ sentence }) => sentence);
  return standings({ ...look, now }).map(({ policy, guest, missing, ...standing }) => ({
    ...standing,
    ...(policy && !silent.has('policies') && { policy }),
    ...(guest && !silent.has('guests') && { guest }),
    missing: [...sentences, ...missing],
  }));
}

export function goldenImages({ azure, images }: Pick<Catalogue, 'azure' | 'images'>) {
  return images.map((image) => imageRef(azure, image));
}

/** Asked for only where a team is mapped by one. */
export async function groupsAbove({ looks }: Asking, { teams }: Catalogue): Promise<ManagementGroups> {
  const needed = [...teams.values()].some(({ scope }) => 'managementGroup' in scope);
  return needed ? looks.managementGroups() : new Map();
}

/** Undefined when Azure is silent or refuses; what is wrong with goldbot itself is thrown. */
export async function orMissing<T>(look: Promise<T>, tell: (error: UserError) => void): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (!isUserError(error)) throw error;
    tell(error);
    return undefined;
  }
}

export function without(what: string, error: UserError): string {
  return `Azure did not say ${what}: ${error.message}`;
}
