import { type ManagementGroups, teamTags } from '../../core/access';
import type { Catalogue } from '../../core/catalogue';
import {
  type ComplianceFigures,
  type Counted,
  countTeams,
  type Inventory,
  type MachineCount,
  mostRead,
  placesToAsk,
  type ServiceModel,
} from '../../core/compliance';
import { isUserError, UserError } from '../../core/errors';
import { goldenGallery, imageRef } from '../../core/images';
import type { Deps } from '../conversation';

/** Everybody's machines at one moment, and what Azure did not tell about them. */
export interface EstateLook extends Omit<Inventory, 'now'> {
  readonly untold: readonly Untold[];
}

interface Untold {
  readonly part: keyof Inventory;
  readonly sentence: string;
}

type Asking = Pick<Deps, 'read'>;

/** Machines of one image or of one kind alone. */
export interface Only {
  /** Name in the catalogue. */
  readonly image?: string;
  /** A number. */
  readonly version?: string;
  readonly class?: ServiceModel | 'undecided';
}

/** From the first question on; machine time. Who has waited for the counts does not wait as long again for rows. */
const patienceMs = 2_500;

/**
 * Asks everything at once: the person waits for the slowest answer, not for the sum. Where the teams that are meant (all,
 * when absent) share resource groups, machines there are read one by one as soon as the counts tell which.
 *
 * @throws UserError `AZ_…` when the machines themselves could not be counted: without them nothing can be told.
 */
export async function lookAtEstate(
  asking: Asking,
  catalogue: Catalogue,
  { teams, ...only }: Only & Meant = {},
): Promise<EstateLook> {
  const narrow = (only.image ?? only.version ?? only.class) !== undefined;
  const untold: Untold[] = narrow ? [...byGroupAlone] : [];
  const told: Told = (part, what, look) =>
    orMissing(look, (error) => void untold.push({ part, sentence: without(what, error) }));
  const counts = asking.read.machineCounts(teamTags(catalogue.teams));
  const above = told(
    'managementGroups',
    'which teams have machines by management group',
    groupsAbove(asking, catalogue),
  );
  const unread: string[] = [];
  const rows = narrow ? undefined : oneByOne(asking, { catalogue, teams, counts, above });
  const [machines, managementGroups, mixed, versions, verdicts] = await Promise.all([
    counts,
    above,
    rows && orMissing(rows, (error) => void unread.push(without('what concerns single machines there', error))),
    told('versions', 'which golden versions there are', asking.read.publishedVersions(goldenImages(catalogue))),
    narrow ? noVerdicts : verdictsOf(asking, told),
  ]);
  const nothing = { rows: [], asOf: machines.asOf };
  return {
    catalogue,
    machines: { ...machines, rows: machines.rows.filter(fits(only, catalogue)) },
    managementGroups: managementGroups ?? new Map(),
    versions: versions ?? nothing,
    policies: verdicts.policies ?? nothing,
    guests: verdicts.guests ?? nothing,
    exemptions: verdicts.exemptions ?? nothing,
    ...(mixed && { mixed }),
    ...(unread[0] && { unread: unread[0] }),
    untold,
  };
}

interface Meant {
  readonly teams?: readonly (string | null)[] | undefined;
}

interface Counting extends Meant {
  readonly catalogue: Catalogue;
  readonly counts: Promise<Counted<MachineCount>>;
  readonly above: Promise<ManagementGroups | undefined>;
}

/** @throws UserError `AZ_…`, `AZ_SILENT` when the person has waited long enough for everything together. */
async function oneByOne({ read }: Asking, { catalogue, teams, counts, above }: Counting) {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(tooLate()), patienceMs);
  });
  const rows = async () => {
    const [machines, managementGroups = new Map()] = await Promise.all([counts, above]);
    const places = placesToAsk({ catalogue, managementGroups, machines }, teams);
    return places.length === 0 ? undefined : read.machineStates(places, teamTags(catalogue.teams), mostRead);
  };
  try {
    return await Promise.race([late, rows()]);
  } finally {
    clearTimeout(timer);
  }
}

function tooLate(): UserError {
  return new UserError('AZ_SILENT', `Azure has not answered for ${patienceMs / 1000} s.`, {
    hint: 'Try again in a minute.',
  });
}

type Told = <T>(part: keyof Inventory, what: string, look: Promise<T>) => Promise<T | undefined>;
const noVerdicts: Verdicts = {};
type Verdicts = Partial<Pick<Inventory, 'policies' | 'guests' | 'exemptions'>>;

const byGroupAlone: readonly Untold[] = [
  {
    part: 'policies',
    sentence:
      'Policies, guest configuration and exemptions are counted by resource group, not by image or kind; ask without those options.',
  },
  { part: 'guests', sentence: '' },
];

async function verdictsOf({ read }: Asking, told: Told): Promise<Verdicts> {
  const [policies, guests, exemptions] = await Promise.all([
    told('policies', 'what policies say', read.policyCounts()),
    told('guests', 'what machines report from inside', read.guestCounts()),
    told('exemptions', 'what is exempt', read.exemptions()),
  ]);
  return { ...(policies && { policies }), ...(guests && { guests }), ...(exemptions && { exemptions }) };
}

/** Whether a machine is of the image and the kind that alone are asked for. */
export function fits({ image, version, class: kind }: Only, catalogue: Catalogue) {
  const { images } = goldenGallery(catalogue, []);
  return ({ source, version: runs, model }: Pick<MachineCount, 'source' | 'version' | 'model'>): boolean =>
    (image === undefined || images.get(source.toLowerCase()) === image) &&
    (version === undefined || runs === version) &&
    (kind === undefined || (model ?? 'undecided') === kind);
}

/** A figure that Azure did not tell is missing, never zero: nobody shall take silence for a good state. */
export function figuresOf(look: EstateLook, now: Date): readonly ComplianceFigures[] {
  const silent = new Set(look.untold.map(({ part }) => part));
  const sentences = look.untold.map(({ sentence }) => sentence).filter((sentence) => sentence !== '');
  return countTeams({ ...look, now }).map(({ policy, guest, missing, ...standing }) => ({
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
export async function groupsAbove({ read }: Asking, { teams }: Catalogue): Promise<ManagementGroups> {
  const needed = [...teams.values()].some(({ scope }) => 'managementGroup' in scope);
  return needed ? read.managementGroups() : new Map();
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
