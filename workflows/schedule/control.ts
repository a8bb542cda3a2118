import type { Person } from '../../core/access';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { type ScheduleSetting, type ScheduleSpec, scheduleKey, scheduleSpec } from '../../core/schedule';
import { appendAudit, lockSchedule, scheduleSettingOf, takeIntent, writeScheduleSetting } from '../../store';
import type { PublishScheduleDeps } from './parts';
import { settle } from './schedule';

export interface ScheduleSettingRequest {
  readonly image: string;
  /** What is absent stays as it is. `skip`: `next` leaves out the time that comes next, `none` takes that back. */
  readonly change: Omit<ScheduleSetting, 'skip'> & { readonly skip?: 'next' | 'none' };
  readonly person: Person;
  /** Unique to one act of a person. */
  readonly intent: string;
}

/** What people change about schedules; whether they may has been checked before. */
export interface ScheduleControl {
  /**
   * Sets when an image is published by itself, and moves its schedule in the same transaction. Done once per intent.
   *
   * @throws UserError `DATABASE_SILENT`, `UNKNOWN_IMAGE` (it has just left the catalogue), `BAD_COMMAND` (it has no
   * schedule to change).
   */
  set(request: ScheduleSettingRequest): Promise<void>;
}

export type ScheduleControlDeps = Pick<PublishScheduleDeps, 'database' | 'clock' | 'catalogue'>;

export function createScheduleControl(deps: ScheduleControlDeps): ScheduleControl {
  return { set: (request) => set(deps, request) };
}

async function set({ database, clock, catalogue }: ScheduleControlDeps, request: ScheduleSettingRequest) {
  const { image: name, change, person, intent } = request;
  const { images } = catalogue();
  const image = images.find((one) => one.name === name);
  if (!image) {
    throw new UserError('UNKNOWN_IMAGE', `${name} has just left the catalogue; nothing was set.`, {
      hint: 'See what there is.',
      next: [call('images')],
    });
  }
  await database.transaction(async (tx) => {
    if (await takeIntent(tx, intent)) return;
    const at = clock.now();
    const row = await lockSchedule<ScheduleSpec>(tx, scheduleKey(name));
    const specNow = async () => scheduleSpec(image, (await scheduleSettingOf(tx, name))?.setting) ?? null;
    const before = await specNow();
    if (!before && !change.rhythm) throw noSchedule(name);
    const { skip, ...rest } = change;
    const next = row && row.pausedAt === null ? row.spec.period : null;
    // Whoever says it twice means the same one.
    const left = before?.skip !== undefined && next !== null && before.skip < next ? before.skip : next;
    const setting = { ...rest, ...(skip && { skip: skip === 'next' ? left : null }) };
    await writeScheduleSetting(tx, { image: name, setting, byName: person.name, at });
    await settle(tx, images, name, at);
    const detail = { change: setting, before, now: await specNow() };
    await appendAudit(tx, [{ at, who: person, action: 'set-schedule', subject: name, detail }]);
  });
}

function noSchedule(image: string): UserError {
  return new UserError('BAD_COMMAND', `${image} has no schedule; nothing was set.`, {
    hint: 'Say when it is to be ready.',
    next: [call('schedule', { image, rhythm: 'monthly', readyBy: '1' })],
  });
}
