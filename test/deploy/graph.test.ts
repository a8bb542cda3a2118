import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const script = join(__dirname, '../../deploy/graph.sh');
const identity = '0b1ec700-601d-4b07-8000-00000000b070';
const role = '98830695-27a2-44f7-8c18-0c3ebc9698f6';

/**
 * Stands in for the Azure CLI: keeps what it is asked, a line each, and answers as `--query … -o tsv` would. What the
 * identity holds is a file, to which a POST adds.
 */
const azureCli = `#!/bin/sh
echo "$*" >> "$WORLD/asked"
case "$*" in
  *"cloud show"*) echo https://graph.microsoft.com/ ;;
  *"account show"*) echo 8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c11 ;;
  *"--method post"*) [ ! -e "$WORLD/refuses" ] || exit 1; echo ${role} >> "$WORLD/held" ;;
  *appRoleAssignments*) cat "$WORLD/held" ;;
  *displayName*) [ ! -e "$WORLD/nobody" ] || exit 3; echo id-goldbot-contoso ;;
  *"appRoles[?id=="*) echo Directory.Read.All ;;
  *"appRoles[?value=="*) echo ${role} ;;
  *filter=appId*) echo graph-in-this-tenant ;;
  *) echo "nobody taught me: $*" >&2; exit 9 ;;
esac
`;

let world: string;
beforeEach(() => {
  world = mkdtempSync(join(tmpdir(), 'goldbot-graph-test-'));
  writeFileSync(join(world, 'az'), azureCli);
  chmodSync(join(world, 'az'), 0o755);
  writeFileSync(join(world, 'held'), '');
});
afterEach(() => rmSync(world, { recursive: true }));

const put = (name: string, text = '') => writeFileSync(join(world, name), text);
const posts = () => readFileSync(join(world, 'asked'), 'utf8').match(/^.*--method post.*$/gm) ?? [];

function run(...args: readonly string[]) {
  const env = { PATH: `${world}:${process.env['PATH']}`, WORLD: world };
  const { status, stdout, stderr } = spawnSync('sh', [script, ...args], { env, encoding: 'utf8' });
  return { status, said: stdout, complained: stderr };
}

describe('deploy/graph.sh', () => {
  it('shows what it would do, and does nothing without --yes', () => {
    const { status, said } = run(identity);
    expect(said.split('\n')).toEqual([
      'Tenant:   8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c11',
      `Identity: id-goldbot-contoso (${identity})`,
      'Would get: GroupMember.Read.All (application permission of Microsoft Graph)',
      'Nothing was changed. To give it: the same command with --yes.',
      '',
    ]);
    expect(status).toBe(0);
    expect(posts()).toEqual([]);
  });

  it('gives it with --yes, and looks whether it is there; a second time there is nothing to do', () => {
    expect(run(identity, '--yes').said).toContain('Given. goldbot can read groups within some minutes');
    const [post = ''] = posts();
    expect(post).toContain(`/v1.0/servicePrincipals/${identity}/appRoleAssignments`);
    expect(post).toContain(`{"principalId":"${identity}","resourceId":"graph-in-this-tenant","appRoleId":"${role}"}`);
    const again = run(identity, '--yes');
    expect(again).toMatchObject({
      status: 0,
      said: expect.stringContaining('Has:      GroupMember.Read.All\nNothing to do.\n'),
    });
    expect(posts()).toHaveLength(1);
  });

  it('names what the identity has and goldbot does not use', () => {
    put('held', 'something-else\n');
    expect(run(identity).said).toContain('Has:      Directory.Read.All, which goldbot does not use; take it away');
  });

  it.each([
    ['no identity', [], 'Usage: deploy/graph.sh'],
    ['a name for an id', ['id-goldbot'], '“id-goldbot” is not an object id, which is a GUID.'],
    ['another option', [identity, '--force'], 'There is no option --force.'],
  ])('refuses %s before it asks anybody', (_what, args, complaint) => {
    put('asked');
    expect(run(...args)).toMatchObject({ status: 1, complained: expect.stringContaining(complaint) });
    expect(readFileSync(join(world, 'asked'), 'utf8')).toBe('');
  });

  it('says when the tenant has no such identity, and when it may not consent', () => {
    put('nobody');
    expect(run(identity)).toMatchObject({
      status: 1,
      complained: expect.stringContaining('Take the principal id, not the client id'),
    });
    rmSync(join(world, 'nobody'));
    put('refuses');
    expect(run(identity, '--yes')).toMatchObject({
      status: 1,
      complained: expect.stringContaining('takes a Privileged Role Administrator'),
    });
  });
});
