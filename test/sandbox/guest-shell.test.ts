import { baseGuest } from '../../sandbox/azure/guest/base';
import type { Guest } from '../../sandbox/azure/guest/guest';
import { type RunShellOptions, runShell } from '../../sandbox/azure/guest/shell';

const now = new Date('2026-11-22T12:00:00Z');

function ubuntu(): Guest {
  const image = { publisher: 'Canonical', offer: '0001-com-ubuntu-server-jammy', sku: '22_04-lts-gen2' };
  return baseGuest({ ...image, version: '22.04.202609030' }) as Guest;
}

function run(script: string, options: Partial<RunShellOptions> = {}, guest = ubuntu()) {
  return { ...runShell(guest, script, { mode: 'strict', now, ...options }), guest };
}

describe('the shell of a guest', () => {
  it.each([
    ['sequences, and and or', 'echo a; echo b && false || echo c', 'a\nb\nc\n'],
    ['variables and quotes', `A="x y"; echo $A '$A' "$A" \${A%y}z \${B:-none} \${#A}`, 'x y $A x y x z none 3\n'],
    ['if, elif and else', 'if false; then echo 1; elif [ 1 -eq 1 ]; then echo 2; else echo 3; fi', '2\n'],
    [
      'for and while',
      'for i in a b; do echo $i; done; n=0; while [ $n -lt 2 ]; do n=$((n+1)); done; echo $n',
      'a\nb\n2\n',
    ],
    ['substitution and pipes', 'echo "$(printf "b\\na\\n" | sort | head -n1)" | tr a-z A-Z', 'A\n'],
    ['here-documents', "cat > /tmp/f <<'EOF'\n$HOME `x`\nEOF\ncat /tmp/f; cat <<EOF\n$((1+1))\nEOF", '$HOME `x`\n2\n'],
    [
      'redirections',
      'echo a > /tmp/x; echo b >> /tmp/x; ls /nope 2>/dev/null; (echo e >&2) 2>&1; cat < /tmp/x',
      'e\na\nb\n',
    ],
    ['exit codes', 'false; echo $?; (exit 7); echo $?; ! true; echo $?', '1\n7\n1\n'],
    [
      'filters',
      "printf 'a:1\\nb:2\\n' | cut -d: -f2 | tail -n 1; printf 'x y\\n' | awk '{print $2}'; printf 'q\\n' | wc -l",
      '2\ny\n1\n',
    ],
    [
      'file names',
      'mkdir -p /opt/a; touch /opt/a/1.conf /opt/a/2.conf; echo /opt/a/*.conf; cd /opt/a; echo *.txt',
      '/opt/a/1.conf /opt/a/2.conf\n*.txt\n',
    ],
    [
      'sed in place',
      "echo '#Port 22' > /tmp/s; sed -i -e 's/^#\\?Port .*/Port 2222/' /tmp/s; cat /tmp/s",
      'Port 2222\n',
    ],
    ['read in a loop', 'printf "a 1\\nb 2\\n" | while read k v; do echo "$v$k"; done', '1a\n2b\n'],
  ])('understands %s', (_, script, stdout) => {
    expect(run(script)).toMatchObject({ exitCode: 0, stdout, stderr: '' });
  });

  it('ends at the first failure under set -e, but not where somebody looks at the outcome', () => {
    expect(run('set -e\nif false; then :; fi\nfalse || true\necho here\nfalse\necho never').stdout).toBe('here\n');
    expect(run('set -eu; echo ${NOPE}').exitCode).toBe(1);
    expect(run('#!/bin/bash\nset -o pipefail; false | true').exitCode).toBe(1);
    expect(run('false | true').exitCode).toBe(0);
  });

  it('refuses what no shell would read', () => {
    const { exitCode, stderr } = run('if true; then echo a');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Syntax error');
  });

  it.each([
    ['a script', "printf '#!/bin/sh\\n/opt/x\\n' > /opt/x; chmod +x /opt/x; /opt/x"],
    ['what is evaluated', `x='eval "$x"'; eval "$x"`],
    ['a file that is read', "echo '. /tmp/y' > /tmp/y; . /tmp/y"],
    ['a function', 'f() { $(f); }; x=$(f); f'],
  ])('ends %s that calls itself for ever', (_, script) => {
    expect(run(script)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('recursion depth (150)') });
  });

  it('ends what calls itself twice each time, and reads a megabyte', () => {
    const { exitCode, stderr } = run('f() { (f); (f); }; f');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('recursion depth');
    const lines = 'x=0123456789012345678901234567890\n'.repeat(8_000);
    expect(run(`${lines}echo \${#x} ${'y'.repeat(1_000_000)} "${'z '.repeat(500_000)}"`).stdout).toHaveLength(
      2_000_005,
    );
  });

  it('does not know an unmodelled command in a test, and only notes it in a customizer', () => {
    const strict = run('frobnicate --now');
    expect(strict.exitCode).toBe(127);
    expect(strict.stderr).toBe('sh: 1: frobnicate: not found\n');
    const customizer = run('frobnicate --now', { mode: 'customizer' });
    expect(customizer.exitCode).toBe(0);
    expect(customizer.log).toEqual(['not executed: frobnicate --now (the sandbox does not model frobnicate)']);
    expect(customizer.stdout).toContain('not executed: frobnicate --now');
  });

  it('fetches nothing and says so', () => {
    const { exitCode, log } = run('curl -sSf https://example.com/x -o /tmp/x', { mode: 'customizer' });
    expect(exitCode).toBe(0);
    expect(log[0]).toContain('fetches nothing');
    expect(run('curl -sSf https://example.com/x').exitCode).toBe(6);
  });

  it('lets an ordinary user change the system by sudo alone', () => {
    const user = { user: 'packer' };
    const refused = run('echo x > /etc/motd', user);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain('Permission denied');
    expect(run('apt-get install -y jq', user).exitCode).toBe(100);
    const { guest, exitCode } = run('echo x | sudo tee /etc/motd > /dev/null', user);
    expect(exitCode).toBe(0);
    expect(guest.files['/etc/motd']).toEqual({ content: 'x\n', mode: '0644', owner: 'root:root' });
  });
});

describe('/bin/sh of a guest, which is dash', () => {
  const bashisms: [what: string, script: string, stderr: string, exitCode: number][] = [
    ['pipefail', 'echo a\nset -euo pipefail', 'sh: 2: set: Illegal option -o pipefail\n', 2],
    ['[[', 'if [[ -f /etc/passwd ]]; then echo yes; fi', 'sh: 1: [[: not found\n', 0],
    ['source', 'set -e\nsource /etc/os-release', 'sh: 2: source: not found\n', 127],
    ['declare', 'declare -a x', 'sh: 1: declare: not found\n', 127],
    ['==', 'set -e\n[ a == a ]', 'sh: 2: [: a: unexpected operator\n', 2],
    ['arrays', 'echo a\nx=(a b)', 'sh: 2: Syntax error: "(" unexpected\n', 2],
    ['process substitution', 'cat <(echo a)', 'sh: 1: Syntax error: "(" unexpected\n', 2],
    ['here-strings', 'cat <<< a', 'sh: 1: Syntax error: redirection unexpected\n', 2],
    ['replacing in a variable', 'x=abc\necho ${x//b/c}', 'sh: 2: Bad substitution\n', 2],
    ['read -a', 'echo a | read -a x', 'sh: 1: read: Illegal option -a\n', 2],
    ['trap ERR', 'trap "echo x" ERR', 'sh: 1: trap: ERR: bad trap\n', 1],
  ];
  it.each(bashisms)('does not know %s of bash, not even in a customizer', (_, script, stderr, exitCode) => {
    expect(run(script)).toMatchObject({ stderr, exitCode });
    expect(run(script, { mode: 'customizer' })).toMatchObject({ stderr, exitCode, log: [] });
  });

  it('has an echo without -e, which reads escapes by itself', () => {
    expect(run("echo -e 'a\\tb'; echo -n c").stdout).toBe('-e a\tb\nc');
    expect(run("#!/bin/bash\necho -e 'a\\tb'; echo 'c\\td'").stdout).toBe('a\tb\nc\\td\n');
  });

  it('gives way to bash where a script asks for it', () => {
    const strict = 'set -euo pipefail; false | cat; echo never';
    expect(run(`#!/usr/bin/env bash\n${strict}`)).toMatchObject({ exitCode: 1, stdout: '', stderr: '' });
    expect(run(`bash -euo pipefail <<'EOF'\nfalse | cat\necho never\nEOF`)).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: '',
    });
    expect(run(`bash -c 'set -o pipefail; [ a == a ] && echo yes'`).stdout).toBe('yes\n');
    expect(
      run(`printf '#!/bin/bash\\nset -o pipefail\\n[ a == a ]\\n' > /opt/x; chmod +x /opt/x; /opt/x`),
    ).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run(`printf 'set -o pipefail\\n' > /opt/x; chmod +x /opt/x; /opt/x`)).toMatchObject({
      exitCode: 2,
      stderr: '/opt/x: 1: set: Illegal option -o pipefail\n',
    });
    expect(run('#!/bin/bash\necho a\naide').stderr).toBe('sh: line 3: aide: command not found\n');
  });

  it('runs the lines of a customizer whatever their first line says: Packer puts its own before it', () => {
    expect(run('#!/bin/bash\nset -o pipefail', { dialect: 'sh' }).exitCode).toBe(2);
  });
});

describe('what runs in a guest', () => {
  it('upgrades packages to what the archive has at that time, once the lists are fetched', () => {
    const guest = ubuntu();
    const before = guest.packages['openssl'];
    expect(run('apt-get -y upgrade', {}, guest).stdout).toContain('0 upgraded');
    expect(run('apt-get update && DEBIAN_FRONTEND=noninteractive apt-get -y upgrade', {}, guest).exitCode).toBe(0);
    expect(guest.packages['openssl']).not.toBe(before);
    const query = run("dpkg-query -W -f='${Package} ${Version}\\n' openssl", {}, guest);
    expect(query.stdout).toBe(`openssl ${guest.packages['openssl']}\n`);
  });

  it('stops an installation that nobody can confirm, and one that does not exist', () => {
    expect(run('apt-get update >/dev/null; apt-get install jq')).toMatchObject({ exitCode: 1 });
    const missing = run('apt-get update >/dev/null; apt-get install -y no-such-thing');
    expect(missing).toMatchObject({ exitCode: 100, stderr: 'E: Unable to locate package no-such-thing\n' });
  });

  it('enables and asks services', () => {
    const guest = ubuntu();
    expect(run('apt-get update; apt-get install -y auditd', {}, guest).exitCode).toBe(0);
    expect(run('systemctl is-active auditd', {}, guest)).toMatchObject({ exitCode: 0, stdout: 'active\n' });
    expect(run('systemctl disable --now auditd; systemctl is-active auditd', {}, guest)).toMatchObject({ exitCode: 3 });
    expect(run('systemctl enable nothing', {}, guest).exitCode).toBe(1);
  });

  it('computes what sshd will do from its files', () => {
    const guest = ubuntu();
    expect(run('sshd -t', {}, guest).exitCode).toBe(0);
    expect(run('sshd -T | grep -i ^passwordauthentication', {}, guest).stdout).toBe('passwordauthentication no\n');
    run("printf 'PermitRootLogin no\\n' > /etc/ssh/sshd_config.d/10-hardening.conf", {}, guest);
    expect(run('sshd -T | grep permitrootlogin', {}, guest).stdout).toBe('permitrootlogin no\n');
    run("echo 'PermitRootLogn no' >> /etc/ssh/sshd_config", {}, guest);
    expect(run('sshd -t', {}, guest)).toMatchObject({ exitCode: 255 });
    expect(run('systemctl restart ssh', {}, guest).exitCode).toBe(1);
  });

  it('knows the time, the disk, the release and the kernel settings', () => {
    expect(run('timedatectl show -p NTPSynchronized --value').stdout).toBe('yes\n');
    expect(run('systemctl stop chrony; chronyc tracking').exitCode).toBe(1);
    expect(run('df --output=pcent / | tail -n 1 | tr -dc 0-9').stdout).toMatch(/^\d+$/);
    expect(run('lsb_release -rs').stdout).toBe('22.04\n');
    expect(run("echo 'net.ipv4.ip_forward=1' > /etc/sysctl.d/99-x.conf; sysctl -n net.ipv4.ip_forward").stdout).toBe(
      '1\n',
    );
    expect(run('date -u +%Y-%m-%dT%H:%M:%SZ').stdout).toBe('2026-11-22T12:00:00Z\n');
    expect(run('cloud-init status').stdout).toBe('status: not started\n');
  });
});
