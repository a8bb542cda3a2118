import type { ForeignTemplate, SourceTrigger } from '../../core/azure';
import { definitionId } from '../../core/azure-id';
import { UserError } from '../../core/errors';
import { imageRef } from '../../core/images';
import { dialogWorld, now } from './support/world';

/** What people read about source triggers of Image Builder, word for word. */
const { deps } = dialogWorld();
const { azure, images } = deps.catalogue();
const [ubuntu] = images;
if (!ubuntu) throw new Error('no image');
const golden = definitionId(imageRef(azure, ubuntu)).toUpperCase();
const at = new Date('2026-11-20T09:00:00Z');

const template = (name: string, more: Partial<ForeignTemplate> = {}): ForeignTemplate => ({
  id: `/subscriptions/s/resourceGroups/rg-legacy/providers/Microsoft.VirtualMachineImages/imageTemplates/${name}`,
  name,
  targets: [],
  ...more,
});
const trigger = (more: Partial<SourceTrigger> = {}): SourceTrigger => ({
  name: 'on-base',
  kind: 'SourceImage',
  health: 'Healthy',
  at,
  ...more,
});

async function said(
  templates: readonly ForeignTemplate[],
  triggers: (template: string) => readonly SourceTrigger[],
  line = 'triggers',
) {
  const asked: string[] = [];
  const world = dialogWorld({
    read: {
      foreignTemplates: async () => templates,
      triggers: async (_, name) => {
        asked.push(name);
        return triggers(name);
      },
    },
  });
  return { text: (await world.say('dana', line)).text.split('\n'), asked };
}

describe('triggers', () => {
  it('tells a healthy one, and that nothing of ours is touched by it', async () => {
    const { text } = await said([template('legacy')], () => [trigger({ message: 'Trigger is active' })]);
    expect(text.slice(0, 2)).toEqual([
      '1 source trigger',
      '● legacy (rg-legacy): trigger on-base is healthy since Fri 20 Nov, 09:00 UTC.',
    ]);
  });

  it('tells one that has switched itself off, with the last build', async () => {
    const lastRun = { state: 'Failed', at: now };
    const { text } = await said([template('legacy', { lastRun })], () => [
      trigger({ health: 'Deactivated', message: 'Run the template.' }),
    ]);
    expect(text.slice(0, 2)).toEqual([
      '1 source trigger, not all healthy',
      '! legacy (rg-legacy): trigger on-base is deactivated since Fri 20 Nov, 09:00 UTC: “Run the template.”. Last build: Failed, Mon 23 Nov, 09:00 UTC.',
    ]);
  });

  it.each([
    ['straight into an image of the catalogue', golden, false, true],
    ['as a version of it', `${golden}/versions/1.0.0`, false, true],
    ['hidden from latest', golden, true, false],
    [
      'elsewhere',
      '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/other/images/x',
      false,
      false,
    ],
  ])('warns of what it builds: %s', async (_, definition, excludedFromLatest, warns) => {
    const { text } = await said([template('legacy', { targets: [{ definition, excludedFromLatest }] })], () => [
      trigger(),
    ]);
    const words =
      'What it builds becomes the latest of ubuntu-22, without test or approval: delete the trigger, or have the template exclude it from latest.';
    expect(text[1]?.includes(words)).toBe(warns);
    expect(text[1]?.startsWith(warns ? '! ' : '● ')).toBe(true);
  });

  it('asks about five templates at most, the dangerous ones first, and names the others', async () => {
    const six = [1, 2, 3, 4, 5, 6].map((n) => template(`t${n}`));
    const danger = template('t7', { targets: [{ definition: golden, excludedFromLatest: false }] });
    const { text, asked } = await said([...six, danger], () => []);
    expect(asked).toEqual(['t7', 't1', 't2', 't3', 't4']);
    expect(text.slice(0, 4)).toEqual([
      'No source trigger builds past goldbot',
      '5 templates of others with its source at latest has no trigger.',
      'Not asked about: t5, t6. Name one to see it.',
      'triggers t5',
    ]);
    expect((await said([...six, danger], () => [], 'triggers T6')).asked).toEqual(['t6']);
  });

  it('says when there is none, and when there is none of that name', async () => {
    expect((await said([], () => [])).text.slice(0, 2)).toEqual([
      'No source trigger builds past goldbot',
      'No image template of others in the subscription that builds has its source at latest.',
    ]);
    expect((await said([template('legacy')], () => [], 'triggers other')).text.slice(0, 3)).toEqual([
      'No image template “other” of others can have a source trigger',
      '1 other template in the subscription that builds can.',
      'triggers',
    ]);
  });

  it('tells what Azure does not say of one, beside the others', async () => {
    const refuse = (name: string) => {
      if (name === 'a') throw new UserError('AZ_FORBIDDEN', 'Azure refused it.', { hint: 'Grant the role.' });
      return [trigger({ health: undefined as never })];
    };
    const { text } = await said([template('a'), template('b')], refuse);
    expect(text.slice(1, 3)).toEqual([
      '? a (rg-legacy): Azure refused it. Grant the role.',
      '! b (rg-legacy): trigger on-base is of unknown health since Fri 20 Nov, 09:00 UTC.',
    ]);
  });
});
