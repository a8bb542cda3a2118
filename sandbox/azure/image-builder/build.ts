import { bootGuest, type Guest } from '../guest/guest';
import { runShell, type ShellResult } from '../guest/shell';
import { strings } from './admission';
import { durations } from './durations';
import type { Obstacle } from './obstacles';
import type { LogLine } from './packer-log';
import { PackerLog } from './packer-log';
import { cleanUp, deployment, ending, finish } from './packer-phases';
import { type JsonObject, listOf, objectOf, type Phase, type Template, textOf } from './section';

/** The outcome of building a template: when each part begins, the log, and the image or the step that failed. */
export interface Build {
  readonly phases: readonly Phase[];
  readonly log: LogLine[];
  readonly endMs: number;
  /** Generalised; present when there is something to distribute. */
  readonly guest?: Guest;
  readonly failure?: 'customizing' | 'validating';
  /** What stood in its way, when Packer was never asked. */
  readonly refusal?: Obstacle;
}

/** Image Builder connects as this user; root is a `sudo` away. */
const user = 'packer';

/** Builds on a copy of the source's guest. The world is not touched: the clock decides how far the build has come. */
export function build(template: Template, source: Guest, startMs: number): Build {
  const log = new PackerLog(startMs + durations.queued);
  const phases: Phase[] = [{ subState: 'Queued', atMs: startMs }];
  const begin = (subState: Phase['subState']) => void phases.push({ subState, atMs: log.atMs });
  begin('Building');
  const guest = bootGuest(source, `pkrvm${template.name.slice(0, 10).toLowerCase()}`);
  guest.users[user] = { uid: 1000, shell: '/bin/bash', home: `/home/${user}` };
  guest.files[`/home/${user}`] = { content: '', mode: '0755', owner: `${user}:${user}`, kind: 'directory' };
  deployment(log, template, Boolean(guest.registry));
  begin('Customizing');
  const exitCode = customize(log, guest, listOf(template.properties['customize']));
  if (exitCode !== 0) {
    cleanUp(log, exitCode);
    return { phases, log: log.lines, endMs: log.atMs, failure: 'customizing' };
  }
  deprovision(log, guest);
  finish(log);
  if (objectOf(objectOf(template.properties['optimize'])['vmBoot'])['state'] === 'Enabled') {
    begin('Optimizing');
    log.wait(durations.optimizing);
  }
  const validation = objectOf(template.properties['validate']);
  const validators = listOf(validation['inVMValidations']);
  let failed = false;
  if (validators.length > 0) {
    begin('Validating');
    failed = !validate(log, bootGuest(guest, 'pkrvmvalidate'), validators);
  }
  if (failed && validation['continueDistributeOnFailure'] !== true) {
    return { phases, log: log.lines, endMs: log.atMs, failure: 'validating' };
  }
  begin('Distributing');
  return { phases, log: log.lines, endMs: log.atMs, guest, ...(failed && { failure: 'validating' as const }) };
}

/** A run that something stood in the way of: its build machine never was. */
export function blocked(template: Template, obstacle: Obstacle, startMs: number): Build {
  const { said, inLog } = obstacle;
  const log = new PackerLog(startMs + durations.queued);
  const phases: Phase[] = [{ subState: 'Queued', atMs: startMs }];
  if (!inLog) return { phases, log: [], endMs: log.atMs, refusal: obstacle };
  phases.push({ subState: 'Building', atMs: log.atMs });
  log.trace('[INFO] Packer version: 1.9.5 [go1.20.6 linux amd64]');
  log.step('Running builder ...');
  log.step(`Creating resource group for the build of ${template.name} ...`);
  log.step('Validating deployment template ...');
  log.wait(durations.building / 4);
  log.step(said);
  log.step('Deleting individual resources ...');
  ending(log, said);
  return { phases, log: log.lines, endMs: log.atMs, failure: 'customizing' };
}

/** What a build VM that cannot be reached leaves in the log: for faults. */
export function unreachable(template: Template, startMs: number): Build {
  const log = new PackerLog(startMs + durations.queued);
  const phases: Phase[] = [
    { subState: 'Queued', atMs: startMs },
    { subState: 'Building', atMs: log.atMs },
  ];
  log.trace('[INFO] Packer version: 1.9.5 [go1.20.6 linux amd64]');
  log.step('Running builder ...');
  log.step(`Creating resource group for the build of ${template.name} ...`);
  log.wait(durations.building);
  log.step('Waiting for SSH to become available...');
  log.trace('[INFO] Waiting for SSH, up to timeout: 20m0s');
  log.wait(20 * 60_000);
  log.step('Timeout waiting for SSH.');
  ending(log, 'Timeout waiting for SSH.');
  return { phases, log: log.lines, endMs: log.atMs, failure: 'customizing' };
}

/** Returns the exit code of the first customizer that failed, or 0. */
function customize(log: PackerLog, guest: Guest, customizers: readonly JsonObject[]): number {
  for (const [i, customizer] of customizers.entries()) {
    const kind =
      { Shell: 'shell', PowerShell: 'powershell', File: 'file', WindowsRestart: 'windows-restart' }[
        textOf(customizer['type'])
      ] ?? 'windows-update';
    log.trace(`[INFO] (telemetry) Starting provisioner ${kind}`);
    const exitCode = step(log, guest, customizer, { number: i + 1, mode: 'customizer' });
    log.trace(`[INFO] (telemetry) ending ${kind}`);
    if (exitCode !== 0) return exitCode;
  }
  return 0;
}

interface StepContext {
  readonly number: number;
  readonly mode: 'customizer' | 'strict';
}

function step(log: PackerLog, guest: Guest, given: JsonObject, { number, mode }: StepContext): number {
  const type = textOf(given['type']);
  const name = textOf(given['name']) || `${type} ${number}`;
  log.wait(mode === 'customizer' ? durations.customizer : durations.validator);
  if (type === 'File') return upload(log, guest, given, name);
  if (type === 'WindowsRestart') log.wait(durations.restart);
  if (type === 'WindowsUpdate') log.wait(durations.windowsUpdate);
  if (type !== 'Shell')
    return notExecuted(
      log,
      `Provisioning with ${type}...`,
      `not executed: ${name}: PowerShell and Windows are not modelled`,
    );
  const uri = textOf(given['scriptUri']);
  if (uri)
    return notExecuted(
      log,
      `Provisioning with shell script: ${uri}`,
      `not executed: ${name}: the sandbox does not fetch ${uri}`,
    );
  const script = strings(given['inline']).join('\n');
  const file = `/tmp/packer-shell${100_000 + number * 7919}`;
  log.step(`Provisioning with shell script: ${file} (${name})`);
  log.trace(`packer-provisioner-shell plugin: Opening ${file} for reading`);
  log.trace(
    `packer-plugin-azure plugin: [DEBUG] starting remote command: chmod +x ${file}; PACKER_BUILDER_TYPE='azure-arm' ${file}`,
  );
  // Packer puts `#!/bin/sh -e` before the lines, so that a first line of their own is a comment.
  const uploaded = `/tmp/script_${1_000 + ((number * 7919) % 9_000)}.sh`;
  const how = { mode, now: new Date(log.atMs), user, errexit: true, args: [uploaded], dialect: 'sh' } as const;
  const result = runShell(guest, `#!/bin/sh -e\n${script}`, how);
  log.wait((script.match(/\bapt(-get)? /g)?.length ?? 0) * durations.packageCommand + slept(script));
  log.output(result.lines, durations.outputLine);
  report(log, file, result);
  return result.exitCode;
}

/** The file exists afterwards, but all it says is that nothing was fetched. */
function upload(log: PackerLog, guest: Guest, given: JsonObject, name: string): number {
  const [uri, destination] = [textOf(given['sourceUri']), textOf(given['destination'])];
  const content = `sandbox: not fetched from ${uri}\n`;
  guest.files[destination] = { content, mode: '0644', owner: `${user}:${user}` };
  return notExecuted(
    log,
    `Uploading ${uri} => ${destination}`,
    `not executed: ${name}: the sandbox does not fetch ${uri}`,
  );
}

function notExecuted(log: PackerLog, action: string, note: string): number {
  log.step(action);
  log.detail(`sandbox: ${note}`);
  return 0;
}

function slept(script: string): number {
  return [...script.matchAll(/\bsleep (\d+)/g)].reduce((ms, [, seconds]) => ms + Number(seconds) * 1000, 0);
}

function report(log: PackerLog, file: string, { exitCode, stdout, stderr }: ShellResult): void {
  const command = `chmod +x ${file}; PACKER_BUILDER_TYPE='azure-arm' ${file}`;
  if (exitCode !== 0)
    log.trace(`packer-plugin-azure plugin: [ERROR] Remote command exited with '${exitCode}': ${command}`);
  log.trace(`[INFO] RPC endpoint: Communicator ended with: ${exitCode}`);
  log.trace(`[INFO] ${Buffer.byteLength(stdout)} bytes written for 'stdout'`);
  log.trace(`[INFO] ${Buffer.byteLength(stderr)} bytes written for 'stderr'`);
}

/** The hidden last customizer: without it no VM of the image would get its own name and keys. */
function deprovision(log: PackerLog, guest: Guest): void {
  if (guest.registry) {
    log.step('Provisioning with Powershell: c:\\DeprovisioningScript.ps1 (Sysprep)');
    log.wait(durations.deprovision);
    return;
  }
  log.trace('[INFO] (telemetry) Starting provisioner shell');
  log.step('Provisioning with shell script: /tmp/DeprovisioningScript.sh');
  log.wait(durations.deprovision);
  const script = '/usr/sbin/waagent -force -deprovision+user';
  log.output(runShell(guest, script, { mode: 'customizer', now: new Date(log.atMs) }).lines, durations.outputLine);
  delete guest.users[user];
  for (const path of Object.keys(guest.files)) {
    if (path.startsWith(`/home/${user}`) || /^\/(tmp|proc)\/./.test(path)) delete guest.files[path];
  }
  log.trace('[INFO] (telemetry) ending shell');
}

function validate(log: PackerLog, guest: Guest, validators: readonly JsonObject[]): boolean {
  log.wait(durations.validating);
  log.step('Validation VM is ready.');
  guest.users[user] = { uid: 1000, shell: '/bin/bash', home: `/home/${user}` };
  for (const [i, validator] of validators.entries()) {
    log.trace('[INFO] (telemetry) Starting provisioner shell');
    const exitCode = step(log, guest, validator, { number: i + 1, mode: 'strict' });
    log.trace('[INFO] (telemetry) ending shell');
    if (exitCode === 0) continue;
    log.step(`In-VM validation failed: ${textOf(validator['name']) || `Shell ${i + 1}`}`);
    ending(log, `Script exited with non-zero exit status: ${exitCode}. Allowed exit codes are: [0]`);
    return false;
  }
  return true;
}
