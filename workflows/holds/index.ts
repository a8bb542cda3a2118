/**
 * What holds a run back now: locks, which people set by name, and the freeze windows of the catalogue. Asked when
 * something is started (workflows/start, by persons and by schedules) and by the stages that are about to change Azure,
 * which then wait in a stage `hold`.
 */
import { type Catalogue, findImage, freezesImage, freezesOfRollout, freezesTeam } from '../../core/catalogue';
import {
  type ChangePlan,
  type Held,
  type Hold,
  heldUntil,
  holdsAt,
  isVersionPlan,
  type Lock,
  type Override,
  type RolloutPlan,
  type RunOf,
} from '../../core/runs';
import { days, hours } from '../../core/time';
import type { Patch, StageContext, StageLimit, Wait } from '../engine';

export interface HoldDeps {
  /** The catalogue in force now. */
  catalogue(): Catalogue;
  lockOf(image: string): Promise<Lock | undefined>;
}

export interface HeldImage {
  readonly image: string;
  /** Where it is about to be put. */
  readonly regions: readonly string[];
}

/** What holds an image back from these regions at this moment; empty when nothing does. */
export async function holdsOfImage(
  { catalogue, lockOf }: HoldDeps,
  { image, regions }: HeldImage,
  now: Date,
  override?: Override,
): Promise<readonly Hold[]> {
  const windows = catalogue().azure.freeze.filter((window) => freezesImage(window, image, regions));
  return holdsAt(now, await lockOf(image), windows, override);
}

/**
 * What holds a change back. Only what is done to versions, to machines and to what Azure allows is held: the rest changes
 * nothing that runs.
 */
export async function holdsOfChange(
  deps: HoldDeps,
  plan: ChangePlan,
  now: Date,
  override?: Override,
): Promise<readonly Hold[]> {
  const { catalogue } = deps;
  if (isVersionPlan(plan)) {
    const regions = findImage(catalogue(), plan.image)?.regions ?? [];
    return holdsOfImage(deps, { image: plan.image, regions: regions.map(({ name }) => name) }, now, override);
  }
  if (plan.verb === 'rollout') return holdsOfRollout(deps, plan, now, override);
  if (plan.verb !== 'remediate' && plan.verb !== 'restrict') return [];
  // What is restricted for several teams at once is restricted for each.
  const ofAll = plan.verb === 'restrict' && plan.team === null;
  const windows = catalogue().azure.freeze.filter((window) =>
    ofAll && window.teams ? true : freezesTeam(window, plan.team),
  );
  return holdsAt(now, undefined, windows, override);
}

/** By the image, and by the team whose machines it moves. */
async function holdsOfRollout(
  { catalogue, lockOf }: HoldDeps,
  plan: RolloutPlan,
  now: Date,
  override: Override | undefined,
): Promise<readonly Hold[]> {
  return holdsAt(now, await lockOf(plan.image), freezesOfRollout(catalogue(), plan), override);
}

/** What the runs that can be held keep about it. */
interface HoldData {
  readonly held?: Held;
  readonly override?: Override;
}

/** How a run in `hold` goes on. */
export interface HoldLook {
  /** World time until the next look; absent when nothing holds it any more. */
  readonly lookMs?: number;
  /** What is new. */
  readonly data?: Patch<HoldData>;
}

/** Who unlocks wakes the run; a catalogue that no longer names a window does not. */
const lookEveryMs = hours(1);

type HoldContext = Pick<StageContext<unknown, HoldData>, 'inbox' | 'now'> & {
  readonly run: Pick<RunOf<unknown, HoldData>, 'data'>;
};

/**
 * A look at what holds a run, with what people have said meanwhile. `holds`: what holds it, given an override; `asked`:
 * for what reason it was started with the wish to override, and by whom.
 */
export async function lookAtHold(
  context: HoldContext,
  holds: (override?: Override) => Promise<readonly Hold[]> | readonly Hold[],
  asked?: Pick<Override, 'reason' | 'by'>,
): Promise<HoldLook> {
  const { run, now } = context;
  const { held, override: before } = run.data;
  const override = overrideOf(context, await holds(), asked);
  const still = await holds(override);
  const said = override === before ? {} : { override };
  if (still.length === 0) return { data: { held: undefined, ...said } };
  const changed =
    held && JSON.stringify(held.holds) !== JSON.stringify(still) ? { held: { ...held, holds: still } } : {};
  const untilMs = (heldUntil(still)?.getTime() ?? Number.POSITIVE_INFINITY) - now.getTime();
  const data = { ...said, ...changed };
  return { lookMs: Math.min(Math.max(untilMs, 0), lookEveryMs), ...(Object.keys(data).length > 0 && { data }) };
}

/** A wish to override is about the windows that are open when it is made. */
function overrideOf(
  { run, inbox, now }: HoldContext,
  holds: readonly Hold[],
  asked: Pick<Override, 'reason' | 'by'> | undefined,
): Override | undefined {
  const windows = holds.filter(({ kind }) => kind === 'freeze').map(({ by }) => by);
  const wish = ({ reason, by }: Pick<Override, 'reason' | 'by'>): Override => ({
    reason,
    by,
    at: now.toISOString(),
    windows,
  });
  let override = run.data.override ?? (asked && windows.length > 0 ? wish(asked) : undefined);
  for (const { kind, by, body, at } of inbox) {
    const isOpen = override !== undefined && !override.confirmed;
    if (kind === 'override' && !isOpen) override = wish({ reason: body.reason ?? 'no reason given', by });
    if (kind === 'confirm' && override && isOpen && by.oid !== override.by.oid) {
      override = { ...override, confirmed: { by, at: at.toISOString() } };
    }
  }
  return override;
}

/** How long a run may be held. */
export const holdWait: Wait & Pick<StageLimit<unknown, HoldData>, 'plus'> = {
  waitsFor: 'a lock or a freeze to be over',
  ms: days(30),
  plus: {
    what: 'the time that the freeze lasts',
    ms: ({ data: { held } }) => {
      const until = held && heldUntil(held.holds);
      return held && until ? Math.max(0, until.getTime() - Date.parse(held.at)) : 0;
    },
  },
  afterwards: 'The run expires; nothing was published or changed.',
};
