import type { Remain } from '../../core/leftovers';
import type { RequestId } from '../../core/runs';
import { aRun, dialogWorld, now, type Who } from './support/world';

const group = '/subscriptions/s/resourceGroups/rg/providers';
const template = (name: string, runId?: string): Remain => ({
  id: `${group}/Microsoft.VirtualMachineImages/imageTemplates/${name}`,
  ...{ kind: 'template', name, location: 'westeurope', ...(runId !== undefined && { runId }) },
});
const machine = (name: string, runId?: string): Remain => ({
  ...template(name, runId),
  ...{ id: `${group}/Microsoft.Compute/virtualMachines/${name}`, kind: 'machine', vmSize: 'Standard_D2s_v5' },
});
const staging = (of: string, runId: string): Remain => ({
  ...template(`IT_rg_${of}`, runId),
  ...{ id: `/subscriptions/s/resourceGroups/IT_rg_${of}`, kind: 'staging group', template: of },
});

const noVersions = async () => ({ rows: [], asOf: now });

/** R-22222 is over, R-33333 is open; whatever Azure has at this moment is in `there`. */
function world(...there: Remain[]) {
  const held = dialogWorld({ read: { remains: async () => there, publishedVersions: noVersions } });
  const createdAt = new Date('2026-10-01T09:00:00Z');
  held.runs.set('R-22222', aRun('R-22222', { outcome: 'cancelled', endedAt: now, createdAt }));
  held.runs.set('R-33333', aRun('R-33333', {}));
  return { ...held, there, says: async (text: string, who: Who = 'ada') => (await held.say(who, text)).text };
}

const consent = async (asked: ReturnType<typeof world>): Promise<string> =>
  /leftovers --clean ([0-9a-f]{8})/.exec(await asked.says('leftovers'))?.[1] ?? '';

describe('leftovers', () => {
  it('are listed with their age, who made them and what they cost; what is in use is counted alone', async () => {
    const text = await world(machine('gbt-a', 'R-22222'), template('t', 'R-33333'), machine('pet')).says('leftovers');
    expect(text).toContain(
      'Builds have left 1 thing that goldbot can delete, at most US$ 84 a month\nat list prices\n',
    );
    expect(text).toMatch(/gbt-a \(machine\); Made: 1 Oct.*\(R-22222 for .+\); Costs at most: US\$ 84 a month/);
    expect(text).toMatch(/pet \(machine: it has no tag of goldbot\); Made: not known \(not by goldbot\)/);
    expect(text).toContain('1 more thing of open runs and of templates that are there: not listed.');
    expect(text).toContain('list price of Dsv5 machines in West Europe since 1 November 2021');
  });

  it('are deleted by the publishers of the image where they are copies of its versions', async () => {
    const image = { subscription: 's', resourceGroup: 'rg', gallery: 'gold', definition: 'ubuntu-22' };
    const copy = { ...machine('ubuntu-22@1.5.1', 'R-22222'), ...{ kind: 'copy' as const, image } };
    const held = world(copy);
    const plan = { verb: 'rollback', image: 'ubuntu-22', versions: ['1.5.0'], to: '1.4.1', forward: '1.5.1' };
    held.runs.set('R-22222', {
      ...aRun('R-22222', { outcome: 'failed' as never, endedAt: now }),
      ...({ kind: 'change', subject: 'rollback:ubuntu-22', plan } as object),
    });
    const text = await held.says('leftovers', 'grace');
    expect(text).toMatch(/ubuntu-22@1\.5\.1 \(copy never shown\)/);
    expect(text).toContain('leftovers --clean');
  });

  it('ask the books of all their makers at once, however many there are', async () => {
    const asked: (readonly RequestId[])[] = [];
    const one = () => Promise.reject(new Error('one by one'));
    const there = Array.from({ length: 300 }, (_, n) => machine(`m-${n}`, n % 2 ? 'R-22222' : 'R-33333'));
    const held = dialogWorld({ read: { remains: async () => there, publishedVersions: noVersions } });
    Object.assign(held.deps.reads, {
      ...{ run: one, runOfApproval: one },
      runsOf: async (ids: readonly RequestId[]) => {
        asked.push(ids);
        return new Map(held.runs);
      },
    });
    held.runs.set('R-22222', aRun('R-22222', { outcome: 'cancelled', endedAt: now }));
    await held.say('ada', 'leftovers');
    expect(asked).toEqual([['R-33333', 'R-22222']]);
    for (const list of ['approvals', 'status']) expect((await held.say('ada', list)).text).not.toMatch(/E-[0-9A-F]{8}/);
  });

  it('that a template left as a group are for an administrator, by the command', async () => {
    const asked = world(staging('gone', 'R-22222'));
    const text = await asked.says('leftovers');
    expect(text).toContain('The staging group IT_rg_gone was left by the template gone, which is gone (R-22222 for');
    expect(text).toContain('Have an administrator look into it, and delete it:');
    expect(text).toContain('az group delete --subscription s --name IT_rg_gone');
    expect(text).not.toContain('--clean');
  });

  it('are deleted once somebody agrees to the list as it is, and to nothing else', async () => {
    const asked = world(machine('gbt-a', 'R-22222'), template('t', 'R-22222'), machine('pet'));
    const word = await consent(asked);
    await asked.says(`leftovers --clean ${word}`);
    expect(asked.started).toMatchObject([
      { kind: 'change', subject: 'leftovers:rg-image-builds', plan: { verb: 'leftovers' } },
    ]);
    const [{ plan }] = asked.started as unknown as [{ plan: { things: readonly { name: string; runId: string }[] } }];
    expect(plan.things.map(({ name, runId }) => `${name} ${runId}`).sort()).toEqual(['gbt-a R-22222', 't R-22222']);
  });

  it('are listed again, and nothing is deleted, when the list has changed since', async () => {
    const asked = world(machine('gbt-a', 'R-22222'));
    const word = await consent(asked);
    asked.there.push(machine('gbt-b', 'R-22222'));
    const text = await asked.says(`leftovers --clean ${word}`);
    expect(text).toContain('! The list has changed: nothing was deleted. Look at it again.');
    expect(text).toContain('gbt-b');
    expect(asked.started).toEqual([]);
    expect(await consent(asked)).not.toBe(word);
  });

  it('are for publishers: who only looks at things deletes none', async () => {
    const asked = world(machine('gbt-a', 'R-22222'));
    const word = await consent(asked);
    expect(await asked.says(`leftovers --clean ${word}`, 'dana')).toContain('WRONG_ROLE');
    expect(asked.started).toEqual([]);
  });

  it('of an image are for its publishers: those of another image see them, and delete none', async () => {
    const asked = world(machine('gbt-a', 'R-22222'), machine('gbt-w', 'R-44444'));
    const createdAt = new Date('2026-10-01T09:00:00Z');
    asked.runs.set('R-44444', aRun('R-44444', { subject: 'ubuntu-24', outcome: 'cancelled', endedAt: now, createdAt }));
    const text = await asked.says('leftovers', 'web');
    expect(text).toContain('Builds have left 1 thing that goldbot can delete');
    expect(text).toMatch(/gbt-a \(machine: it is of ubuntu-22, whose publishers can delete it\)/);
    const word = /leftovers --clean ([0-9a-f]{8})/.exec(text)?.[1];
    await asked.says(`leftovers --clean ${await consent(asked)}`, 'web');
    expect(asked.started).toEqual([]);
    await asked.says(`leftovers --clean ${word}`, 'web');
    const [{ plan }] = asked.started as unknown as [{ plan: { things: readonly { name: string }[] } }];
    expect(plan.things.map(({ name }) => name)).toEqual(['gbt-w']);
  });

  it('are agreed to a dozen at a time, and the card says what comes next', async () => {
    const many = Array.from({ length: 14 }, (_, n) => machine(`gbt-${String(n).padStart(2, '0')}`, 'R-22222'));
    const asked = world(...many);
    const text = await asked.says('leftovers');
    expect(text).toContain('Builds have left 12 things that goldbot can delete');
    expect(text).toMatch(/gbt-13 \(machine: the list is agreed to 12 at a time; this comes next\)/);
  });
});
