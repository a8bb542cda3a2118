import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseGuest } from '../../sandbox/azure/guest/base';
import type { Guest } from '../../sandbox/azure/guest/guest';
import { runShell } from '../../sandbox/azure/guest/shell';

const ubuntu = { publisher: 'Canonical', offer: '0001-com-ubuntu-server-jammy', sku: '22_04-lts-gen2' };

/** Scripts of the language alone: what they print and end with depends on nothing of the machine. */
const scripts: readonly string[] = [
  // filters that count in bytes; what they make of an archive depends on the machine's zlib
  'printf "aéb" | base64; printf "aé" | head -c 2 | base64; printf "0123456789" | head -c 4; printf "0123456789" | tail -c 3',
  'printf "0123456789" | tail -c +4 | head -c 2; printf "%080d" 7 | base64; printf "%080d" 7 | base64 -w 0',
  'printf "YWJj" | base64 -d; printf "aé" | wc -c; printf "aé" | head -c 3 | sha256sum',
  // lists, conditions, loops
  'echo a; echo b && false || echo c',
  'if false; then echo 1; elif [ 1 -eq 1 ]; then echo 2; else echo 3; fi',
  'for i in a b; do echo $i; done; n=0; while [ $n -lt 2 ]; do n=$((n+1)); done; echo $n',
  'i=0; until [ $i -ge 3 ]; do i=$((i+1)); [ $i -eq 2 ] && continue; echo $i; done',
  '(exit 7); echo $?; ! true; echo $?',
  'true | false; echo $?; x=$(false); echo $?',
  'set -e; if ! false; then echo ok; fi; false; echo no',
  'false || { echo g; exit 4; }',
  'exit 300',
  'sleep 0 & wait; echo $?',
  '{ echo in; false; } & wait $!; echo $?',
  // case
  'case abc in a*) echo yes;; *) echo no;; esac',
  'x=5; case $x in 1|2) echo low;; [3-9]) echo high;; esac',
  'for f in a.sh b.tar.gz "c d" "*"; do case $f in *.sh) echo s;; *.gz | *.xz) echo z ;; *" "*) echo b;; "*") echo q;; esac; done',
  'case x in (y) echo y;; esac; echo $?\ncase x in\n  x)\n    false\n    ;;\nesac\necho $?',
  'while :; do case x in x) break;; esac; done; echo out',
  'echo $(case a in a) echo in;; esac)',
  // functions
  'f() { echo "f $1 $#"; return 3; }\nf x; echo $?',
  'f() { local a=1 b; b=2; echo $a$b; }; a=8 b=9; f; echo $a$b',
  'f() { echo $1; [ $1 -gt 0 ] && f $(($1-1)); return 0; }; f 2; echo "[$1]"',
  'f ()\n{\n  cat\n} <<X\nhere\nX\nf',
  'f() ( cd /; x=1 ); f; echo "[$x]"',
  'set -e; f() { false; echo on; }; f || echo off; f; echo no',
  'log() { printf "%s\\n" "$*" >&2; }; log a b 2>&1',
  'f() { v=in; }; v=out; f; echo $v; v=out; (f); echo $v',
  'f() { echo $A; }; A=1 f; echo "[$A]"',
  'f() { g() { echo inner; }; }; f; g',
  'x=1; return 5; echo no',
  'f() { return; }; false; f; echo $?',
  'set -- a b c; while [ $# -gt 0 ]; do case $1 in b) echo found;; esac; shift; done; echo $#',
  '1f() { :; }',
  'f() { f; }; f; echo no',
  'local x=1; echo no',
  // the end of a shell
  'set -e\ntrap "echo bye" EXIT\necho hi\nfalse',
  'trap "echo \\$?" EXIT; (trap "echo sub" EXIT; exit 2); exit 3',
  'trap "echo a" EXIT; trap - EXIT; echo b',
  'trap "exit 9" EXIT; exit 1',
  // expansion
  `A="x y"; echo $A '$A' "$A" \${A%y}z \${B:-none} \${#A}`,
  'x=a.b.c; echo ${x%%.*} ${x##*.} ${x#*.} ${x%.*}',
  'set -u; echo ${X:-d} ${X+s}',
  'echo ${X:?not there}; echo no',
  'set -- "x y" z; for a in "$@"; do echo "[$a]"; done; for a in $@; do echo "($a)"; done; echo "$*" $#',
  'for a in "$@" x; do echo "[$a]"; done; set -- ""; for a in "$@"; do echo "[$a]"; done',
  'IFS=:; set -- $(echo a:b::c:); echo $# "$2" "$3"; echo "$*"',
  'IFS=" :"; x=" a : b  c"; set -- $x; echo $# "$1$2$3"',
  'x="  a   b "; echo $x; echo "$x"; IFS=; echo $x',
  'a="* x"; echo "$a"',
  "echo 'it'\\''s'",
  'echo `echo nested \\`echo deep\\`` "`echo \\"q\\"`"',
  'echo $(echo $(echo "a  b"))',
  "cat <<EOF\n$((1+1)) `echo x` \\$y\nEOF\ncat <<-'X'\n\t$a\n\tX\n",
  // arithmetic
  'echo $((7/2)) $((-7/2)) $((7%3)) $((2*(3+4))) $((1<2)) $(( (1+2)*(3-(1)) ))',
  'i=1; echo $((i+=2)) $((i*=i)) $i $((j=4)) $j',
  'echo $((0x1f)) $((010)) $((1<<4|3)) $((6&3^1)) $((~0)) $((!5)) $((1?2:3)) $((0||2&&0))',
  'echo $((08)); echo no',
  'echo $((1/0)); echo no',
  'x=abc; echo $((x)); echo no',
  // built-in commands
  "echo 'a\\tb'; echo -e 'a\\tb'; echo -n c",
  'printf "%s=%d\\n" a 1 b 2; printf "%05.1f|%-5s|%x|%3d|%+d|%c|%.2s|%%|%o\\n" 3.14159 ab 255 7 5 xyz abc 8',
  'printf "%b" "a\\tb\\n"; printf "%s\\n"; printf "x\\n" y',
  'read a b <<X\n 1 2  3 \nX\necho "[$a][$b]"; printf "a:b:c\\n" | { IFS=: read x y; echo "$x $y"; }',
  'printf "a 1\\nb 2\\n" | while read k v; do echo "$v$k"; done',
  '[ 1 -eq a ]; echo $?; test -z ""; echo $?; test; echo $?; [ a = b -o 1 -lt 2 ]; echo $?',
  'a=1; (a=2; echo $a); echo $a',
  'X=1 sh -c \'echo $X\'; echo "[$X]"; f() { :; }; sh -c f; echo $?',
  'eval "echo \\$((1+1))"; command -v nosuchthing || echo none',
  'cd /nonexistent && echo no; echo $?; nosuchcommand; echo $?',
  'exec 3>&1; echo hi >&3',
  // what filters do with standard input
  'printf "b\\na\\na\\n" | sort | uniq -c | tr -s " "; printf "a\\na\\nb\\n" | uniq -d; printf "a\\na\\nb\\n" | uniq -u',
  "printf 'a:1\\nb:2\\n' | cut -d: -f2 | tail -n 1; printf 'x y\\n' | awk '{print $2}'; printf 'q\\n' | wc -l",
  'printf "k: v\\n" | sed -E "s/^([a-z]+): (.*)/\\2=\\1/"; echo abc | grep -q z; echo $?',
  // of bash alone
  'set -euo pipefail\necho a',
  'if [[ -f /etc/passwd ]]; then echo yes; fi',
  'set -e\nsource /etc/os-release; echo x',
  '[ a == a ]; echo $?',
  'x=(a b); echo x',
  'cat <(echo a)',
  'cat <<< a',
  'x=abc\necho ${x//b/c}',
  'echo {a,b} $RANDOM',
  'function f { echo x; }; f',
  '((1+1)); echo $?',
  'let x=1; echo $?',
  // what no shell reads
  'if true; then echo a',
  'echo "unterminated',
  'case a in a) echo b',
  'f() { echo a',
  'echo a; ;; echo b',
  'fi',
  'esac',
];

const isThere = spawnSync('dash', ['-c', 'exit 0']).status === 0;
if (!isThere) process.stderr.write('skipped: a guest’s shell beside dash (there is none on this machine)\n');

(isThere ? describe : describe.skip)('a guest’s /bin/sh does as dash does', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'goldbot-dash-'));
  afterAll(() => rmSync(cwd, { recursive: true }));
  const env = { PATH: process.env['PATH'], HOME: cwd };
  const now = new Date('2026-11-29T12:00:00Z');

  it.each(scripts)('%s', (script) => {
    const dash = spawnSync('dash', ['-c', script], { encoding: 'utf8', cwd, env });
    const guest = baseGuest({ ...ubuntu, version: '22.04.202609030' }) as Guest;
    const { stdout, exitCode } = runShell(guest, script, { mode: 'strict', now });
    expect({ stdout, exitCode }).toEqual({ stdout: dash.stdout, exitCode: dash.status });
  });
});
