import { join } from 'node:path';
import { askPowerShell, judgedByPowerShell } from '../../support/powershell';
import { baseGuest, type Guest, runPowerShell } from './powershell-world';

type Row = readonly [name: string, script: string, output: string, exit?: number];

/** Rows of the language alone: real PowerShell, where there is one, says the same. `exit` is 0 unless it is said. */
const rows: readonly Row[] = [
  ['text in double quotes is expanded', '$a = 2; "a=$a $($a + 1) `$a ""q"""', 'a=2 3 $a "q"\n'],
  ['text in single quotes is not', "'$a it''s'", "$a it's\n"],
  ['here-strings keep their lines', '$n = 1\n@"\na $n\nb\n"@\n@\'\n$n\n\'@', 'a 1\nb\n$n\n'],
  ['numbers have units and bases', '1kb; 0x1F; 7/2; 6/2; 7 % 4; -3 + 1', '1024\n31\n3.5\n3\n3\n-2\n'],
  ['operators have ranks', '2 + 3 * 4; 1 -lt 2 -and -not $false; (1,2 + 3).Count', '14\nTrue\n3\n'],
  [
    'comparison ignores case unless told',
    "'A' -eq 'a'; 'A' -ceq 'a'; 'abc' -like 'A*'; 'abc' -notmatch 'z'",
    'True\nFalse\nTrue\nTrue\n',
  ],
  ['a list on the left is filtered', "'a','b','a' -eq 'a'; (1..5 -gt 3) -join ','", 'a\na\n4,5\n'],
  ['membership', "3 -in 1..3; 'x' -notin 'a','b'; 1,2 -contains 2", 'True\nTrue\nTrue\n'],
  [
    'a match leaves its groups',
    "if ('KB5044281' -match 'KB(?<n>\\d+)') { $Matches['n']; $Matches[0] }",
    '5044281\nKB5044281\n',
  ],
  [
    'split, join and replace',
    "'a,b;c' -split '[,;]' -join '-'; 'v1.2' -replace 'v(\\d)', 'r$1'; -join ('a','b')",
    'a-b-c\nr1.2\nab\n',
  ],
  ['formats', "'{0:d3}|{1,4}|{2,-3}|{0:X2}|{3:N1}' -f 10, 'x', 'y', 1234.56", '010|   x|y  |0A|1,234.6\n'],
  [
    'lists and indexes',
    '$l = @(1,2,3); $l[0]; $l[-1]; $l += 4; $l.Count; @().Count; ,1 | ForEach-Object { $_ }',
    '1\n3\n4\n0\n1\n',
  ],
  [
    'lists that grow',
    "$l = New-Object System.Collections.Generic.List[string]; $l.Add('a'); $l.Count; $o = New-Object System.Collections.ArrayList; $o.Add('b'); $o[0]; $o.AddRange(@('c', 'd')); $o.Count; $o.Clear(); $o.Count",
    '1\n0\nb\n3\n0\n',
  ],
  ['tables that grow', "$h = @{}; $h.Add('a', 1); $h['b'] = 2; $h.Remove('a'); $h.Keys", 'b\n'],
  ['tables', "$h = @{ a = 1; 'b c' = 2 }; $h.a; $h['b c']; $h.Count; $h.ContainsKey('x')", '1\n2\n2\nFalse\n'],
  ['ordered tables keep their order', '$o = [ordered]@{ z = 1; a = 2 }; $o.Keys -join ","', 'z,a\n'],
  ['if, elseif, else', 'if (0) { 1 } elseif ("x") { 2 } else { 3 }', '2\n'],
  ['loops', 'for ($i = 0; $i -lt 5; $i++) { if ($i -eq 1) { continue }; if ($i -eq 4) { break }; $i }', '0\n2\n3\n'],
  ['do until', '$i = 0; do { $i += 2 } until ($i -ge 5); $i', '6\n'],
  ['foreach over a pipeline', 'foreach ($x in 1..4 | Where-Object { $_ % 2 }) { "n$x" }', 'n1\nn3\n'],
  ['switch takes all that fit', "switch -regex ('abc') { '^a' { 'A' } 'c$' { 'C' } default { 'D' } }", 'A\nC\n'],
  ['switch has a default', "switch ('q') { 'a' { 1 } default { 'none' } }", 'none\n'],
  [
    'functions have parameters with types and defaults',
    'function Add([int]$a, $b = 3) { return $a + $b }\nAdd 4\nAdd -b 1 -a 2',
    '7\n3\n',
  ],
  ['a function has its own variables', '$x = 1\nfunction F { $x = 2; $x }\nF\n$x', '2\n1\n'],
  ['switch parameters', 'function S([switch]$On) { "$On" }\nS\nS -On', 'False\nTrue\n'],
  ['splatting', 'function J($a, $b) { "$a-$b" }\n$p = @{ b = 2; a = 1 }\nJ @p', '1-2\n'],
  ['script blocks', '$b = { param($n) $n * 2 }; & $b 21', '42\n'],
  ['pipelines', '1..5 | Where-Object { $_ -gt 2 } | ForEach-Object { $_ * 10 } | Select-Object -First 2', '30\n40\n'],
  ['sums', '(1..4 | Measure-Object -Sum).Sum; (1..4 | Measure-Object).Count', '10\n4\n'],
  ['sorting', "('b','a','c' | Sort-Object) -join ''; (3,1,2 | Sort-Object -Descending)[0]", 'abc\n3\n'],
  ['objects', "$o = [pscustomobject]@{ A = 1; B = 'x' }; $o.B; ($o | Select-Object -ExpandProperty A)", 'x\n1\n'],
  [
    'members of a list are those of its items',
    "('a','bb' | ForEach-Object { [pscustomobject]@{ N = $_ } }).N -join ','",
    'a,bb\n',
  ],
  [
    'casts',
    "[int]'5' + 1; [string]1 + '2'; [bool]'x'; [int]2.5; [int]3.5; [version]'1.10' -gt [version]'1.9'",
    '6\n12\nTrue\n2\n4\nTrue\n',
  ],
  [
    'methods of text',
    "'  x '.Trim(); 'abc'.Substring(1); 'a-b'.Split('-')[1]; 'abc'.ToUpper(); 'x'.PadLeft(3, '0')",
    'x\nbc\nb\nABC\n00x\n',
  ],
  ['null is no value', '$null -eq $x; if (-not $x) { \'none\' }; "[$x]"; @($null).Count', 'True\nnone\n[]\n1\n'],
  ['static calls', "[math]::Round(2.346, 2); [string]::IsNullOrEmpty(''); [math]::Max(3, 7)", '2.35\nTrue\n7\n'],
  [
    'hashes',
    "$s = [System.Security.Cryptography.SHA256]::Create()\n[BitConverter]::ToString($s.ComputeHash([Text.Encoding]::UTF8.GetBytes('abc'))).Replace('-', '').Substring(0, 16)",
    'BA7816BF8F01CFEA\n',
  ],
  ['base64', "[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('goldbot'))", 'Z29sZGJvdA==\n'],
  [
    'json',
    '\'{"a": [1, {"b": "x"}]}\' | ConvertFrom-Json | ForEach-Object { $_.a[1].b }; @{ a = 1 } | ConvertTo-Json -Compress',
    'x\n{"a":1}\n',
  ],
  ['comments and continued lines', '# one\n1 + `\n  1 <# two #> + 1', '3\n'],
  ['catch has the error', "try { throw 'boom' } catch { \"caught $_\" } finally { 'last' }", 'caught boom\nlast\n'],
  ['catch by type', "try { [int]'x' } catch [System.DivideByZeroException] { 'no' } catch { 'yes' }", 'yes\n'],
  ['an error of one statement does not end the script', "[int]'x' 2>$null\n'after'", 'after\n'],
  ['throw ends it with 1', "'before'; throw 'boom'; 'after'", 'before\n', 1],
  ['exit has its code', "'a'; exit 7; 'b'", 'a\n', 7],
  ['exit in a function ends the script', "function F { exit 3 }\nF\n'no'", '', 3],
  ['stop makes of an error the end', "$ErrorActionPreference = 'Stop'\nGet-Item 'nothing-here'\n'no'", '', 1],
  ['an error that is silent is none', 'Get-Item \'nothing-here\' -ErrorAction SilentlyContinue\n"$?"', 'False\n'],
  ['a missing brace', 'if ($true) { 1', '', 1],
  ['a missing quote', "'abc", '', 1],
  ['a missing operand', '1 -eq', '', 1],
  ['a pipe to nothing', '1 |', '', 1],
  ['a missing parenthesis', '(1 + 2', '', 1],
  ['try alone', 'try { 1 }', '', 1],
];

const guest: Guest = baseGuest();

describe('the PowerShell of the sandbox', () => {
  it.each(rows.map(([name, script, output, exit = 0]) => ({ name, script, output, exit })))(
    '$name',
    ({ script, output, exit }) => {
      const ran = runPowerShell(guest, script, { mode: 'strict', now: new Date('2026-11-22T12:00:00Z') });
      expect({ output: ran.stdout, exit: ran.exitCode, log: ran.log }).toEqual({ output, exit, log: [] });
    },
  );
});

interface Said {
  readonly out: string;
  readonly code: number;
}

const said = askPowerShell<readonly Said[]>(
  join(__dirname, 'real-rows.ps1'),
  rows.map(([, script]) => script),
);

judgedByPowerShell('the PowerShell of the sandbox, row by row', said, (found) => {
  it.each(rows.map(([name, , output, exit = 0], i) => ({ name, output, exit, i })))(
    '$name: says what real PowerShell says',
    ({ output, exit, i }) => {
      const { out, code } = found[i] ?? { out: 'nothing', code: -1 };
      // What a script that ends by an error had said before is lost in this way to run it.
      const text = exit === 0 ? out.replaceAll('\r\n', '\n') : output;
      expect({ output: text, exit: code }).toEqual({ output, exit });
    },
  );
});
