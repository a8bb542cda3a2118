import { teamSubscriptions } from '../../sandbox/azure/names';
import { ask } from './client';
import { put, source } from './gallery-version-world';
import { open, url } from './gallery-world';

const front = `/subscriptions/${teamSubscriptions[1]}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachineScaleSets/vmss-web-front/virtualMachines?api-version=2024-07-01`;
const pinned = `/subscriptions/${teamSubscriptions[2]}/resourceGroups/rg-data/providers/Microsoft.Compute/virtualMachineScaleSets/vmss-data-workers/virtualMachines?api-version=2024-07-01`;
const released = '/images/ubuntu-22/versions/1.6.0';

type Opened = ReturnType<typeof open>;

/** How many instances there are of each version. */
async function versionsIn({ sandbox }: Opened, set: string): Promise<Record<string, number>> {
  const { body } = await ask(sandbox, 'GET', set);
  const found: Record<string, number> = {};
  for (const { properties } of (body as { value: { properties: Instance }[] }).value) {
    const version = properties.storageProfile.imageReference.exactVersion;
    found[version] = (found[version] ?? 0) + 1;
  }
  return found;
}

interface Instance {
  readonly storageProfile: { readonly imageReference: { readonly exactVersion: string } };
}

describe('a scale set with automatic upgrades', () => {
  it('takes a version once it is the latest, a fifth of its instances at a time', async () => {
    const opened = open();
    await put(opened, { storageProfile: { source }, publishingProfile: { excludeFromLatest: true } }, released, 60);
    const excluded = await versionsIn(opened, front);
    const properties = { publishingProfile: { excludeFromLatest: false } };
    await ask(opened.sandbox, 'PATCH', url(released), { properties });
    opened.world.clock.advance(12);

    const begun = await versionsIn(opened, front);
    opened.world.clock.advance(60);

    expect(excluded).toEqual({ '1.4.1': 2, '1.5.0': 6 });
    expect(begun['1.6.0']).toBe(2);
    expect(await versionsIn(opened, front)).toEqual({ '1.6.0': 8 });
  });

  it('goes on with nothing when a version is only tagged, nor back when the latest is excluded', async () => {
    const opened = open();
    await ask(opened.sandbox, 'PATCH', url('/images/ubuntu-22/versions/1.5.0'), { tags: { seen: 'yes' } });
    opened.world.clock.advance(90);
    const tagged = await versionsIn(opened, front);
    const properties = { publishingProfile: { excludeFromLatest: true } };
    await ask(opened.sandbox, 'PATCH', url('/images/ubuntu-22/versions/1.5.0'), { properties });
    opened.world.clock.advance(90);

    expect(tagged).toEqual({ '1.4.1': 2, '1.5.0': 6 });
    expect(await versionsIn(opened, front)).toEqual(tagged);
  });

  it('is another matter than one that names its version', async () => {
    const opened = open();
    await put(opened, { storageProfile: { source } }, released, 180);

    expect(await versionsIn(opened, pinned)).toEqual({ '1.3.0': 5 });
  });
});
