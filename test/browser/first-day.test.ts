import { rmSync } from 'node:fs';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import { isFull } from '../support/size';
import { firstTenant, makeMachines } from './first-tenant';
import { Stage } from './stage';

jest.setTimeout(150_000);

/** What `npm test` has of it stands in test/deploy/deployed.test.ts, which takes no browser. */
const story = isFull || process.env['GOLDBOT_SCREENSHOTS'] ? describe : describe.skip;

story('the first day, in a tenant in which nobody has made anything but the platform', () => {
  let stage: Stage;
  let tenant: Sandbox;
  let catalogue: string | undefined;
  const picture = (name: string, height = 1060) => stage.picture(`first-${name}`, { schemes: ['light'], height });

  beforeAll(async () => {
    stage = await Stage.open({ width: 1280, height: 1060 }, async ({ sandbox }) => {
      tenant = sandbox;
      const prepared = await firstTenant(sandbox);
      ({ catalogue } = prepared);
      return prepared;
    });
  });
  afterAll(async () => {
    await stage?.close();
    if (catalogue) rmSync(catalogue, { recursive: true, force: true });
  });

  it('has nothing that the doctor would mend but machines without a team', async () => {
    await stage.goTo('Grace', 'goldbot');
    await stage.write('doctor');
    const card = stage.lastCard(/^goldbot works, but \d+ things? will cause trouble/);
    await card.waitFor();
    await picture('doctor', 720);
    expect(await card.textContent()).toContain('goldbot sees no machine of any team.');
    expect(await card.textContent()).not.toMatch(/broken|Broken/);
  });

  it('plans, builds, asks for and publishes the first version', async () => {
    await stage.goTo('Ada', 'Image Factory / General');
    await stage.write('@goldbot publish ubuntu-22 --plan');
    await stage.lastCard('Plan: ubuntu-22 1.0.0').waitFor();
    await picture('plan', 900);
    await stage.write('@goldbot publish ubuntu-22');
    await stage.lastCard('Waiting for approval: ubuntu-22 1.0.0').waitFor();

    await stage.goTo('Grace', 'Image Factory / approvals');
    const asked = stage.lastCard('Publish ubuntu-22 1.0.0?');
    await asked.waitFor();
    await picture('approval', 900);
    await stage.press(asked, 'Approve');

    await stage.goTo('Ada', 'Image Factory / General');
    await stage.lastCard('Published ubuntu-22 1.0.0').waitFor();
    await stage.write('@goldbot versions ubuntu-22');
    await stage.lastCard(/1 version/).waitFor();
    await picture('version');
  });

  it('counts a team’s machines, and tells the team in its own channel', async () => {
    await makeMachines(tenant);
    await stage.goTo('Linus', 'goldbot');
    await stage.write('compliance payments');
    await stage.lastCard('Compliance of payments').waitFor();
    await picture('compliance');
    await stage.goTo('Linus', 'payments / ops');
    await stage.write('@goldbot digest payments now');
    const digest = stage.lastCard(/payments: week \d+/);
    await digest.waitFor();
    await picture('digest', 900);
    expect(stage.problems).toEqual([]);
  });
});
