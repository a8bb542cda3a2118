import { z } from 'zod';
import { due, type PlannedVerb, type VersionPlanView, versionPlanCard } from '../../cards';
import type { GalleryVersion, ImageRef } from '../../core/azure';
import { galleryVersionId } from '../../core/azure-id';
import type { Catalogue, ImageConfig } from '../../core/catalogue';
import { type CommandCall, call, exampleCall, type Values, type Verb } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { secondNameOf } from '../../core/images';
import {
  type BlastRadius,
  blastRadius,
  factsOfDeleted,
  type ImageUsers,
  joinedRadius,
  type Relatives,
  readUsers,
  seenOf,
  type VersionFacts,
  withCopies,
} from '../../core/lifecycle';
import {
  blockedBy,
  byApprovers,
  type ChangeApproval,
  type Descendant,
  decidersInTurn,
  partsOf,
  type VersionPlan,
  type VersionVerb,
} from '../../core/runs';
import { parseWhen } from '../../core/time';
import { type Answer, type CommandContext, count, type Deps, flag, type splitRef, word } from '../conversation';
import { ifKnown, imageOf, needVersion, pickVersion, versionsOf } from '../present';
import { familyIn } from './family';
import { joinFlag } from './joining';
import { refuse } from './refuse';
import { inSecond } from './second';
import { type Joins, startChange } from './start';

/**
 * What the commands about a version's later life share: first the plan, which shows who uses it and what would become of
 * them, then, with the word of exactly that plan, the run that asks for approval.
 */

/** Options that the plan card fills in. */
export const planArgs = {
  agreed: word('The word of the plan that you agree to', 'word', {
    ...{ form: false, machinery: true },
    example: '3f9c1ab2',
  }).optional(),
  machines: count('How many machines run it, where the plan asks you to type it', 10_000_000, {
    example: '1240',
    form: false,
    people: true,
  }).optional(),
  breakGlass: flag('Even though something would break; needs two more approvers, and a review afterwards', {
    form: false,
    people: true,
  }),
  join: joinFlag,
};

/** For what can be agreed to now and done later. */
export const laterArgs = {
  at: word('Not before then, such as +14d or 2027-01-04', 'when', { example: '+14d', form: false }).optional(),
};

const agreement = z.object(planArgs);

type Ref = ReturnType<typeof splitRef>;

/** A version that somebody named, with what is around it. */
export interface VersionNamed {
  readonly image: ImageConfig;
  readonly gallery: ImageRef;
  readonly all: readonly GalleryVersion[];
  readonly number: string;
  /** Absent: it is deleted, and the gallery keeps it. */
  readonly version?: GalleryVersion;
}

/** What a verb adds to the plan, and to what people are shown. */
export interface Prepared {
  readonly plan?: Partial<VersionPlan>;
  readonly more?: readonly { readonly title: string; readonly value: string }[];
}

export interface VersionAsked extends z.output<typeof agreement> {
  readonly verb: PlannedVerb;
  readonly ref: Ref;
  readonly reason?: string | undefined;
  readonly at?: string | undefined;
  readonly descendants?: boolean;
  /** Its copy in the second gallery goes too. */
  readonly second?: boolean;
  /** Why it cannot be done to this version, a sentence; undefined when it can. */
  readonly problem: (named: VersionNamed) => string | undefined;
  readonly prepare?: (named: VersionNamed) => Promise<Prepared>;
}

/**
 * The version that is meant: by its number, or by a word for one.
 *
 * @throws UserError `BAD_COMMAND` without one, `UNKNOWN_VERSION`. `deleted`: one that the gallery keeps is meant as well.
 */
export async function versionNamed(
  { verb, ref }: { readonly verb: VersionVerb; readonly ref: Ref },
  deps: Deps,
  { deleted = false } = {},
): Promise<VersionNamed> {
  const { image, ref: gallery } = imageOf(deps.catalogue(), ref.image);
  const wanted = mustName(verb, ref);
  const all = await versionsOf(image, deps);
  if (deleted && !pickVersion(all, wanted)) {
    const kept = (await deps.read.softDeleted(gallery)).find(({ version }) => version === wanted);
    if (kept) return { image, gallery, all, number: kept.version };
  }
  const version = needVersion(all, wanted, image);
  return { image, gallery, all, number: version.version, version };
}

/** Shows the plan, or starts it once somebody agrees to it as it is. */
export async function changeVersion(ctx: CommandContext, asked: VersionAsked, deps: Deps): Promise<Answer> {
  const { verb, reason, prepare } = asked;
  const named = await versionNamed(asked, deps, { deleted: verb === 'restore' });
  const { image, number } = named;
  refuse(image, asked.problem(named));
  const prepared = await prepare?.(named);
  const all = named.version ? named.all : [...named.all, factsOfDeleted(number, image.regions)];
  const at = asked.at === undefined ? undefined : momentNamed(asked.at, ctx.now, image);
  const later = at === undefined ? {} : { at: at.toISOString() };
  const family = asked.descendants ? await familyIn(ctx, { image, number, verb }, deps) : undefined;
  const copy = await inSecond({ verb, second: asked.second === true, now: ctx.now }, named, deps);
  const base = together({ ...planOf(verb, named, reason), ...later, ...prepared?.plan, ...family?.plan }, copy.copy);
  const values = {
    ...{ ref: `${image.name}@${number}`, ...(reason !== undefined && { reason }), ...later },
    ...(family && { descendants: true }),
    ...(copy.copy && { second: true }),
  };
  const { instead } = copy;
  const shown = instead && (() => ({ instead: [call(verb, { ...values, ...instead })] }));
  const when = at && { title: 'When', value: `${due(at)}, not before; it can be cancelled until then.` };
  const more = [...(family?.more ?? []), ...copy.more, ...(when ? [when] : []), ...(prepared?.more ?? [])];
  const meant = { ...asked, image, all, values, base, more, relatives: family?.relatives };
  return planOrStart(ctx, { ...meant, ...(shown && { shown }) }, deps);
}

/** Its copy is the last that goes before it. */
function together(plan: VersionPlan, copy: Descendant | undefined): VersionPlan {
  if (!copy) return plan;
  const target = `${plan.target} and its copy in ${copy.gallery.gallery}`;
  return { ...plan, target, descendants: [...(plan.descendants ?? []), copy] };
}

/** What a person asks to be done to versions, read as far as the gallery goes. */
export interface VersionsMeant extends Pick<VersionAsked, 'verb' | 'agreed' | 'machines' | 'join' | 'breakGlass'> {
  readonly image: ImageConfig;
  /** Those that the gallery has, or will have. */
  readonly all: readonly VersionFacts[];
  /** What the same command says again, without the plan's word. */
  readonly values: Values;
  /** The plan but for what the inventory tells, and for who decides. */
  readonly base: Omit<VersionPlan, 'radius' | 'approval'>;
  readonly more: NonNullable<Prepared['more']>;
  /** Approvers are asked only where somebody would break or take another version. */
  readonly freely?: boolean;
  /** What the plan shows besides, from who uses the image. */
  readonly shown?: (consumers: ImageUsers['consumers']) => ShownBesides;
  /** What was read already of each image that it is about. */
  readonly relatives?: Relatives | undefined;
  /** The command that asks, where it is another one than the verb. */
  readonly command?: Verb;
}

type ShownBesides = Pick<VersionPlanView, 'copies' | 'instead'>;

/** Shows who uses them and what would become of everybody, or starts it once somebody agrees to that as it is. */
export async function planOrStart(ctx: CommandContext, asked: VersionsMeant, deps: Deps): Promise<Answer> {
  const { verb, image, all, base, command = verb } = asked;
  const catalogue = deps.catalogue();
  const parts = partsOf(base);
  const usersOf = onceEach(deps, asked.relatives);
  const looked = await Promise.all(
    parts.map((part) =>
      lookAt(ctx, part, { usersOf, relatives: asked.relatives, all: part === base ? all : undefined }, deps),
    ),
  );
  const ids = parts.flatMap(({ gallery, versions }) =>
    versions.map((one) => galleryVersionId(gallery, one).toLowerCase()),
  );
  const radius = joinedRadius(looked, new Set(ids));
  const { users } = looked.at(-1) ?? { users: { consumers: [], unseen: [], gaps: [], asOf: ctx.now } };
  const breaks = radius.breaks.length > 0;
  const approval = byApprovers(image, ctx.now);
  const isFree = asked.freely === true && !breaks && radius.moves.length === 0;
  const plan: SeenPlan = {
    ...{ ...base, radius: seenOf(radius) },
    ...(!isFree && { approval: breaks ? breaking(approval) : approval }),
    ...(breaks && { breakGlass: true }),
  };
  const values = { ...asked.values, ...(breaks && { breakGlass: true }) };
  const lacking = breaks ? await whoLacks(ctx, plan, deps) : undefined;
  const refused = refusalOf(asked, { plan, radius }, catalogue) ?? (asked.agreed === undefined ? undefined : lacking);
  if (asked.agreed === undefined || refused !== undefined) {
    const agree = lacking === undefined ? call(command, { ...values, agreed: plan.radius.digest }) : undefined;
    const more = [...asked.more, ...(lacking === undefined ? [] : [{ title: 'Break glass', value: lacking }])];
    const besides = asked.shown?.(users.consumers) ?? {};
    const shown = { verb, radius, refused, agree, asOf: users.asOf, catalogue, more, besides };
    return { ...planCard(plan, shown), ...(agree && { agree }) };
  }
  const joins = call(command, { ...values, agreed: plan.radius.digest, ...typed(asked), join: true });
  return startChange(ctx, plan, deps, { join: asked.join, call: joins });
}

interface KnownAlready {
  /** Its versions. */
  readonly all: readonly VersionFacts[] | undefined;
  /** What was read of each image. */
  readonly relatives: Relatives | undefined;
  readonly usersOf: (image: ImageConfig) => Promise<ImageUsers>;
}

/** A version and its copy have the same users: each image is asked about once. */
function onceEach(deps: Deps, relatives: Relatives | undefined): KnownAlready['usersOf'] {
  const asked = new Map<string, Promise<ImageUsers>>();
  return async (image) => {
    const known = relatives?.get(image.name);
    const users = known ?? asked.get(image.name) ?? readUsers(deps.read, deps.catalogue(), image);
    if (users instanceof Promise) asked.set(image.name, users);
    return users;
  };
}

/** Who uses the image of one part of a plan, and what would become of them. */
async function lookAt(
  { now }: CommandContext,
  part: VersionPlan,
  { all, relatives, usersOf }: KnownAlready,
  deps: Deps,
): Promise<BlastRadius & { readonly image: string; readonly users: ImageUsers }> {
  const { image } = imageOf(deps.catalogue(), part.image);
  const gallery = secondNameOf(deps.catalogue().azure, part.gallery);
  const own = gallery === undefined ? relatives?.get(image.name)?.all : await deps.read.versions(part.gallery);
  const listed = all ?? own ?? (await versionsOf(image, deps));
  const [users, there] = await Promise.all([usersOf(image), withCopies(deps.read, part.gallery, listed)]);
  return { ...blastRadius({ ...part, act: part.verb, all: there, users, gallery, now }), image: image.name, users };
}

/** To the whole second, so that the same plan means the same moment. @throws UserError when it is not ahead. */
function momentNamed(text: string, now: Date, image: ImageConfig): Date {
  const found = parseWhen(text, now);
  if (found && found > now) return new Date(Math.floor(found.getTime() / 1_000) * 1_000);
  refuse(image, `"${text.slice(0, 40)}" ${found ? 'is in the past' : 'is not a date'}: nothing was planned.`);
  return now;
}

/** For what takes nothing away from anybody: it is started without a plan to agree to. */
export function startVersionChange(
  ctx: CommandContext,
  verb: VersionVerb,
  { named, plan, joins }: { readonly named: VersionNamed; readonly plan: Partial<VersionPlan>; readonly joins?: Joins },
  deps: Deps,
): Promise<Answer> {
  return startChange(ctx, { ...planOf(verb, named, undefined), ...plan }, deps, joins);
}

function planOf(
  verb: VersionVerb,
  { image, gallery, number, version }: VersionNamed,
  reason: string | undefined,
): VersionPlan {
  return {
    ...{ verb, image: image.name, gallery, versions: [number] },
    ...{ target: `${image.name} ${number}`, team: null },
    ...(reason !== undefined && { reason }),
    ...(!version && { deleted: true }),
  };
}

const typed = ({ machines }: VersionsMeant): Values => (machines === undefined ? {} : { machines });

/** A version is named by its number: what is latest now may be another one in a minute. */
function mustName(verb: VersionVerb, ref: Ref): string {
  if (ref.version !== undefined) return ref.version;
  throw new UserError('BAD_COMMAND', `“${verb}” is about one version of ${ref.image}; none was named.`, {
    hint: 'Name it.',
    next: [exampleCall(verb, { ref: `${ref.image}@1.4.1` }), call('versions', { image: ref.image })],
  });
}

/** One whose users somebody has been shown. */
type SeenPlan = VersionPlan & Required<Pick<VersionPlan, 'radius'>>;

interface Planned {
  readonly plan: SeenPlan;
  readonly radius: BlastRadius;
}

/** Why the agreement does not count; undefined when it does, or when there was none. */
function refusalOf(asked: VersionsMeant, { plan, radius }: Planned, catalogue: Catalogue): string | undefined {
  if (asked.agreed === undefined) return undefined;
  if (radius.breaks.length > 0 && !asked.breakGlass) return 'Something would break.';
  if (asked.agreed.toLowerCase() !== plan.radius.digest)
    return 'Things have changed since that plan: look at it again.';
  const wanted = toType(plan, catalogue);
  if (wanted === undefined || asked.machines === wanted) return undefined;
  return asked.machines === undefined
    ? 'The number of machines was not typed.'
    : `${asked.machines} was typed, and ${wanted} machines run it.`;
}

/** Above the catalogue's threshold a person types how many machines it is about: nobody does that by accident. */
function toType({ radius: { machines }, approval }: SeenPlan, { azure }: Catalogue): number | undefined {
  return approval && machines > azure.lifecycle.typeMachinesAbove ? machines : undefined;
}

interface Shown {
  readonly verb: PlannedVerb;
  readonly radius: BlastRadius;
  readonly refused: string | undefined;
  readonly agree: CommandCall | undefined;
  readonly more: NonNullable<Prepared['more']>;
  readonly besides: ShownBesides;
  readonly asOf: Date;
  readonly catalogue: Catalogue;
}

function planCard(plan: SeenPlan, { verb, radius, refused, agree, more, besides, asOf, catalogue }: Shown): Answer {
  const { image, versions, reason, approval, to, forward, second, gallery } = plan;
  const wanted = toType(plan, catalogue);
  return versionPlanCard({
    ...{ verb, image, versions, radius, more, asOf },
    ...besides,
    ...(reason !== undefined && { reason }),
    ...(to !== undefined && { to }),
    ...(forward !== undefined && { forward }),
    ...(second && { into: gallery.gallery }),
    ...(refused !== undefined && { refused }),
    ...(agree && { agree }),
    ...(wanted !== undefined && { toType: wanted }),
    ...(approval && {
      decides: { group: decidersInTurn(approval.rule), channel: approval.channel, quorum: approval.rule.quorum },
    }),
  });
}

/** Two people beside the one who asks. */
const glassQuorum = 2;

function breaking({ rule, ...approval }: ChangeApproval): ChangeApproval {
  return { ...approval, rule: { ...rule, quorum: Math.max(rule.quorum, glassQuorum) } };
}

/** Why nobody could break the glass as things are, a sentence; undefined: enough people could, or nobody knows. */
async function whoLacks(
  { person }: CommandContext,
  { approval }: VersionPlan,
  deps: Deps,
): Promise<string | undefined> {
  if (!approval) return undefined;
  const { rule } = approval;
  const blocked = blockedBy(rule, [person], await ifKnown(deps.deciders(rule.group)));
  if (!blocked) return undefined;
  const able = blocked.why === 'too few' ? blocked.able : 0;
  return `It takes ${rule.quorum} people of ${rule.groupName} besides you, and ${able === 1 ? '1 person could' : `${able} could`} decide: have an Entra administrator add some.`;
}
