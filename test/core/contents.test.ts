import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Ajv from 'ajv';
import {
  type Contents,
  type ContentsGap,
  compareContents,
  contentsGapWords,
  fromCycloneDx,
  type ListingHead,
  listingHead,
  type Package,
  packageUrl,
  pieceCommand,
  readListing,
  summaryOf,
  toCycloneDx,
  versionChange,
} from '../../core/contents';
import { baseGuestNamed } from '../../sandbox/azure/guest/base';
import { bootGuest } from '../../sandbox/azure/guest/guest';
import type { Guest } from '../../sandbox/azure/guest/model';
import { runPowerShell } from '../../sandbox/azure/guest/powershell';
import { dialectOf, runShell } from '../../sandbox/azure/guest/shell';

type Os = 'Linux' | 'Windows';

const ubuntu = (serial: string) =>
  bootGuest(baseGuestNamed(`canonical:jammy:22_04-lts-gen2:22.04.${serial}`) as Guest, 'a');
const windows = (version: string) =>
  bootGuest(baseGuestNamed(`microsoftwindowsserver:windowsserver:2022-datacenter-g2:${version}`) as Guest, 'a');

function print(guest: Guest, os: Os, piece: number): string {
  const { script } = pieceCommand(os, piece);
  const now = new Date('2026-11-29T00:00:00Z');
  const ran =
    os === 'Linux'
      ? runShell(guest, script, { mode: 'strict', now, args: ['a.sh'], dialect: dialectOf(script) })
      : runPowerShell(guest, script, { mode: 'strict', now, file: 'C:\\a.ps1', as: 'file', parameters: [] });
  expect([ran.exitCode, ran.stderr]).toEqual([0, '']);
  // What Azure keeps.
  return ran.stdout.slice(-4_096);
}

/** As the stage of a publish reads it. */
function readGuest(guest: Guest, os: Os): { readonly found: Contents | ContentsGap; readonly pieces: number } {
  const first = print(guest, os, 0);
  const head = listingHead(first) as ListingHead;
  const others = Array.from({ length: head.pieces - 1 }, (_, i) => print(guest, os, i + 1));
  return { found: readListing(head, [first, ...others]), pieces: head.pieces };
}

const known = (found: Contents | ContentsGap): Contents => {
  if ('reason' in found) throw new Error(contentsGapWords(found));
  return found;
};

const has = (name: string, version: string, more: Partial<Package> = {}): Package => ({
  ...{ type: 'deb', name, version, architecture: 'amd64' },
  ...more,
});

describe('what is inside a machine', () => {
  it('is read from a Linux: packages, services, ports, users and settings of the kernel', () => {
    const guest = ubuntu('202611120');
    guest.services['nginx'] = { enabled: true, active: true };
    guest.services['telnetd'] = { enabled: false, active: false };
    guest.files['/etc/sysctl.d/99-own.conf'] = {
      content: 'kernel.kptr_restrict = 2\n',
      mode: '0644',
      owner: 'root:root',
    };
    const { found, pieces } = readGuest(guest, 'Linux');
    const { os, packages, services, ports, users, parameters, updates } = known(found);

    expect(pieces).toBe(1);
    expect(os).toMatchObject({ id: 'ubuntu', version: '22.04', name: 'Ubuntu 22.04.5 LTS', kernel: guest.os.kernel });
    expect(packages).toContainEqual(has('openssl', guest.packages['openssl'] ?? ''));
    const libssl = guest.packages['libssl3'] ?? '';
    expect(packages).toContainEqual(has('libssl3', libssl, { source: { name: 'openssl', version: libssl } }));
    expect(packages).toHaveLength(Object.keys(guest.packages).length);
    expect(services).toEqual(expect.arrayContaining(['nginx', 'ssh']));
    expect(services).not.toContain('telnetd');
    expect(ports).toEqual(['tcp/22 sshd', 'tcp/53 systemd-resolve (local)', 'tcp/80 nginx']);
    expect(users).toContain('root (0, /bin/bash)');
    expect(parameters).toContain('kernel.kptr_restrict = 2');
    expect(updates).toBeUndefined();
  });

  it('is read from a Windows: programs, updates, features, services, ports and users', () => {
    const guest = windows('20348.3091.250114');
    const { os, packages, updates, features, services, ports, users, parameters } = known(
      readGuest(guest, 'Windows').found,
    );

    expect(os).toEqual({
      ...{ id: 'windows', name: 'Microsoft Windows Server 2022 Datacenter', version: '10.0.20348' },
      kernel: '10.0.20348.3091',
    });
    expect(packages).toEqual([has('Microsoft Edge', '140.0.3485.54', { type: 'windows', architecture: 'x86' })]);
    expect(updates).toEqual(Object.keys(guest.updates ?? {}));
    expect(features).toContain('Windows-Defender');
    expect(services).toContain('WinRM');
    expect(services).not.toContain('Spooler-not-there');
    expect(services).not.toContain('RemoteRegistry');
    expect(ports).toContain('tcp/3389');
    expect(users).toContain('Administrator (disabled)');
    expect(parameters).toBeUndefined();
  });

  // Digits of which the next does not follow from the last: this is what compresses badly.
  const release = (i: number) => createHash('sha256').update(String(i)).digest('hex');

  it('comes whole from a Linux with 4,000 packages, a piece of 4 KB a command', () => {
    const guest = ubuntu('202611120');
    for (let i = 0; i < 4_000; i += 1) guest.packages[`package-${i}`] = release(i).slice(0, 12);
    const { found, pieces } = readGuest(guest, 'Linux');
    expect(pieces).toBeGreaterThan(10);
    expect(known(found).packages?.length).toBeGreaterThanOrEqual(4_000);
  });

  it('comes whole from a Windows in several pieces', () => {
    const guest = windows('20348.3091.250114');
    const key = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';
    const text = (data: string) => ({ kind: 'String' as const, data });
    for (let i = 0; i < 80; i += 1) {
      const values = { DisplayName: text(`Program ${i}`), DisplayVersion: text(release(i)) };
      Object.assign(guest.registry ?? {}, { [`${key}\\p${i}`]: values });
    }
    const { found, pieces } = readGuest(guest, 'Windows');
    expect(pieces).toBe(2);
    expect(known(found).packages).toContainEqual(
      has('Program 79', release(79), { type: 'windows', architecture: 'x64' }),
    );
  });

  it('keeps names that are made to lead astray, without what cannot be shown or kept', () => {
    const guest = ubuntu('202611120');
    guest.packages['evil\t1.0\tamd64\tinstalled'] = 'x';
    guest.files['/etc/passwd'] = {
      ...{ mode: '0644', owner: 'root:root' },
      content:
        "root:x:0:0::/root:/bin/sh\nknown\tpackage:x:1:1::/:/bin/sh\n'; rm -rf /:x:2:2::/:/bin/sh\n\u202egnp:x:3:3::/:/bin/\u0000sh\n",
    };
    const { users } = known(readGuest(guest, 'Linux').found);
    expect(users).toEqual([
      "'; rm -rf / (2, /bin/sh)",
      'known\tpackage (1, /bin/sh)',
      'root (0, /bin/sh)',
      '\ufffdgnp (3, /bin/\ufffdsh)',
    ]);
  });

  it('has no part that the machine could not tell, which is not the same as an empty one', () => {
    const guest = ubuntu('202611120');
    delete guest.files['/etc/passwd'];
    expect(known(readGuest(guest, 'Linux').found)).not.toHaveProperty('users');
    guest.files['/etc/passwd'] = { content: '', mode: '0644', owner: 'root:root' };
    expect(known(readGuest(guest, 'Linux').found).users).toEqual([]);
  });

  it('does not count the administrator of the test machine, ports at random, nor what was removed', () => {
    const text = [
      'os\tID=rhel',
      'os\tVERSION_ID="9.4"',
      'known\tos',
      'package\trpm\tkernel-core\t0:5.14.0-427.el9\tx86_64\tinstalled',
      'package\trpm\tgpg-pubkey\t0:fd431d51-4ae0493b\t(none)\tinstalled',
      'package\tdeb\told\t1\tamd64\tconfig-files',
      'known\tpackage',
      'user\tgoldbot:1000:/bin/bash',
      'user\troot:0:/bin/bash',
      'known\tuser',
      'port\tLISTEN 0 128 0.0.0.0:38001 0.0.0.0:* users:(("a",pid=1,fd=1))',
      'port\tLISTEN 0 128 [::1]:25 [::]:* users:(("master",pid=1,fd=1))',
      'known\tport',
    ].join('\n');
    expect(listed(text)).toEqual({
      os: { id: 'rhel', name: 'rhel', version: '9.4' },
      packages: [has('kernel-core', '0:5.14.0-427.el9', { type: 'rpm', architecture: 'x86_64' })],
      users: ['root (0, /bin/bash)'],
      ports: ['tcp/25 master (local)'],
    });
  });
});

/** As a machine would send it, with a head that says `head`. */
function sent(content: string | Uint8Array, change: (text: string) => string = (text) => text) {
  const text = gzipSync(content).toString('base64');
  const hash = createHash('sha256').update(text).digest('hex');
  const head = listingHead(`goldbot-contents 1 ${text.length} ${hash}\n`) as ListingHead;
  return readListing(head, [`goldbot-contents 1 ${text.length} ${hash}\n${change(text)}`]);
}
const listed = (text: string) => sent(text);

describe('a list that is not whole', () => {
  const good = 'package\tdeb\ta\t1\tamd64\tinstalled\nknown\tpackage\n';
  it.each([
    ['cut off', sent(good, (text) => text.slice(0, 20)), 'not known, because the list came cut off (20 of '],
    [
      'changed on the way',
      sent(good, (text) => `${text[1]}${text.slice(1)}`),
      'not known, because the list does not have the hash',
    ],
    [
      'not UTF-8',
      sent(Buffer.from(good.replace('\ta\t', '\t\u00e9\t'), 'latin1')),
      'not known, because the list is not UTF-8',
    ],
    [
      'of a machine without dpkg and rpm',
      sent('known\tpackage\n'),
      'not known, because the test machine has neither dpkg nor rpm',
    ],
    [
      'bigger than anybody needs',
      sent(Buffer.alloc(17 * 1024 * 1024, 97)),
      'not known, because the list is longer than goldbot reads',
    ],
  ])('is a gap: %s', (_, found, words) => {
    expect('reason' in found && contentsGapWords(found)).toContain(words);
  });

  it('is a gap when its head is no head, promises too much, or what follows is no archive', () => {
    expect(listingHead('Segmentation fault')).toEqual({ reason: 'unreadable' });
    expect(listingHead(`goldbot-contents 1 ${61 * 3_800} ${'a'.repeat(64)}\n`)).toEqual({ reason: 'too long' });
    expect(listingHead(`goldbot-contents 1 ${60 * 3_800} ${'a'.repeat(64)}\n`)).toMatchObject({ pieces: 60 });
    const text = Buffer.from('no archive').toString('base64');
    const hash = createHash('sha256').update(text).digest('hex');
    expect(readListing({ length: text.length, sha256: hash, pieces: 1 }, [text])).toMatchObject({
      reason: 'unreadable',
    });
  });
});

describe('two lists side by side', () => {
  const os = { id: 'ubuntu', name: 'Ubuntu', version: '22.04' };
  const between = (before: Partial<Contents>, after: Partial<Contents>) =>
    compareContents({ os, ...before }, { os, ...after });

  it('tell what changed, came and went, what people look for first before the others', () => {
    const { packages } = between(
      {
        packages: [has('aaa', '1'), has('openssl', '3.0.2-15'), has('telnet', '1'), has('same', '1'), has('zlib', '1')],
      },
      {
        packages: [has('aaa', '2'), has('openssl', '3.0.2-18'), has('nginx', '1'), has('same', '1'), has('zlib', '2')],
      },
    );
    expect(packages).toEqual([
      { name: 'openssl', from: '3.0.2-15', to: '3.0.2-18' },
      { name: 'aaa', from: '1', to: '2' },
      { name: 'zlib', from: '1', to: '2' },
      { name: 'nginx', to: '1' },
      { name: 'telnet', from: '1' },
    ]);
    expect(summaryOf({ packages: packages ?? [], lists: {} })).toMatchObject({
      packages: { changed: 3, added: 1, removed: 1 },
      top: [{ name: 'openssl' }, {}, {}, {}, {}],
    });
  });

  it('take a package that has its version in its name for the same', () => {
    const kernel = (n: number) => has(`linux-image-6.8.0-${n}-azure`, `6.8.0-${n}.36`);
    expect(between({ packages: [kernel(1030)] }, { packages: [kernel(1034)] }).packages).toEqual([
      { name: 'linux-image-6.8.0-1034-azure', from: '6.8.0-1030.36', to: '6.8.0-1034.36' },
    ]);
    // Of two nobody knows which became which.
    expect(between({ packages: [kernel(1), kernel(2)] }, { packages: [kernel(3)] }).packages).toHaveLength(3);
  });

  it('count a name once, whatever its architectures, and its versions together', () => {
    const both = (v: string) => [has('libc6', v), has('libc6', v, { architecture: 'i386' })];
    expect(between({ packages: both('1') }, { packages: both('2') }).packages).toEqual([
      { name: 'libc6', from: '1', to: '2' },
    ]);
    const two = [has('kernel', '1', { type: 'rpm' }), has('kernel', '2', { type: 'rpm' })];
    expect(between({ packages: two.slice(0, 1) }, { packages: two }).packages).toEqual([
      { name: 'kernel', from: '1', to: '1, 2' },
    ]);
  });

  it('tell of services what came and went, of users and settings also what changed, and of one part alone nothing', () => {
    const { lists, packages, kernel } = between(
      {
        ...{
          os: { ...os, kernel: '6.8.0-1' },
          services: ['a', 'b'],
          parameters: ['kernel.sysrq = 176', 'vm.swappiness = 60'],
        },
        users: ['root (0, /bin/bash)', 'Administrator (disabled)'],
      },
      {
        ...{
          os: { ...os, kernel: '6.8.0-2' },
          services: ['b', 'c'],
          parameters: ['kernel.sysrq = 0', 'vm.swappiness = 60'],
        },
        ...{ users: ['root (0, /usr/sbin/nologin)', 'Administrator'], ports: ['tcp/22'] },
      },
    );
    expect(packages).toBeUndefined();
    expect(kernel).toEqual({ from: '6.8.0-1', to: '6.8.0-2' });
    expect(lists).toEqual({
      services: { added: ['c'], removed: ['a'], changed: [] },
      parameters: { added: [], removed: [], changed: [{ name: 'kernel.sysrq', from: '176', to: '0' }] },
      users: {
        ...{ added: [], removed: [] },
        changed: [
          { name: 'root', from: '0, /bin/bash', to: '0, /usr/sbin/nologin' },
          { name: 'Administrator', from: 'disabled', to: 'enabled' },
        ],
      },
    });
  });

  it.each([
    ['3.0.2-15', '3.0.2-18', '3.0.2-15 → -18'],
    ['3.0.2-0ubuntu1.18', '3.0.2-0ubuntu1.21', '3.0.2-0ubuntu1.18 → .21'],
    ['1:8.9p1-3', '1:9.6p1-3', '1:8.9p1-3 → 1:9.6p1-3'],
    ['1.0', '2.0', '1.0 → 2.0'],
    ['1.2.3-1', '1.2.3-1.1', '1.2.3-1 → 1.2.3-1.1'],
    ['1.2.3-1.1', '1.2.3-1', '1.2.3-1.1 → 1.2.3-1'],
  ])('write %s and %s in short', (from, to, words) => {
    expect(versionChange(from, to)).toBe(words);
  });
});

const schemaFolder = join(dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')), 'res/schema');
const schemaOf = (name: string) => JSON.parse(readFileSync(join(schemaFolder, `${name}.SNAPSHOT.schema.json`), 'utf8'));

describe('the document', () => {
  const contents: Contents = {
    os: { id: 'ubuntu', name: 'Ubuntu 22.04.5 LTS', version: '22.04', kernel: '6.8.0' },
    packages: [
      has('openssl', '3.0.2-0ubuntu1.18'),
      has('vim', '2:8.2+x', { architecture: 'all', source: { name: 'vi', version: '1' } }),
    ],
    services: ['ssh'],
    ports: [],
    users: ["'; \u00e9 (0, /bin/sh)"],
  };
  const made = { image: 'ubuntu-22', version: '1.6.0', readAt: new Date('2026-11-29T00:00:00Z') };

  it('gives back all that it was made of, and knows what is empty from what is not known', () => {
    const kept = JSON.parse(JSON.stringify(toCycloneDx(contents, made)));
    expect(fromCycloneDx(kept)).toEqual(contents);
  });

  it('is CycloneDX 1.6, by its own schema', () => {
    const judge = new Ajv({ strict: false, validateFormats: false });
    for (const name of ['spdx', 'jsf-0.82']) {
      const { $id: _, ...schema } = schemaOf(name);
      judge.addSchema(schema, `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
    }
    const valid = judge.compile(schemaOf('bom-1.6'));
    const read = [ubuntu('202611120'), windows('20348.3091.250114')].map((guest) =>
      toCycloneDx(known(readGuest(guest, guest.registry ? 'Windows' : 'Linux').found), made),
    );
    for (const document of [toCycloneDx(contents, made), ...read]) {
      expect(valid(JSON.parse(JSON.stringify(document))) || valid.errors).toBe(true);
    }
    expect(valid({ ...toCycloneDx(contents, made), components: [{ name: 'a' }] })).toBe(false);
  });

  it.each([
    [has('openssl', '3.0.2-0ubuntu1.18'), 'pkg:deb/ubuntu/openssl@3.0.2-0ubuntu1.18?arch=amd64&distro=ubuntu-22.04'],
    [has('vim', '2:8.2+x'), 'pkg:deb/ubuntu/vim@2%3A8.2%2Bx?arch=amd64&distro=ubuntu-22.04'],
    [has('bash', '0:5.1-2.el9', { type: 'rpm' }), 'pkg:rpm/ubuntu/bash@5.1-2.el9?arch=amd64&distro=ubuntu-22.04'],
    [has('bind', '32:9.16-1', { type: 'rpm' }), 'pkg:rpm/ubuntu/bind@9.16-1?arch=amd64&distro=ubuntu-22.04&epoch=32'],
    [has("7-Zip (x64)'s", '', { type: 'windows', architecture: 'x64' }), 'pkg:generic/7-Zip%20%28x64%29%27s?arch=x64'],
  ])('names a package by its purl: %#', (one, purl) => {
    expect(packageUrl(one, contents.os)).toBe(purl);
  });
});
