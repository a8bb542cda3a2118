import { createHash } from 'node:crypto';
import type { Guest } from '../guest/guest';
import { type PowerShellResult, runPowerShell } from '../guest/powershell';
import { markPending, needsRestart, restart } from '../guest/windows/boot';
import { nameRules, reachableByWinRm } from '../guest/windows/network';
import { offered } from '../guest/windows/updates';
import { strings } from './admission';
import { durations } from './durations';
import type { PackerLog } from './packer-log';
import { type JsonObject, textOf } from './section';
import { exitStatus, notFetched, type StepContext, user } from './steps';
import { chosenUpdates } from './update-filters';

/** The hidden last step is a file of the build machine: who changes it decides how the image is generalized. */
const deprovisioningScript = 'C:\\DeprovisioningScript.ps1';

const defaultScript = [
  ...['RdAgent', 'WindowsAzureTelemetryService', 'WindowsAzureGuestAgent'].flatMap((name) => [
    `Write-Output '>>> Waiting for GA Service (${name}) to start ...'`,
    `while ((Get-Service ${name} -ErrorAction SilentlyContinue) -and ((Get-Service ${name}).Status -ne 'Running')) { Start-Sleep -s 5 }`,
  ]),
  "Write-Output '>>> Sysprepping VM ...'",
  'if( Test-Path $Env:SystemRoot\\system32\\Sysprep\\unattend.xml ) { Remove-Item $Env:SystemRoot\\system32\\Sysprep\\unattend.xml -Force }',
  '& $Env:SystemRoot\\System32\\Sysprep\\Sysprep.exe /oobe /generalize /quiet /quit',
  'while($true) {',
  '  $imageState = (Get-ItemProperty HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State).ImageState',
  '  Write-Output $imageState',
  "  if ($imageState -eq 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE') { break }",
  '  Start-Sleep -s 10',
  '}',
  "Write-Output '>>> Sysprep complete ...'",
].join('\r\n');

export function putDeprovisioningScript(guest: Guest): void {
  guest.files[deprovisioningScript] = { content: defaultScript, mode: '0644', owner: 'Administrators' };
}

/** The recipe has cut Packer off: its service does not run, or the firewall does not let it in. */
export const outOfReach = (guest: Guest): boolean => !reachableByWinRm(guest);

export function unreachableStep(log: PackerLog, type: string): string {
  const failure = `Error uploading ps script containing env vars: Error uploading file to $env:TEMP: Couldn't create shell: Post "https://10.0.0.4:${nameRules.winRmPort}/wsman": dial tcp 10.0.0.4:${nameRules.winRmPort}: i/o timeout`;
  log.step(`Provisioning with ${type === 'PowerShell' ? 'Powershell' : type}...`);
  log.wait(30 * 60_000);
  log.step(failure);
  return failure;
}

/** A name that is always the same for the same step. */
function uuid(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** PowerShell, as Packer starts it: by WinRM as an administrator, or by a task of its own when elevated. */
export function powerShell(log: PackerLog, guest: Guest, given: JsonObject, context: StepContext): string | undefined {
  const name = textOf(given['name']) || `PowerShell ${context.number}`;
  log.step('Provisioning with Powershell...');
  const uri = textOf(given['scriptUri']);
  if (uri) return notFetched(log, { action: `Provisioning with powershell script: ${uri}`, name, uri });
  const lines = strings(given['inline']);
  const local = `/tmp/powershell-provisioner${100_000_000 + context.number * 7_919_777}`;
  log.step(`Provisioning with powershell script: ${local} (${name})`);
  for (const line of lines) log.trace(`packer-provisioner-powershell plugin: Found command: ${line.split('\n')[0]}`);
  log.trace(`packer-provisioner-powershell plugin: Opening ${local} for reading`);
  const id = uuid(`${name}${context.number}${lines.join('\n')}`);
  const runAs = given['runElevated'] === true && given['runAsSystem'] === true ? 'SYSTEM' : user;
  const result = runPowerShell(guest, lines.join('\n'), {
    mode: context.mode,
    now: new Date(log.atMs),
    user: runAs,
    file: `C:\\Windows\\Temp\\script-${id}.ps1`,
    as: 'command',
  });
  log.output(result.lines, durations.outputLine);
  log.wait(result.sleptMs);
  report(log, id, result);
  const valid = given['validExitCodes'];
  const allowed = Array.isArray(valid) && valid.length > 0 ? valid.map(Number) : [0];
  return allowed.includes(result.exitCode) ? undefined : exitStatus(result.exitCode, allowed);
}

function report(log: PackerLog, id: string, { exitCode, stdout, stderr }: PowerShellResult): void {
  const command = `powershell -executionpolicy bypass "& { if (Test-Path variable:global:ProgressPreference){set-variable -name variable:global:ProgressPreference -value 'SilentlyContinue'};. c:/Windows/Temp/packer-ps-env-vars-${id}.ps1; &'c:/Windows/Temp/script-${id}.ps1'; exit $LastExitCode }"`;
  log.trace(`packer-plugin-azure plugin: [INFO] command '${command}' exited with code: ${exitCode}`);
  log.trace(`[INFO] RPC endpoint: Communicator ended with: ${exitCode}`);
  log.trace(`[INFO] ${Buffer.byteLength(stdout)} bytes written for 'stdout'`);
  log.trace(`[INFO] ${Buffer.byteLength(stderr)} bytes written for 'stderr'`);
}

/** `5m`, `1h30m`, `90s` in milliseconds. */
function goDuration(text: string): number {
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000 };
  return [...text.matchAll(/(\d+)([hms])/g)].reduce((ms, [, n, unit = 's']) => ms + Number(n) * (units[unit] ?? 0), 0);
}

export function windowsRestart(log: PackerLog, guest: Guest, given: JsonObject): string | undefined {
  const timeout = goDuration(textOf(given['restartTimeout']) || '5m') || 5 * 60_000;
  log.step('Restarting Machine');
  log.step('Waiting for machine to restart...');
  // What waits for a restart is done while the machine comes up, so it takes longer.
  const takes = durations.restart + (guest.pending?.kernel ? durations.updatesAtRestart : 0);
  restart(guest);
  if (takes > timeout || !reachableByWinRm(guest)) {
    log.wait(timeout);
    log.step('Timeout waiting for machine to restart.');
    return 'Timeout waiting for machine to restart.';
  }
  log.wait(takes);
  log.detail('A system shutdown is in progress.(1115)');
  const check = textOf(given['restartCheckCommand']);
  if (check) log.detail(`sandbox: not executed: ${check}`);
  log.detail(`${(guest.hostname ?? 'pkrvm').toUpperCase()} restarted.`);
  log.step('Machine successfully restarted, moving on');
  return undefined;
}

/** Searches, installs, and restarts by itself until nothing is left; it does not begin where a restart is pending. */
export function windowsUpdate(log: PackerLog, guest: Guest, given: JsonObject): string | undefined {
  log.step('Uploading the Windows update elevated script...');
  log.step('Uploading the Windows update check for reboot required elevated script...');
  log.step('Uploading the Windows update script...');
  log.step('Running Windows update...');
  log.detail('Searching for Windows updates...');
  log.wait(durations.searchUpdates);
  const all = offered(guest.os.kernel, guest.updates ?? {}, log.atMs);
  const { taken, said } = chosenUpdates(all, given);
  for (const line of said) log.detail(line);
  if (taken.length === 0) {
    log.detail('No Windows updates found');
    return undefined;
  }
  const size = taken.reduce((sum, { megabytes }) => sum + megabytes, 0);
  log.detail(`Downloading Windows updates (${taken.length} updates; ${size.toFixed(2)} MB)...`);
  log.wait(durations.windowsUpdate / 2);
  log.detail('Installing Windows updates...');
  if (needsRestart(guest)) {
    log.wait(60_000);
    log.detail('ERROR: Exception from HRESULT: 0x80240016');
    log.detail(
      'ERROR EXCEPTION: System.Runtime.InteropServices.COMException (0x80240016): Exception from HRESULT: 0x80240016',
    );
    return 'Windows update script exited with non-zero exit status: 1';
  }
  log.wait(durations.windowsUpdate / 2);
  const updates = taken.map(({ id, title, kind, installedOn }) => [id, { title, kind, installedOn }] as const);
  guest.updates = { ...guest.updates, ...Object.fromEntries(updates) };
  const kernel = taken.find((u) => u.kernel)?.kernel;
  if (kernel) {
    markPending(guest, { kernel }, 'updates');
    log.detail('Pending Reboot detected. Waiting for the Windows Modules Installer to exit...');
    log.step('Restarting the machine...');
    log.wait(durations.restart + durations.updatesAtRestart);
    restart(guest);
    log.step('Waiting for machine to become available...');
    if (!reachableByWinRm(guest)) {
      log.wait(4 * 3_600_000);
      return 'retryable error: Timeout waiting for machine to become available.';
    }
  }
  log.step('Running Windows update...');
  log.detail('Searching for Windows updates...');
  log.detail('No Windows updates found');
  return undefined;
}

/** Sysprep, by whatever the file says now; a recipe that deleted it ends here. */
export function sysprep(log: PackerLog, guest: Guest): string | undefined {
  log.trace('[INFO] (telemetry) Starting provisioner powershell');
  if (outOfReach(guest)) return unreachableStep(log, 'PowerShell');
  log.wait(durations.deprovision);
  const path = Object.keys(guest.files).find((p) => p.toLowerCase() === deprovisioningScript.toLowerCase());
  const text = path === undefined ? undefined : guest.files[path]?.content;
  if (text?.startsWith('sandbox: not fetched')) putDeprovisioningScript(guest);
  const call = `& '${deprovisioningScript}'`;
  const inline = text === undefined ? ["$ErrorActionPreference = 'Stop'", call] : [call];
  const failure = powerShell(log, guest, { name: 'Sysprep', inline }, { number: 99, mode: 'customizer' });
  log.trace('[INFO] (telemetry) ending powershell');
  delete guest.users[user];
  delete guest.files[path ?? deprovisioningScript];
  return failure;
}
