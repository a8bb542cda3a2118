import { bootGuest, type Guest } from '../guest/guest';
import { runShell, type ShellResult } from '../guest/shell';
import { strings } from './admission';
import { durations } from './durations';
import type { Obstacle } from './obstacles';
import type { LogLine } from './packer-log';
import { PackerLog } from './packer-log';
import { cleanUp, deployment, ending, finish } from './packer-phases';
import { type JsonObject, listOf, objectOf, type Phase, type Template, textOf } from './section';
import { exitStatus, notFetched, type StepContext, user } from './steps';
import {
  outOfReach,
  powerShell,
  putDeprovisioningScript,
  sysprep,
  unreachableStep,
  windowsRestart,
  windowsUpdate,
} from './windows-steps';

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

/** Builds on a copy of the source's guest. The world is not touched: the clock decides how far the build has come. */
export function build(template: Template, source: Guest, startMs: number): Build {
  const log = new PackerLog(startMs + durations.queued);
  const phases: Phase[] = [{ subState: 'Queued', atMs: startMs }];
  const begin = (subState: Phase['subState']) => void phases.push({ subState, atMs: log.atMs });
  begin('Building');
  const guest = bootGuest(source, `pkrvm${template.name.slice(0, 10).toLowerCase()}`);
  addUser(guest);
  const isWindows = Boolean(guest.registry);
  deployment(log, template, isWindows);
  begin('Customizing');
  if (isWindows) putDeprovisioningScript(guest);
  const failure = customize(log, guest, listOf(template.properties['customize'])) ?? deprovision(log, guest);
  if (failure !== undefined) {
    cleanUp(log, failure);
    return { phases, log: log.lines, endMs: log.atMs, failure: 'customizing' };
  }
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

function addUser(guest: Guest): void {
  if (guest.registry) {
    guest.users[user] = { uid: 1000, shell: '', home: `C:\\Users\\${user}`, groups: ['Administrators'] };
    return;
  }
  guest.users[user] = { uid: 1000, shell: '/bin/bash', home: `/home/${user}` };
  guest.files[`/home/${user}`] ??= { content: '', mode: '0755', owner: `${user}:${user}`, kind: 'directory' };
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
export function unreachable(template: Template, startMs: number, isWindows = false): Build {
  const log = new PackerLog(startMs + durations.queued);
  const phases: Phase[] = [
    { subState: 'Queued', atMs: startMs },
    { subState: 'Building', atMs: log.atMs },
  ];
  log.trace('[INFO] Packer version: 1.9.5 [go1.20.6 linux amd64]');
  log.step('Running builder ...');
  log.step(`Creating resource group for the build of ${template.name} ...`);
  log.wait(durations.building);
  const [by, minutes] = isWindows ? (['WinRM', 30] as const) : (['SSH', 20] as const);
  log.step(`Waiting for ${by} to become available...`);
  log.trace(`[INFO] Waiting for ${by}, up to timeout: ${minutes}m0s`);
  log.wait(minutes * 60_000);
  log.step(`Timeout waiting for ${by}.`);
  ending(log, `Timeout waiting for ${by}.`);
  return { phases, log: log.lines, endMs: log.atMs, failure: 'customizing' };
}

const kinds: Readonly<Record<string, string>> = {
  Shell: 'shell',
  PowerShell: 'powershell',
  File: 'file',
  WindowsRestart: 'windows-restart',
  WindowsUpdate: 'windows-update',
};

/** Why the first customizer failed that did; undefined when all went well. */
function customize(log: PackerLog, guest: Guest, customizers: readonly JsonObject[]): string | undefined {
  for (const [i, customizer] of customizers.entries()) {
    const kind = kinds[textOf(customizer['type'])] ?? 'shell';
    log.trace(`[INFO] (telemetry) Starting provisioner ${kind}`);
    const failure = step(log, guest, customizer, { number: i + 1, mode: 'customizer' });
    log.trace(`[INFO] (telemetry) ending ${kind}`);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** Why a step failed, in Packer's words. */
function step(log: PackerLog, guest: Guest, given: JsonObject, context: StepContext): string | undefined {
  const type = textOf(given['type']);
  log.wait(context.mode === 'customizer' ? durations.customizer : durations.validator);
  const cut = guest.registry && outOfReach(guest);
  if (cut) return unreachableStep(log, type);
  if (type === 'File') return upload(log, guest, given, context);
  if (type === 'PowerShell') return powerShell(log, guest, given, context);
  if (type === 'WindowsRestart') return windowsRestart(log, guest, given);
  if (type === 'WindowsUpdate') return windowsUpdate(log, guest, given);
  return shell(log, guest, given, context);
}

function shell(log: PackerLog, guest: Guest, given: JsonObject, { number, mode }: StepContext): string | undefined {
  const name = textOf(given['name']) || `Shell ${number}`;
  const uri = textOf(given['scriptUri']);
  if (uri) return notFetched(log, { action: `Provisioning with shell script: ${uri}`, name, uri });
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
  return result.exitCode === 0 ? undefined : exitStatus(result.exitCode, [0]);
}

/** The file exists afterwards, but all it says is that nothing was fetched. */
function upload(log: PackerLog, guest: Guest, given: JsonObject, { number }: StepContext): undefined {
  const [uri, destination] = [textOf(given['sourceUri']), textOf(given['destination'])];
  const content = `sandbox: not fetched from ${uri}\n`;
  guest.files[destination] = { content, mode: '0644', owner: `${user}:${user}` };
  const name = textOf(given['name']) || `File ${number}`;
  return notFetched(log, { action: `Uploading ${uri} => ${destination}`, name, uri });
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
function deprovision(log: PackerLog, guest: Guest): string | undefined {
  if (guest.registry) return sysprep(log, guest);
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
  return undefined;
}

function validate(log: PackerLog, guest: Guest, validators: readonly JsonObject[]): boolean {
  log.wait(durations.validating);
  log.step('Validation VM is ready.');
  addUser(guest);
  for (const [i, validator] of validators.entries()) {
    const type = textOf(validator['type']);
    const kind = kinds[type] ?? 'shell';
    log.trace(`[INFO] (telemetry) Starting provisioner ${kind}`);
    const failure = step(log, guest, validator, { number: i + 1, mode: 'strict' });
    log.trace(`[INFO] (telemetry) ending ${kind}`);
    if (failure === undefined) continue;
    log.step(`In-VM validation failed: ${textOf(validator['name']) || `${type} ${i + 1}`}`);
    ending(log, failure);
    return false;
  }
  return true;
}
