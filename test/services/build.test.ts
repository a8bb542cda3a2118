import type { Build, BuildSpec } from '../../core/azure';
import { failureOfLog } from '../../core/images';
import { builderIdentity } from '../../sandbox/azure/names';
import { failure, held, place, ubuntu } from './azure';
import { wholeAzure } from './whole-azure';

const name = 'ubuntu-22-9-0-0-a1-3f9c1ab2';
const jammy = { publisher: 'Canonical', offer: '0001-com-ubuntu-server-jammy', sku: '22_04-lts-gen2' };

async function withSpec(customize: BuildSpec['customize']) {
  const azure = wholeAzure();
  const [newest] = (await azure.read.marketplaceVersions('westeurope', jammy)).slice(-1);
  const spec: BuildSpec = {
    identity: builderIdentity,
    source: { ...jammy, version: newest?.version ?? '' },
    customize,
    validate: [{ type: 'Shell', name: 'sshd', inline: ['sudo sshd -t'] }],
    target: { ...ubuntu, version: '9.0.0' },
    regions: [{ name: 'West Europe', replicas: 1 }],
    vmSize: 'Standard_D2s_v5',
    timeoutMinutes: 90,
    tags: { 'goldbot-run': 'R-7F3KQ' },
    artifactTags: { 'goldbot-run': 'R-7F3KQ', 'goldbot-version': '9.0.0' },
  };
  const write = azure.write(held);
  /** Looks once a world minute until the state is one of these; answers with all that was seen, each once. */
  const until = async (...ends: Build['state'][]): Promise<Build['state'][]> => {
    const seen: Build['state'][] = [];
    for (let minute = 0; minute < 240; minute += 1) {
      const { state } = await azure.read.build(place, name);
      if (seen.at(-1) !== state) seen.push(state);
      if (ends.includes(state)) return seen;
      azure.world.clock.advance(1);
    }
    throw new Error(`still not ${ends.join(' or ')} after 240 minutes: ${seen.join(', ')}`);
  };
  return { ...azure, spec, write, until };
}

const good: BuildSpec['customize'] = [
  { type: 'Shell', name: 'updates', inline: ['sudo apt-get update -q', 'sudo apt-get dist-upgrade -y -q'] },
  { type: 'Shell', name: 'mark', inline: ['sudo mkdir -p /etc/goldbot', 'echo a=b | sudo tee /etc/goldbot/tattoo'] },
];

describe('a build in the sandbox', () => {
  it('runs by itself and ends as a version that nobody gets by latest', async () => {
    const { read, write, spec, until } = await withSpec(good);
    await expect(read.build(place, name)).resolves.toEqual({ state: 'absent' });
    await write.startBuild(place, name, spec);
    const seen = await until('succeeded', 'failed');
    expect(seen[0]).toBe('provisioning');
    expect(seen.slice(-2)).toEqual(['running', 'succeeded']);
    await expect(read.build(place, name)).resolves.toMatchObject({
      state: 'succeeded',
      artifactId: expect.stringMatching(/ubuntu-22\/versions\/9\.0\.0$/),
      endedAt: expect.any(Date),
    });
    await expect(read.version(ubuntu, '9.0.0')).resolves.toMatchObject({
      provisioningState: 'Succeeded',
      excludedFromLatest: true,
      tags: spec.artifactTags,
    });
  });

  it('that was asked for twice runs once', async () => {
    const { write, spec, until, sandbox, sent } = await withSpec(good);
    sandbox.faults.add({ match: { method: 'PUT' }, dropAfterAccept: true, times: 1 });
    const error = await failure(write.startBuild(place, name, spec));
    expect(error.code).toBe('AZ_SILENT');
    await write.startBuild(place, name, spec);
    await until('running');
    await write.startBuild(place, name, spec);
    await write.runTemplate(place, name);
    await until('succeeded');
    expect(sent('PUT')).toHaveLength(3);
  });

  it('that fails tells the step, the first real error and what helps', async () => {
    const failing = {
      type: 'Shell' as const,
      name: 'agent',
      inline: ['set -euo pipefail', 'curl -sSf https://example.com/agent.sh | bash'],
    };
    const { read, write, spec, until } = await withSpec([...good, failing]);
    await write.startBuild(place, name, spec);
    await until('failed');
    await expect(read.build(place, name)).resolves.toMatchObject({ state: 'failed', code: 'PackerBuildFailed' });
    const log = (await read.buildLog(place, name)) ?? '';
    expect(failureOfLog(log, ['updates', 'mark', 'agent'])).toMatchObject({
      step: 'agent',
      error: expect.stringMatching(/^\/tmp\/script_\d+\.sh: 2: set: Illegal option -o pipefail$/),
      remedy: expect.stringContaining("bash -euo pipefail <<'EOF'"),
    });
  });

  it('can be cancelled while it runs, and its template goes with its logs', async () => {
    const { read, write, spec, until } = await withSpec(good);
    await write.startBuild(place, name, spec);
    await until('running');
    const busy = await failure(write.deleteTemplate(place, name));
    expect(busy.code).toBe('AZ_CONFLICT');
    await write.cancelBuild(place, name);
    await write.cancelBuild(place, name);
    expect((await until('canceled')).at(-1)).toBe('canceled');
    await write.deleteTemplate(place, name);
    await write.deleteTemplate(place, name);
    await until('absent');
    await write.deleteTemplate(place, name);
    await expect(read.buildLog(place, name)).resolves.toBeUndefined();
  });

  it('is a leftover until its template and its candidate are deleted', async () => {
    const { read, write, spec, until, world } = await withSpec(good);
    await write.startBuild(place, name, spec);
    await until('succeeded');
    const left = (await read.leftovers(place, ubuntu)).filter((l) => l.runId === 'R-7F3KQ');
    expect(left.map((l) => [l.kind, l.name])).toEqual([
      ['template', name],
      ['version', 'ubuntu-22@9.0.0'],
    ]);
    await write.deleteTemplate(place, name);
    await write.deleteVersion(ubuntu, '9.0.0');
    world.clock.advance(30);
    const after = (await read.leftovers(place, ubuntu)).filter((l) => l.runId === 'R-7F3KQ');
    expect(after).toEqual([]);
  });

  it('that Azure does not accept says what is wrong', async () => {
    const { write, spec } = await withSpec(good);
    const error = await failure(write.startBuild(place, name, { ...spec, timeoutMinutes: 5_000 }));
    expect(error.code).toBe('AZ_BAD_REQUEST');
  });
});
