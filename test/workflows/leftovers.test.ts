import { type PublishRun, templateName } from '../../core/runs';
import { hours, minutes } from '../../core/time';
import { renderTopic } from '../../dialogs/present';
import type { Json } from '../../sandbox/kernel/types';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { inFull } from '../support/size';

/** One world for all: each case is about a run of its own, and the image is free for the next. */
let world: AzureWorld;
beforeAll(async () => {
  world = await azureWorld();
});
afterEach(() => ask(world.sandbox, 'DELETE', '/_sandbox/faults'));
afterAll(() => world.close());

const fault = (body: Json) => ask(world.sandbox, 'POST', '/_sandbox/faults', body);
const template = 'imageTemplates/[^/]+\\?';

type Id = Parameters<AzureWorld['run']>[0];

/** A run that is cancelled while its image is being customised, or while somebody is asked about it. */
async function cancelled(at: 'customise' | 'approve' = 'customise'): Promise<Id> {
  const { id } = await world.publish();
  const isThere = ({ stage, data }: PublishRun) =>
    stage === at && (at === 'approve' || data.progress?.startsWith('step ') === true);
  await world.until(id, isThere);
  const body = { reason: 'wrong week' };
  await world.control.signal({ request: id, kind: 'cancel', person: people.ada, body, intent: `stop ${id}` });
  return id;
}

const cardOf = async (id: Id) => (await renderTopic(`run:${id}`, world.reads, world.world.clock.now())).text;
const newsOf = async (id: Id) => (await renderTopic(`news:${id}:outcome`, world.reads, world.world.clock.now())).text;
const leftBy = (id: Id) => world.reads.leftovers({ runId: id, gone: true });

/** A stage that only fails is tried at machine time's pace: the world's time jumps to its end. */
function pastLimit({ inStage }: PublishRun): void {
  const { clock } = world.world;
  clock.advance(((inStage?.limit?.until.getTime() ?? 0) + 1_000 - clock.nowMs()) / 60_000);
}

/** World time between the start of the clean-up and the end of the run. */
async function cleaningMs(id: Id): Promise<number> {
  const { data, endedAt } = await world.run(id);
  const from = data.times?.find(({ stage }) => stage === 'cleanup')?.from ?? '';
  return (endedAt?.getTime() ?? 0) - Date.parse(from);
}

describe('what Azure will not delete', () => {
  // Case A08 of public reports: eight days later a run was still being cancelled, and the image with it.
  it('a build that stays in Canceling is left to the reaper after six hours, told on the card, and the image is free', async () => {
    await fault({ match: { face: 'azure', method: 'POST', url: '/cancel\\?' }, lro: 'never' });
    const id = await cancelled();
    const waiting = await world.until(id, (r) =>
      Object.values(r.data.cleaning ?? {}).some((c) => c.said.includes('is cancelling')),
    );
    const run = await world.end(id);

    const [left] = await leftBy(id);
    const name = run.plan.fixed && templateName(run.plan.fixed, 1, id);
    expect(run.outcome).toBe('cancelled');
    expect(left).toMatchObject({ kind: 'template', name, runId: id, answer: 'Image Builder is cancelling its build' });
    expect(left?.since.toISOString()).toBe(waiting.data.cleaning?.[name ?? '']?.since);
    expect(await cleaningMs(id)).toBeGreaterThan(hours(6));
    expect(await cleaningMs(id)).toBeLessThan(hours(6) + minutes(5));
    expect(run.data.cleaned).toEqual([]);

    const card = await cardOf(id);
    expect(card).toContain(`image template ${name}`);
    expect(card).toMatch(/since \w{3} \d+ \w{3}, \d\d:\d\d UTC: Image Builder is cancelling its build/);
    expect(card).toContain('goldbot keeps trying to delete what is left, at least once a day');
    expect(card).toMatch(/delete it in the Azure portal \(rg-[\w-]+\), or open a support request with Microsoft/);
    expect(await newsOf(id)).toMatch(
      new RegExp(`Needs attention[\\s\\S]*image template ${name} could not be deleted since`),
    );

    const next = await world.publish();
    expect(next.id).not.toBe(id);

    // The reaper insists on the DELETE, and hears what the reports say: 405, whatever the state.
    const refused = await world.leftover(left?.name ?? '', ({ looks }) => looks >= 2);
    expect(refused.answer).toMatch(
      /^Image Builder is still cancelling a build with the template: deleting the template “/,
    );
    const enough = { request: next.id, kind: 'cancel', person: people.ada, intent: 'enough' } as const;
    await world.control.signal({ ...enough, body: { reason: 'only to see' } });
    await world.end(next.id);
  });

  // Half a day of the world, look by look.

  inFull(
    'neither a machine that stays deleting, nor a template, nor a locked old version holds up a publish',
    async () => {
      const never = (url: string) => fault({ match: { face: 'azure', method: 'DELETE', url }, lro: 'never', times: 1 });
      await never('virtualMachines/gbt-[^/]+\\?');
      const { id } = await world.publish();
      const asking = await world.stage(id, 'approve');
      const [machine] = await leftBy(id);
      const tested = asking.data.times?.find(({ stage }) => stage === 'test');
      expect(machine).toMatchObject({ kind: 'machine', answer: 'Azure is deleting it', goneAt: null });
      expect(Date.parse(tested?.to ?? '') - (machine?.since.getTime() ?? 0)).toBeGreaterThan(hours(1));
      expect(Date.parse(tested?.to ?? '') - (machine?.since.getTime() ?? 0)).toBeLessThan(hours(1) + minutes(1));

      await never(`imageTemplates/${asking.data.template}\\?`);
      await fault({ match: { face: 'azure', method: 'PATCH', url: 'versions/1\\.5\\.0\\?' }, status: 409 });
      await world.approve(id);
      pastLimit(await world.until(id, (r) => r.stage === 'age' && r.tries >= 2));
      const run = await world.end(id);

      expect(run.outcome).toBe('published');
      expect((await leftBy(id)).map(({ kind }) => kind)).toEqual(['machine', 'template']);
      expect(run.data.ageTrouble).toMatch(
        /^goldbot has waited for Azure to mark earlier versions as aged since .* UTC\. The last try failed: Azure (is busy with the same resource|asked goldbot to slow down)/,
      );
      expect(await newsOf(id)).toContain('Some earlier versions are not marked as aged: goldbot has waited for Azure');
      // Nobody deletes the machine of an open run; once it is over, asking again helps.
      const gone = await world.reaped(machine?.name ?? '');
      expect(gone.goneAt?.getTime()).toBeGreaterThan(run.endedAt?.getTime() ?? Number.POSITIVE_INFINITY);
      const [, left] = await leftBy(id);
      expect(left).toMatchObject({ kind: 'template', goneAt: null });
    },
  );

  // Half a day of the world, look by look.

  inFull('what is locked is left in the words of Azure, and once it is not, it goes and that is told', async () => {
    await fault({ match: { face: 'azure', method: 'DELETE', url: `${template}|versions/` }, status: 409 });
    const id = await cancelled('approve');
    const run = await world.end(id);
    const left = await leftBy(id);
    expect(left.map(({ kind }) => kind)).toEqual(['template', 'version']);
    for (const { answer } of left) expect(answer).toContain('Another operation on this resource is in progress.');
    expect(left[1]?.name).toBe(`ubuntu-22@${run.plan.fixed?.version}`);
    // Six hours for the template, then as many for the version, which might still come from it.
    expect(await cleaningMs(id)).toBeGreaterThan(hours(12));
    expect(await cleaningMs(id)).toBeLessThan(hours(13));

    await ask(world.sandbox, 'DELETE', '/_sandbox/faults');
    for (const { name } of left) await world.reaped(name);

    expect(await world.leftovers(id)).toEqual([]);
    expect(await cardOf(id)).toMatch(new RegExp(`image template ${left[0]?.name}[\\s\\S]*gone since`));
    expect(await cardOf(id)).not.toContain('keeps trying');
    expect(await newsOf(id)).toMatch(
      new RegExp(`Cleaned up[\\s\\S]*image template ${left[0]?.name}[\\s\\S]*candidate ${left[1]?.name}`),
    );
    const audit = (await world.reads.audit({ limit: 500 })).filter((e) => e.runId === id);
    const told = audit.filter(({ action }) => action === 'leftover-gone');
    expect(told.map(({ detail }) => detail['name']).sort()).toEqual(left.map(({ name }) => name).sort());
    expect(audit.filter(({ action }) => action === 'leftover').length).toBeGreaterThanOrEqual(2);
  });

  it('what Azure does not even list is found by the reaper once it does', async () => {
    const id = await cancelled();
    await fault({ match: { face: 'azure', method: 'GET', url: 'imageTemplates\\?' }, status: 403 });
    pastLimit(await world.until(id, (r) => r.tries >= 2));
    const run = await world.end(id);
    expect(run.outcome).toBe('cancelled');
    const [unread] = await leftBy(id);
    expect(unread).toMatchObject({ kind: 'unread', goneAt: null });
    expect(unread?.name).toMatch(new RegExp(`^whatever ${id} made in rg-`));
    expect(unread?.answer).toMatch(/not allow/);

    await ask(world.sandbox, 'DELETE', '/_sandbox/faults');
    await world.reaped(unread?.name ?? '');
    for (const { name } of await leftBy(id)) await world.reaped(name);
    expect(await world.leftovers(id)).toEqual([]);
    // Nobody could cancel the build, so it went on and made its version.
    expect((await leftBy(id)).map(({ kind }) => kind).sort()).toEqual(['template', 'unread', 'version']);
  });
});
