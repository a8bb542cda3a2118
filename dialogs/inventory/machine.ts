import { choiceCard, type MachineView, machineCard, policyWords } from '../../cards';
import { placeKey, placeOf } from '../../core/access';
import type { GalleryVersion, MachineFacts } from '../../core/azure';
import { azureId, nameOfId, parseAzureId, sameId } from '../../core/azure-id';
import { roleWith } from '../../core/azure-roles';
import type { Catalogue } from '../../core/catalogue';
import { type CommandCall, call, offered } from '../../core/command-call';
import {
  type Classification,
  canMend,
  classifyModel,
  decidedModel,
  definitionsOf,
  type Gap,
  type Machine,
  type MachineCompliance,
  machineTeams,
  policyWord,
  questions,
  seriesOf,
  serviceModelOf,
  stemOf,
  writtenSource,
} from '../../core/compliance';
import { isUserError, UserError } from '../../core/errors';
import {
  compareVersions,
  differenceText,
  followedOf,
  forgeries,
  type GoldenGallery,
  goldenGallery,
  goldenVersionsIn,
  imageRef,
  lineageOf,
  noneIfMissing,
  type Origin,
  type TattooEvidence,
  type Unread,
} from '../../core/images';
import { allows } from '../../core/preflight';
import type { Answer, CommandContext, Deps } from '../conversation';
import { portalOf } from '../present';
import { seenTeam } from './meant';

/** How many machines with the same name are offered. */
const mostNamesakes = 7;
/** How many neighbours are compared to tell pets from cattle. */
const mostNeighbours = 1_000;

/** A machine that the person may look at. */
export interface Seen {
  readonly machine: Machine;
  readonly team: string | null;
}

/** `compliance --why <vm>`: what policies, its image and its name say about one machine, and what to do. */
export async function whyMachine(ctx: CommandContext, typed: string, deps: Deps): Promise<Answer> {
  const { ask, gaps } = questions();
  const named = await namedAlike(deps, typed);
  const seen = await seenAmong(ctx, { typed, found: named.found }, deps);
  if (!('machine' in seen))
    return chooseMachine(
      typed,
      seen.map(({ machine }) => machine),
      (why) => call('compliance', { why }),
    );
  const { machine, team } = seen;
  const catalogue = deps.catalogue();
  const [compliance, versions, follows] = await Promise.all([
    deps.read.machineCompliance(machine.id),
    ask('versions', deps.read.publishedVersions(definitionsOf(catalogue))),
    deps.reads.follows(),
  ]);
  const neighbours = named.alike.filter((other) => placeKey(other) === placeKey(machine));
  const gallery = goldenGallery(catalogue, versions?.rows ?? [], followedOf(follows));
  const origin = lineageOf(machine, gallery, ctx.now, team);
  const model = modelOf(machine, origin, neighbours, ctx.now);
  return machineCard(
    viewOf(ctx, { machine, team, compliance, origin, model, latest: latestFor(machine, origin, gallery), gaps }, deps),
  );
}

/**
 * The machine by name or resource id; all of them if the person may see several with that name.
 *
 * @throws UserError `UNKNOWN_MACHINE`, `WRONG_ROLE`.
 */
export async function machineSeen(
  ctx: CommandContext,
  typed: string,
  deps: Pick<Deps, 'read' | 'catalogue'>,
): Promise<Seen | readonly Seen[]> {
  const [{ rows: found }] = await Promise.all([
    deps.read.machineList(exactly(typed), mostNamesakes),
    machineTeams(deps.read, deps.catalogue()),
  ]);
  return seenAmong(ctx, { typed, found }, deps);
}

const exactly = (typed: string) => (typed.startsWith('/') ? { ids: [typed] } : { name: typed });

/** In one question: the machines of this name or id, and all whose names differ only in their numbers. */
async function namedAlike({ read }: Pick<Deps, 'read'>, typed: string) {
  const name = typed.startsWith('/') ? nameOfId(typed) : typed;
  const stem = stemOf(name);
  const filter = stem === '' ? exactly(typed) : { nameBegins: stem };
  const { rows: alike, total } = await read.machineList(filter, mostNeighbours);
  const found = alike.filter((one) => sameId(typed.startsWith('/') ? one.id : one.name, typed));
  // So many are called alike that the one that was meant may not be among the first.
  const cut = found.length === 0 && total > alike.length;
  return { alike, found: cut ? (await read.machineList(exactly(typed), mostNamesakes)).rows : found };
}

async function seenAmong(
  ctx: CommandContext,
  { typed, found }: { readonly typed: string; readonly found: readonly Machine[] },
  deps: Pick<Deps, 'read' | 'catalogue'>,
): Promise<Seen | readonly Seen[]> {
  const catalogue = deps.catalogue();
  const teamOf = await machineTeams(deps.read, catalogue);
  const all = found.slice(0, mostNamesakes).map((machine) => ({ machine, team: teamOf(machine) }));
  const [first] = all;
  if (!first) throw unknownMachine(typed);
  const seen = all.filter(({ team }) => ctx.rights.sees(team));
  const [only] = seen;
  if (!only) seenTeam(ctx, catalogue, first.team);
  return seen.length > 1 ? seen : (only ?? first);
}

export function unknownMachine(typed: string): UserError {
  return new UserError('UNKNOWN_MACHINE', `goldbot sees no machine "${typed.slice(0, 120)}".`, {
    hint: 'Use the name or the resource id that the Azure portal shows, or see which machines there are.',
    next: [call('compliance')],
  });
}

/** Several machines have the name that was typed. `about`: the command for the one with this resource id. */
export function chooseMachine(
  typed: string,
  machines: readonly { readonly id: string; readonly location?: string }[],
  about: (id: string) => CommandCall,
): Answer {
  return choiceCard({
    message: `Which "${typed.slice(0, 80)}" do you mean?`,
    reason: `${machines.length} machines have this name.`,
    choices: machines.map(({ id, location }) => ({
      title: [`${placeOf(id).resourceGroup}/${nameOfId(id)}`, location].filter(Boolean).join(' · '),
      call: about(id),
    })),
  });
}

function modelOf(
  machine: Machine,
  { lineage }: Origin,
  neighbours: readonly Machine[] | undefined,
  now: Date,
): Classification & { readonly proposed: Classification } {
  const tag = serviceModelOf(machine.tags);
  const evidence = {
    type: machine.type,
    lineage,
    ...(machine.scaleSet !== undefined && { scaleSet: machine.scaleSet }),
    ...(machine.createdAt && { createdAt: machine.createdAt }),
    ...(neighbours && { series: seriesOf(machine, neighbours) }),
  };
  const proposed = classifyModel(evidence, now);
  return { ...(tag === undefined ? proposed : classifyModel({ ...evidence, tag }, now)), proposed };
}

/** The highest version that the machine's own region offers. */
function latestFor(machine: Machine, { image }: Origin, { versions }: GoldenGallery): string | undefined {
  const offered = (image === undefined ? [] : (versions.get(image) ?? [])).filter(
    (v) => !v.excludedFromLatest && v.regions.includes(machine.location),
  );
  return offered
    .map((v) => v.version)
    .sort(compareVersions)
    .at(-1);
}

interface Known extends Seen {
  readonly compliance: MachineCompliance;
  readonly origin: Origin;
  readonly model: ReturnType<typeof modelOf>;
  readonly latest: string | undefined;
  readonly gaps: readonly Gap[];
}

const confidence = { sure: 'high', likely: 'medium', guess: 'low' } as const;

function viewOf(ctx: CommandContext, known: Known, deps: Deps): MachineView {
  const { machine, team, compliance, origin, model, latest, gaps } = known;
  const decided = decidedModel(machine.tags);
  const { lineage, image, versionsBehind, daysBehind, endOfLife } = origin;
  return {
    name: machine.name,
    portal: portalOf(azureId(machine.id).parent ?? machine.id, deps),
    subscription: machine.subscription,
    resourceGroup: machine.resourceGroup,
    type: machine.type,
    location: machine.location,
    team,
    ...(machine.scaleSet !== undefined && { scaleSet: machine.scaleSet }),
    ...(machine.createdAt && { createdAt: machine.createdAt }),
    lineage: {
      lineage,
      ...(image !== undefined && { image }),
      ...(machine.version !== '' && { version: machine.version }),
      ...(image === undefined && machine.source !== '' && { source: writtenSource(machine) }),
      versionsBehind,
      ...(daysBehind !== undefined && { daysBehind }),
      ...(endOfLife && { endOfLife }),
      ...(origin.follows && { follows: origin.follows }),
      ...(latest !== undefined && { latest }),
    },
    compliance,
    model: {
      ...(decided && { decided }),
      proposed: model.proposed.model,
      confidence: confidence[model.proposed.confidence],
      evidence: model.proposed.evidence,
    },
    advice: adviceOn({ machine, team, compliance, origin, model: model.model }),
    gaps: [...doubtOf(machine, origin), ...gaps],
    now: ctx.now,
    canAct: ctx.rights.actsFor(team),
  };
}

function doubtOf({ version }: Machine, { image, doubt }: Origin): readonly Gap[] {
  return doubt && image !== undefined ? [{ figure: 'origin', reason: doubt, image, version }] : [];
}

/** What is known about a machine and matters for what to do next. */
interface Advised {
  readonly machine: Machine;
  readonly team: string | null;
  readonly compliance: MachineCompliance;
  readonly origin: Origin;
  readonly model: Classification['model'];
}

/** What to do about a machine, one sentence each, most useful first; empty when there is nothing to do. */
export function adviceOn(known: Advised): readonly string[] {
  return [...policyAdvice(known), ...guestAdvice(known), ...imageAdvice(known), ...teamAdvice(known)];
}

function policyAdvice({ machine, compliance, team }: Advised): readonly string[] {
  const { policies } = compliance;
  if (policies.length === 0 && machine.type !== 'instance') {
    const rescan = offered([call('rescan', team === null ? {} : { team })]);
    return [`Azure Policy has not evaluated it, which does not mean that it is compliant. Ask for it with ${rescan}.`];
  }
  const failures = policies.filter(({ state }) => state === 'NonCompliant');
  const failing = failures.find(({ effect }) => canMend(effect)) ?? failures[0];
  if (!failing) return [];
  const [policy, words] = [policyWord(failing, policies), policyWords(failing, policies)];
  if (!canMend(failing.effect)) {
    return [`${words} only audits: fix what it found by hand, or have the machine exempted for a while.`];
  }
  const remediate = offered([call('remediate', { machine: machine.name, policy })]);
  return [`Fix what ${words} found with ${remediate}, or have the machine exempted for a while.`];
}

function guestAdvice({ compliance }: Advised): readonly string[] {
  const pending = compliance.guest.some(({ status }) => status === 'Pending');
  return pending ? ['It does not report from inside: check that it is running and that its agent is.'] : [];
}

function imageAdvice({ machine, origin: { lineage }, model }: Advised): readonly string[] {
  if (machine.type === 'arc' || lineage === 'latest' || lineage === 'unknown') return [];
  switch (model) {
    case 'cattle':
      return ['Redeploy it from the newest version in the next maintenance window.'];
    case 'pet':
      return ['Agree on an appointment with its owner: it is rebuilt or upgraded by hand.'];
    case 'undecided':
      return [
        `Say what it is with ${offered([call('classify', { machine: machine.name, model: 'pet' }, 'reason')])}, or cattle.`,
      ];
  }
}

function teamAdvice({ machine, team }: Advised): readonly string[] {
  if (team !== null) return [];
  return [`No team has ${machine.name}: tag it, or add its scope to teams.yaml.`];
}

export interface Evidence {
  readonly machine: Machine;
  readonly evidence: TattooEvidence;
  /** The golden version that it was deployed from, according to its image reference. */
  readonly golden?: { readonly image: string; readonly version: string };
  /** The same as the gallery has it; absent when it has it no more, or is silent. */
  readonly version?: GalleryVersion;
  /** Absent: the version has no tattoo, or Azure is silent. */
  readonly tags?: Readonly<Record<string, string>>;
  /** What guest configuration found about the tattoo inside. */
  readonly check?: MachineCompliance['guest'][number];
  /** True when Azure says that nothing checks it; it may also have said nothing. */
  readonly unchecked: boolean;
  readonly gaps: readonly Gap[];
}

/** What is known about where a machine came from, without running anything on it. */
export async function evidenceOf(deps: Deps, { machine }: Seen, facts: MachineFacts | undefined): Promise<Evidence> {
  const catalogue = deps.catalogue();
  const { ask, gaps } = questions();
  const { images } = goldenGallery(catalogue, []);
  const imageReference = facts?.imageReference ?? referenceOf(machine);
  const golden = goldenOf(imageReference, images);
  const [versions, compliance, lacks] = await Promise.all([
    golden ? ask('versions', versionsOf(deps, catalogue, golden.image)) : [],
    ask('tattoo check', deps.read.machineCompliance(machine.id)),
    lackingInside(deps, machine),
  ]);
  const check = compliance?.guest.find(({ name }) => /tattoo/i.test(name));
  const versionOf = (image: string, version: string) =>
    image === golden?.image ? versions?.find((v) => v.version === version) : undefined;
  const tagsOf = (image: string, version: string) => versionOf(image, version)?.tags;
  const own = golden && versionOf(golden.image, golden.version);
  const tags = own?.tags;
  const { diskReference, osName, osVersion } = facts ?? {};
  const evidence = {
    imageReference,
    ...(diskReference && { diskReference }),
    ...(osName && { osName }),
    ...(osVersion && { osVersion }),
    guest: { unread: whyUnread(machine, check, lacks) },
    images,
  };
  const forged = new Map<string, readonly string[]>();
  for (const { image, version } of goldenVersionsIn(evidence)) {
    const found = versionOf(image, version);
    const recorded = found && (await deps.reads.recordedVersions(image)).get(version);
    if (found) forged.set(`${image} ${version}`, forgeries(found, recorded?.fingerprint).map(differenceText));
  }
  return {
    machine,
    evidence: { ...evidence, tagsOf, forgedOf: (image, version) => forged.get(`${image} ${version}`) ?? [] },
    ...(golden && { golden }),
    ...(own && { version: own }),
    ...(tags && { tags }),
    ...(check && { check }),
    unchecked: compliance !== undefined && check === undefined,
    gaps,
  };
}

/** A gallery version id or `publisher:offer:sku:version`, as `MachineFacts` has it; Resource Graph knows all machines. */
function referenceOf({ source, version }: Machine): string {
  if (source === '') return '';
  return source.startsWith('/') ? `${source}/versions/${version}` : `${source}:${version}`;
}

function goldenOf(reference: string, images: ReadonlyMap<string, string>) {
  const found = /^(\/.+\/images\/[^/]+)\/versions\/([^/]+)$/i.exec(reference);
  const image = images.get(found?.[1]?.toLowerCase() ?? '');
  return image === undefined ? undefined : { image, version: found?.[2] ?? '' };
}

async function versionsOf(deps: Deps, catalogue: Catalogue, name: string): Promise<readonly GalleryVersion[]> {
  const image = catalogue.images.find((i) => i.name === name);
  return image ? noneIfMissing(deps.read.versions(imageRef(catalogue.azure, image))) : [];
}

/** The role without which goldbot cannot look inside; undefined when it has it, or when Azure does not say. */
async function lackingInside({ read }: Deps, { id }: Machine): Promise<string | undefined> {
  const action = `${parseAzureId(id)?.type}/runCommands/write`;
  const role = roleWith(action, id);
  if (!role) return undefined;
  const may = await read.ownPermissions(id).catch((error: unknown) => {
    if (isUserError(error)) return undefined;
    throw error;
  });
  return may && !allows(may, action) ? role.name : undefined;
}

/** The check says whether there is a tattoo inside, not what it says. */
function whyUnread({ name }: Machine, check: Evidence['check'], lacks: string | undefined): Unread {
  if (check?.status === 'NonCompliant' && check.reasons.length > 0) {
    return { why: 'guest configuration', said: check.reasons.join(' ') };
  }
  return lacks === undefined ? { why: 'not read', machine: name } : { why: 'not allowed', role: lacks };
}

/** Whether goldbot could look inside if somebody asked, as far as is known. */
export function mayBeRead({ evidence: { guest } }: Evidence): boolean {
  return !('unread' in guest && guest.unread.why === 'not allowed');
}
