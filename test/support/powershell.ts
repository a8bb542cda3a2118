import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The real PowerShell, where it is installed: as `pwsh` on the path, or at GOLDBOT_PWSH. It is a .NET tool:
 * `dotnet tool install PowerShell --version 7.6.9 --tool-path <folder>`. Undefined elsewhere.
 */
const powerShell: string | undefined = [process.env['GOLDBOT_PWSH'], 'pwsh'].find(
  (path) => path !== undefined && spawnSync(path, ['-NoProfile', '-Command', 'exit 0']).status === 0,
);

/** Skipped aloud where it is not installed; with GOLDBOT_REQUIRE_POWERSHELL=1, as in CI, a failure. */
export function describePowerShell(title: string, tests: () => void): void {
  if (powerShell !== undefined) {
    describe(title, tests);
    return;
  }
  if (process.env['GOLDBOT_REQUIRE_POWERSHELL'] === '1') {
    throw new Error('PowerShell is not installed, and GOLDBOT_REQUIRE_POWERSHELL=1 demands it.');
  }
  describe.skip(`${title}: SKIPPED, since pwsh is not on the path and GOLDBOT_PWSH names none`, tests);
}

/** What a script prints in the real PowerShell. @throws Error with what it said when it does not end well. */
export function inPowerShell(script: string): string {
  if (powerShell === undefined) throw new Error('PowerShell is not installed');
  const file = join(mkdtempSync(join(tmpdir(), 'powershell-')), 'script.ps1');
  writeFileSync(file, script);
  const env = { ...process.env, TERM: 'dumb', NO_COLOR: '1', POWERSHELL_TELEMETRY_OPTOUT: '1' };
  return execFileSync(powerShell, ['-NoProfile', '-NonInteractive', '-File', file], { encoding: 'utf8', env });
}

/** Mistakes that PowerShell's own parser finds in these scripts, by name; all in one process. */
export function parseErrors(scripts: ReadonlyMap<string, string>): readonly string[] {
  const given = Buffer.from(JSON.stringify([...scripts].map(([name, text]) => ({ name, text })))).toString('base64');
  return inPowerShell(`
$given = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${given}')) | ConvertFrom-Json
foreach ($script in $given) {
  $found = $null
  [void][System.Management.Automation.Language.Parser]::ParseInput($script.text, [ref]$null, [ref]$found)
  foreach ($one in $found) { "$($script.name):$($one.Extent.StartLineNumber): $($one.Message)" }
}
`)
    .split('\n')
    .filter(Boolean);
}
