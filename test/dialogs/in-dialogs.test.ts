import type { Reply } from '../../cards';
import { azureSilent } from '../../core/errors';
import { all } from '../cards/reading';
import { inventoryWorld, type Who } from './support/inventory-world';

const machine = 'vm-web-edge-005';
const given = { machine, policy: 'machine-baseline' };

/** The form in an answer, field by field. */
function fieldsOf(answer: { readonly kind: string }): Readonly<Record<string, unknown>> {
  if (answer.kind !== 'card') throw new Error(`no form but ${JSON.stringify(answer).slice(0, 300)}`);
  const { reply } = answer as unknown as { reply: Reply };
  const kinds = ['Input.Text', 'Input.Date', 'Input.Time', 'Input.ChoiceSet'];
  const inputs = kinds.flatMap((kind) => all(reply, kind));
  return Object.fromEntries(inputs.map(({ id, value }) => [String(id), value]));
}

const wordsOf = (answer: object) => JSON.stringify(answer);

describe('a form in a dialog', () => {
  const world = inventoryWorld();
  const fetch = (who: Who, verb: string, values: object) => world.dialog(who, { verb, given: values });
  const send = (who: Who, typed: object, values: object = given) =>
    world.dialog(who, { verb: 'exempt', given: values, typed });

  it('asks for what is missing, with the usual day on its calendar', async () => {
    const answer = await fetch('grace', 'exempt', given);
    expect(fieldsOf(answer)).toEqual({ until: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), reason: undefined });
    expect(wordsOf(answer)).toContain('00:00 UTC');
  });

  it('does nothing by being opened, be everything there or not', async () => {
    await fetch('grace', 'exempt', { ...given, until: '+1mo', reason: 'x' });
    await fetch('grace', 'lock', { image: 'ubuntu-22', reason: 'x' });
    expect(world.started).toEqual([]);
  });

  it('keeps what was typed, and says at the field what is wrong with it', async () => {
    const lacking = await send('grace', { until: '2027-01-01', reason: '' });
    expect(fieldsOf(lacking)).toEqual({ until: '2027-01-01', reason: undefined });
    expect(wordsOf(lacking)).toContain('! Reason is needed.');

    const past = await send('grace', { until: '2020-01-01', reason: 'vendor image' });
    expect(fieldsOf(past)).toEqual({ until: '2020-01-01', reason: 'vendor image' });
    expect(wordsOf(past)).toMatch(/! .{0,4}2020-01-01.{0,4} is in the past/);
    expect(world.started).toEqual([]);
  });

  it('keeps what was typed, too, when it is refused for something that is in no field', async () => {
    const unknown = await send('grace', { until: '+1mo', reason: 'vendor image' }, { machine, policy: 'nonsense' });
    expect(fieldsOf(unknown)).toEqual({ until: '+1mo', reason: 'vendor image' });
    expect(wordsOf(unknown)).toContain('nonsense');
  });

  it('takes a moment by a calendar and a clock, as the sentence would say it', async () => {
    const pet = { machine: 'vm-payments-hsm-001' };
    expect(fieldsOf(await fetch('linus', 'appoint', pet))).toEqual({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      'at.time': '22:00',
    });
    const appoint = (typed: object) => world.dialog('linus', { verb: 'appoint', given: pet, typed });
    const byClock = await appoint({ at: '2026-12-05', 'at.time': '21:30' });
    // No rollout waits for it: what was chosen stands where it was chosen.
    expect(fieldsOf(byClock)).toEqual({ at: '2026-12-05', 'at.time': '21:30' });
    expect(wordsOf(byClock)).toContain('No open rollout waits for');
    expect(wordsOf(await appoint({ at: '', 'at.time': '21:30' }))).toContain(
      'When, by the clock of the team is needed.',
    );
    expect(await appoint({ at: '2026-12-05', 'machine.time': '21:30' })).toMatchObject({ kind: 'message' });
  });

  it('takes the end of life by a calendar that begins with the usual day', async () => {
    const answer = await fetch('grace', 'eol', { ref: 'ubuntu-22@1.5.0' });
    expect(fieldsOf(answer)).toEqual({ when: expect.stringMatching(/^2027-\d\d-\d\d$/) });
    expect(wordsOf(answer)).toContain('End of life: the beginning of this day (00:00 UTC)');
  });

  it('finds what a remediation can mend on the machine that the form is about', async () => {
    const id = `/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/${machine}`;
    for (const meant of [machine, id]) {
      const form = await fetch('grace', 'remediate', { machine: meant });
      expect(wordsOf(form)).toContain(`remedies/${machine}`);
    }
  });

  it('is not shown to who may not', async () => {
    expect(await fetch('dana', 'exempt', given)).toMatchObject({ kind: 'message' });
    expect(await send('dana', { until: '+1mo', reason: 'x' })).toMatchObject({ kind: 'message' });
  });

  it('refuses what no form of goldbot sends', async () => {
    expect(await send('grace', { until: '+1mo', reason: 'x', admin: true })).toMatchObject({ kind: 'message' });
    expect(await send('grace', { until: { a: 1 }, reason: 'x' })).toMatchObject({ kind: 'message' });
    expect(world.started).toEqual([]);
  });

  it('does what it was filled in for', async () => {
    await send('grace', { until: '2027-01-01', reason: 'vendor image' });
    expect(world.started).toMatchObject([{ plan: { verb: 'exempt', until: '2027-01-01T00:00:00.000Z' } }]);
  });
});

describe('what a field offers for the letters typed into it', () => {
  const world = inventoryWorld();

  it('is the machines of the person’s own teams', async () => {
    const owner = await world.search('linus', { dataset: 'machines', text: 'VM-' });
    expect(owner.length).toBeGreaterThan(0);
    expect(owner.length).toBeLessThanOrEqual(15);
    expect(owner.every(({ title }) => /payments|web/.test(title))).toBe(true);
    expect(await world.search('linus', { dataset: 'machines', text: 'vm-data' })).toEqual([]);
    expect(await world.search('grace', { dataset: 'machines', text: 'vm-web-edge-005' })).toEqual([
      { title: 'vm-web-edge-005', value: 'vm-web-edge-005' },
    ]);
  });

  it('is the policies of the machine that the form is about, to who may see it', async () => {
    const dataset = `policies/${machine}`;
    const words = (await world.search('grace', { dataset, text: 'golden' })).map(({ value }) => value);
    expect(words).toContain('only-golden-images');
    const [other] = await world.search('grace', { dataset: 'machines', text: 'vm-data' });
    const ofOthers = { dataset: `policies/${other?.value}`, text: 'golden' };
    expect(await world.search('grace', ofOthers)).not.toEqual([]);
    expect(await world.search('linus', ofOthers)).toEqual([]);
  });

  it('is what a remediation can mend there, and what brings what is missing, from the first letter on', async () => {
    const words = async (dataset: string) =>
      (await world.search('grace', { dataset, text: '' })).map(({ value }) => value);
    const [judged, mended] = [await words(`policies/${machine}`), await words(`remedies/${machine}`)];
    expect(mended).toEqual(expect.arrayContaining(['guest-configuration', 'monitor-agent']));
    expect(judged).toContain('only-golden-images');
    expect(mended).not.toContain('only-golden-images');
  });

  it('is nothing for what is no set, for a single letter, and where Azure is silent', async () => {
    expect(await world.search('nobody', { dataset: 'zones', text: 'new york' })).toEqual([
      { title: 'America/New_York', value: 'America/New_York' },
    ]);
    expect(await world.search('grace', { dataset: '__proto__', text: 'vm-web' })).toEqual([]);
    expect(await world.search('grace', { dataset: 'machines', text: 'v' })).toEqual([]);
    const silent = inventoryWorld({
      read: () => ({ machineList: () => Promise.reject(azureSilent()) }),
    });
    expect(await silent.search('grace', { dataset: 'machines', text: 'vm-web' })).toEqual([]);
  });
});
