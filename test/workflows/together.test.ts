import { toCycloneDx } from '../../core/contents';
import { sharedCardOf } from '../../core/requests';
import { newRequestId, type PublishRun, type SharedTopic } from '../../core/runs';
import { createConversation, renderTopic, type Turn } from '../../dialogs';
import type { Deps } from '../../dialogs/conversation/command';
import { tenantId } from '../../sandbox/entra/people';
import { cardShown, claimCard, keepContents } from '../../store';
import { findSchedule, lastScheduledRun } from '../../store/schedules';
import { tick } from '../../workflows/engine/schedules';
import { publishSchedules } from '../../workflows/schedule';
import { mayStart } from '../../workflows/start';
import { buttonsOf } from '../chaos/months/people';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';
import { healthyHouse } from '../support/house';

/** A month of two images that come due together: one card asks about both. */
describe('the requests of one schedule', () => {
  const images = ['ubuntu-22', 'windows-2022'] as const;
  const catalogue = () => ({
    ...exampleCatalogue(),
    images: exampleCatalogue().images.map((image) => ({
      ...image,
      ...{ tests: image.tests.slice(0, 1), regions: image.regions.slice(0, 1) },
      schedule: { readyBy: 1, zone: 'Europe/Berlin' },
    })),
  });
  let world: AzureWorld;
  let runs: readonly PublishRun[];
  let topic: SharedTopic;
  beforeAll(async () => {
    world = await azureWorld({ catalogue });
    runs = await comeDue();
    for (const { id } of runs) await madeBefore(await world.until(id, ({ plan }) => plan.fixed !== null));
  });
  afterAll(() => world.close());

  async function comeDue(): Promise<readonly PublishRun[]> {
    const { database, clock, workflows } = world;
    const parts = { database, clock, catalogue, workflow: workflows[0] as never, mayStart: mayStart(catalogue) };
    const look = () => tick({ database, clock, kinds: [publishSchedules(parts)] }, { reconcile: true });
    await look();
    const rows = await Promise.all(images.map((image) => findSchedule(database, `publish:${image}`)));
    const last = Math.max(...rows.map((row) => row?.nextAt.getTime() ?? 0));
    clock.advance((last - clock.nowMs()) / 60_000);
    await look();
    const found = await Promise.all(images.map((image) => lastScheduledRun(database, image)));
    return found.map((run) => run as PublishRun);
  }

  /** The version before is of this goldbot, by the same plan. */
  async function madeBefore({ id, subject, plan: { fixed } }: PublishRun): Promise<void> {
    const version = fixed?.previousVersion ?? '';
    const [earlier, readAt] = [newRequestId(), world.clock.now()];
    await world.database.query(`insert into request (id, kind) values ($1, 'run')`, [earlier]);
    await world.database.query(
      `insert into run (id, kind, subject, plan, plan_hash, stages, stage, data, due_at, created_at, ended_at, outcome)
       select $2, kind, subject, jsonb_set(plan, '{fixed,version}', to_jsonb($3::text)) - 'schedule', plan_hash, stages, 'announce',
         jsonb_build_object('publishedAt', $4::text), due_at, created_at - interval '1 month', created_at, 'published'
       from run where id = $1`,
      [id, earlier, version, readAt.toISOString()],
    );
    // The version of the story does not have this recipe in its tattoo.
    await world.database.query(
      `update run set plan = jsonb_set(plan, '{fixed,previousRecipeHash}', plan #> '{fixed,recipeHash}') where id = $1`,
      [id],
    );
    const document = toCycloneDx(
      { os: { id: 'os', name: 'os', version: '1' }, packages: [] },
      { image: subject, version, readAt },
    );
    await keepContents(world.database, { image: subject, version, runId: earlier, readAt, document });
  }

  /** Posts and edits what is due, as the delivery does; gives the topics. */
  async function deliver(): Promise<readonly string[]> {
    const card = await claimCard(world.database, { owner: 'teams', leaseMs: 60_000 });
    if (!card) return [];
    await cardShown(world.database, card, { conversationId: '19:c', activityId: `m-${card.id}`, editPauseMs: 0 });
    return [card.topic, ...(await deliver())];
  }

  const shown = () => renderTopic(topic, world.reads, world.clock.now());
  const shownToDecider = () => renderTopic(topic, world.reads, world.clock.now(), async () => ({ as: 'decider' }));
  const asked = (run: PublishRun) => world.stage(run.id, 'approve').then(() => world.asked(run.id));

  async function press(person: typeof people.ada, { verb, data }: { verb: string; data: unknown }) {
    const { azure, reads, control, clock } = world;
    const deps = {
      catalogue,
      read: azure.read,
      reads,
      runs: control,
      clock,
      directory: azure.directory,
    };
    const { handleAction } = createConversation({
      ...deps,
      tenants: [tenantId],
      house: healthyHouse,
    } as unknown as Deps);
    const turn: Turn = {
      ...{ person: { ...person, tenantId }, conversation: { id: '19:c', kind: 'channel' } },
      ...{ intent: `click ${person.name}`, clicked: topic },
    };
    return handleAction(turn, verb, data);
  }
  const approveAll = async () => {
    const [button] = buttonsOf((await shownToDecider()).card);
    if (button?.verb !== 'approve-all') throw new Error(`the card offers ${button?.verb} first`);
    return button;
  };

  it('stand on one card; who joins it is told once in its thread', async () => {
    const [first, second] = runs as [PublishRun, PublishRun];
    await asked(first);
    topic = sharedCardOf(await world.run(first.id)) as SharedTopic;
    expect((await shown()).text).toMatch(/^Publish ubuntu-22 [\d.]+\?/);
    expect((await deliver()).filter((one) => one === topic)).toHaveLength(1);
    await asked(second);
    const [own] = await world.database.query<{ id: number }>(`select id from card where topic = $1`, [topic]);
    const told = await world.database.query(
      `select thread_id, topic from card where topic like 'news:%' and conversation_name = 'Image Factory / approvals'`,
    );
    expect(told).toEqual([{ thread_id: `m-${own?.id}`, topic: expect.stringMatching(`^news:${second.id}:asked-R-`) }]);
    expect((await shown()).text).toContain('Publish 2 images for');
    expect((await shown()).text).toContain('Unremarkable (2)');
  });

  const approvals = async () =>
    (await world.reads.audit())
      .filter(({ action }) => action === 'approve')
      .map(({ who, subject }) => [who.name, subject]);

  it('are decided by nobody who may not, and once by whoever presses twice', async () => {
    const button = await approveAll();
    const refused = await press(people.ada, button);
    expect(refused).toMatchObject({ kind: 'message', text: expect.stringContaining('needs the role approver') });
    expect(await approvals()).toEqual([]);
    const both = await Promise.all([press(people.grace, button), press(people.grace, button)]);
    expect(both.map((one) => one.kind === 'card' && one.reply.text.match(/1 of 2 approvals: Grace/g)?.length)).toEqual([
      2, 2,
    ]);
    expect((await approvals()).sort()).toEqual(images.map((image) => ['Grace', image]).sort());
  });

  it('are approved with one press each of two people, and end in two published versions', async () => {
    const button = await approveAll();
    // She was interrupted after the first: the rest is decided by her next press, and the first stays as it is.
    const [first] = runs as [PublishRun];
    await world.control.decide({
      ...{ request: first.id, person: people.heidi, verdict: 'approve', via: 'text', intent: 'before' },
    });
    const two = await press(people.heidi, button);
    expect(two.kind).toBe('card');
    expect(await approvals()).toHaveLength(4);
    for (const { id } of runs) expect((await world.end(id)).outcome).toBe('published');
    const late = await press(people.grace, button);
    expect(late.kind).toBe('card');
    expect(await approvals()).toHaveLength(4);
    const { text, card } = await shown();
    expect(text).toContain('Decided: December 2026');
    expect(text).toContain('Approved by Grace, Heidi');
    expect(text).toMatch(/History:\n(.*\n)?.*ubuntu-22: Grace approved\n/);
    expect(buttonsOf(card)).toEqual([]);
  });
});
