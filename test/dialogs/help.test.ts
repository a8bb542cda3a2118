import type { Directory } from '../../core/azure';
import { inventoryWorld } from './support/inventory-world';
import { anApproval, fixed } from './support/plan';
import { aRun, dialogWorld, groupsOf, people, type Who } from './support/world';

const plan = { request: {}, approvalChannel: 'Image Factory / approvals', fixed };

/** In the group that decides is Grace alone. */
const graceDecides: Pick<Directory, 'memberOf'> = {
  memberOf: async (oid, asked) =>
    asked.filter((group) => (group === 'g' ? oid === people.grace.oid : groupsOf(oid).includes(group))),
};

/** The lines before the commands: what can be done now, each with the sentence that does it. */
async function nowOf(world: ReturnType<typeof dialogWorld>, who: Who): Promise<readonly string[]> {
  const { text } = await world.say(who, 'help');
  return text.slice(0, text.indexOf('\nPublish and change images:')).split('\n');
}

describe('help says first what somebody can do now', () => {
  it('what waits for them, by whom it was asked, and that it waits for nobody else', async () => {
    const world = dialogWorld({ directory: graceDecides });
    world.runs.set('R-22222', aRun('R-22222', { plan, stage: 'approve' }));
    world.approvals.set('R-99999', anApproval());
    const [title, , , first] = await nowOf(world, 'grace');
    expect(title).toBe('1 thing waits for you');
    expect(first).toMatch(
      /^! Decide on ubuntu-22 \d\S+ · R-99999, asked by Ada, open until .* UTC.* · status R-99999$/,
    );
    const other = (await nowOf(world, 'ada')).join('\n');
    expect(other).toContain('What you can do now');
    expect(other).toContain('See what is running · 1 run is in progress · status');
    expect(other).not.toMatch(/Decide on|waits? for you/);
  });

  it('several decisions as one, with their list', async () => {
    const world = dialogWorld({ directory: graceDecides });
    for (const [run, id] of [
      ['R-22222', 'R-99999'],
      ['R-33333', 'R-88888'],
    ] as const) {
      world.runs.set(run, aRun(run, { plan, stage: 'approve' }));
      world.approvals.set(id, anApproval({ id, runId: run }));
    }
    const said = (await nowOf(world, 'grace')).join('\n');
    expect(said).toMatch(/! Decide on 2 requests · first R-[98]+, asked by Ada, open until .* · approvals --mine/);
    expect(said).toContain('2 runs are in progress');
  });

  it('a run that has stopped, to those who are on it', async () => {
    const world = dialogWorld();
    world.runs.set('R-22222', aRun('R-22222', { plan, stage: 'repair' }));
    expect(await nowOf(world, 'ada')).toContain(
      '! Repair ubuntu-22 · R-22222 has stopped; try again or cancel it · status R-22222',
    );
    expect((await nowOf(world, 'dana')).join('\n')).not.toContain('Repair');
  });

  it('how their team stands, or all of them, and what publishers do', async () => {
    const world = dialogWorld();
    const dana = (await nowOf(world, 'dana')).join('\n');
    expect(dana).toContain('See how all teams stand · which versions the machines run, and what policies say');
    expect(dana).toContain(
      'See what ends soon · ends of life, exemptions and schedules of the next 30 days · forecast',
    );
    expect(dana).not.toContain('Publish a new version');
    const ada = (await nowOf(world, 'ada')).join('\n');
    const { text } = await world.say('ada', 'help');
    expect(text).toContain('\nDecide what others asked for:\n');
    expect(text).toContain('\nAsk goldbot about itself:\n');
    expect(ada).toContain('Publish a new version · goldbot builds and tests it, then asks for approval');
    expect(ada).toContain('See the golden images · the latest version of each, and which could be newer · images');
    expect(ada).toContain('See who you are to goldbot · your roles and what they let you do · whoami');
  });

  it('to somebody without a role, whom to ask', async () => {
    const { text } = await dialogWorld().say('nobody', 'help');
    expect(text).toContain('You have no role yet. Ask ');
    expect(text).toContain('whoami');
    expect(text).not.toContain('images');
  });

  it('in a channel, that it has to be mentioned', async () => {
    const conversation = { id: 'a:x', kind: 'personal' as const };
    const inChannel = await dialogWorld().say('ada', 'help');
    expect(inChannel.text).toContain('Mention goldbot, then write in your own words: “what is running”.');
    const own = await dialogWorld().say('ada', 'help', { conversation });
    expect(own.text).toContain('Write in your own words: “what is running”.');
    expect(own.text).not.toContain('Mention goldbot');
  });

  it('whose teams they are, to owners', async () => {
    const world = inventoryWorld();
    expect((await world.say('linus', 'help')).text).toMatch(
      /See how payments, web stand · which versions the machines run/,
    );
  });
});

describe('help of one command', () => {
  const dialogOf = (answer: { readonly card?: unknown }) =>
    JSON.stringify(answer.card).match(/"verb":"publish","values":(\{[^}]*\})/g) ?? [];

  it('says first what it does, then an example to press, and how it is typed last', async () => {
    const { text } = await dialogWorld().say('ada', 'help publish');
    const lines = text.split('\n');
    expect(lines[0]).toBe('Builds, tests and, once approved, publishes a new version of a golden image');
    const at = (beginning: string) => lines.findIndex((one) => one.startsWith(beginning));
    expect(at('For example:')).toBe(2);
    expect(at('You can also say:')).toBeGreaterThan(at('publish ubuntu-22'));
    expect(at('publish <image> [')).toBeGreaterThan(at('Only show the plan · --plan'));
  });

  it('lets a press on what would change something show its form, and who may not press nothing', async () => {
    const world = dialogWorld();
    expect(dialogOf(await world.say('ada', 'help publish'))).toHaveLength(3);
    const dana = await world.say('dana', 'help publish');
    expect(dialogOf(dana)).toEqual([]);
    expect(dana.text).toMatch(/^publish ubuntu-22$/m);
  });

  it('offers no press on what names something that may not exist', async () => {
    const { text } = await dialogWorld().say('ada', 'help logs');
    expect(text).not.toContain('For example');
    expect(text).toContain('logs R-7F3KQ --tail 100');
  });

  it('presses with an image of the catalogue, where the example has another', async () => {
    const world = dialogWorld();
    const catalogue = world.deps.catalogue();
    const [image] = catalogue.images;
    if (!image) throw new Error('the catalogue has no image');
    const images = [{ ...image, name: 'web-edge', aliases: [] }];
    Object.assign(world.deps, { catalogue: () => ({ ...catalogue, images }) });
    expect((await world.say('ada', 'help versions')).text).toMatch(/^versions web-edge$/m);
  });
});
