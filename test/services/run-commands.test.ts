import { resourceId } from '../../core/azure-id';
import type { Route, SandboxRequest } from '../../sandbox/kernel/types';
import { azureOf, held, place } from './azure';

/** One managed run command of a machine of a kind: absent, then as it was put, then being deleted. */
function machineOf(path: string) {
  let properties: object | undefined;
  const seen: SandboxRequest[] = [];
  const routes = (['GET', 'PUT', 'DELETE'] as const).map(
    (method): Route => ({
      method,
      path: `${path}/runCommands/{command}`,
      handle: (request) => {
        seen.push(request);
        if (method === 'DELETE') return { status: properties ? 202 : 204 };
        if (method === 'PUT') properties = (request.body as { properties: object }).properties;
        if (!properties) return { status: 404, body: { error: { code: 'ResourceNotFound', message: 'No.' } } };
        const instanceView = { executionState: 'Succeeded', exitCode: 0, output: 'schema=1', error: '' };
        return { status: method === 'PUT' ? 201 : 200, body: { properties: { ...properties, instanceView } } };
      },
    }),
  );
  return { azure: azureOf(routes), seen };
}

const command = { name: 'goldbot-tattoo', script: 'cat /etc/goldbot/tattoo', timeoutSeconds: 60 };
const inGroup = '/subscriptions/{s}/resourceGroups/{g}/providers';

describe('a managed run command', () => {
  it.each([
    [
      'an instance of a uniform scale set',
      `${inGroup}/Microsoft.Compute/virtualMachineScaleSets/{set}/virtualMachines/{instance}`,
      resourceId(place, 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines', 'vmss-1', '3'),
      /^20\d\d-\d\d-\d\d$/,
    ],
    [
      'an Arc machine',
      `${inGroup}/Microsoft.HybridCompute/machines/{machine}`,
      resourceId(place, 'Microsoft.HybridCompute/machines', 'arc-1'),
      /^2025-01-13$/,
    ],
  ])('of %s is put, read and deleted under its own address', async (_, path, id, version) => {
    const { azure, seen } = machineOf(path);
    expect(await azure.read.command(id, command.name)).toEqual({ state: 'absent' });
    await azure.write(held).runCommand({ id, location: 'westeurope' }, command);
    expect(await azure.read.command(id, command.name)).toEqual({
      ...{ state: 'done', exitCode: 0, output: 'schema=1', error: '' },
    });
    await azure.write(held).runCommand({ id, location: 'westeurope' }, command);
    await azure.write(held).deleteCommand(id, command.name);
    expect(seen.map(({ method }) => method).join(' ')).toBe('GET GET PUT GET GET DELETE');
    expect(seen.every(({ url }) => url.pathname === `${id}/runCommands/goldbot-tattoo`)).toBe(true);
    expect(seen.every(({ url }) => version.test(url.searchParams.get('api-version') ?? ''))).toBe(true);
    expect(seen.find(({ method }) => method === 'PUT')?.body).toEqual({
      location: 'westeurope',
      properties: {
        source: { script: command.script },
        timeoutInSeconds: 60,
        asyncExecution: false,
        treatFailureAsDeploymentFailure: false,
      },
    });
  });

  it('of anything else is a bug, and nothing is asked', async () => {
    const azure = azureOf([]);
    const disk = resourceId(place, 'Microsoft.Compute/disks', 'd');
    await expect(azure.read.command(disk, 'c')).rejects.toThrow('cannot run commands');
    expect(azure.sandbox.exchanges).toEqual([]);
  });
});
