import { durations } from './durations';
import type { PackerLog } from './packer-log';
import { objectOf, type Template, textOf } from './section';

/** Image Builder's own choice when a template names no size. */
export const defaultSize = 'Standard_D2ds_v4';

/** Packer's own words around the customizers. */

export function deployment(log: PackerLog, template: Template, isWindows: boolean): void {
  const source = objectOf(template.properties['source']);
  const size = textOf(objectOf(template.properties['vmProfile'])['vmSize']) || defaultSize;
  const group = template.staging?.groupId.split('/').at(-1) ?? '';
  log.trace('[INFO] Packer version: 1.9.5 [go1.20.6 linux amd64]');
  log.trace('[INFO] PACKER_CONFIG env var not set; checking the default config file path');
  log.out('azure-arm: output will be in this color.');
  log.step('Running builder ...');
  log.detail('Creating Azure Resource Manager (ARM) client ...');
  log.step('Getting source image id for the deployment ...');
  log.step(
    ` -> SourceImageName: '${textOf(source['publisher'])}:${textOf(source['offer'])}:${textOf(source['sku'])}:${textOf(source['exactVersion'])}'`,
  );
  log.step('Using existing resource group ...');
  log.step(` -> ResourceGroupName : '${group}'`);
  log.step(` -> Location          : '${template.location}'`);
  log.step('Validating deployment template ...');
  log.step('Deploying deployment template ...');
  log.step(` -> VMSize            : '${size}'`);
  const request = `https://management.azure.com${template.staging?.groupId}/providers/Microsoft.Resources/deployments/pkrdp`;
  for (let i = 0; i < 6; i += 1) {
    log.wait(durations.building / 8);
    log.trace(
      `packer-plugin-azure plugin: Azure request method="GET" request="${request}/operationStatuses/0858${i}?[REDACTED]" body=""`,
    );
  }
  log.wait(durations.building / 8);
  log.step("Getting the VM's IP address ...");
  log.step(isWindows ? 'Waiting for WinRM to become available...' : 'Waiting for SSH to become available...');
  log.trace(
    isWindows ? '[INFO] Waiting for WinRM, up to timeout: 30m0s' : '[INFO] Waiting for SSH, up to timeout: 20m0s',
  );
  log.wait(durations.building / 8);
  log.step(isWindows ? 'WinRM connected.' : 'Connected to SSH!');
  log.trace('packer-plugin-azure plugin: Running the provision hook');
}

export function cleanUp(log: PackerLog, failure: string): void {
  log.step('Provisioning step had errors: Running the cleanup provisioner, if present...');
  log.step('Deleting individual resources ...');
  log.wait(20_000);
  log.step("Adding to deletion queue -> Microsoft.Compute/virtualMachines : 'pkrvm'");
  log.step("Adding to deletion queue -> Microsoft.Network/networkInterfaces : 'pkrni'");
  log.wait(40_000);
  log.step('The resource group was not created by Packer, not deleting ...');
  ending(log, failure);
}

export function ending(log: PackerLog, reason: string): void {
  log.out(`Build 'azure-arm' errored after ${log.duration}: ${reason}`);
  log.out("==> Some builds didn't complete successfully and had errors:");
  log.trace(`machine readable: azure-arm,error []string{"${reason}"}`);
  log.out(`--> azure-arm: ${reason}`);
  log.out('==> Builds finished but no artifacts were created.');
  log.trace('[INFO] (telemetry) Finalizing.');
}

export function finish(log: PackerLog): void {
  log.step("Querying the machine's properties ...");
  log.step('Powering off machine ...');
  log.wait(30_000);
  log.step('Generalizing machine ...');
  log.step('Deleting individual resources ...');
  log.wait(30_000);
  log.out(`Build 'azure-arm' finished after ${log.duration}.`);
  log.trace('[INFO] (telemetry) Finalizing.');
}
