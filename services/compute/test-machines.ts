import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { OSProfile, VirtualMachine } from '@azure/arm-compute';
import type {
  AzureRead,
  AzureWrite,
  BuildPlace,
  MachineSecurity,
  TestMachine,
  TestMachineSpec,
} from '../../core/azure';
import { testAdministrator } from '../../core/contents';
import { UserError } from '../../core/errors';
import { versionTags } from '../../core/images';
import { once, type ReadContext, remedyOfMachine, scrub, statusOf, unlessMissing, type WriteContext } from '../azure';

export function testMachineRead(azure: ReadContext): Pick<AzureRead, 'testMachine'> {
  return {
    /**
     * Whether a test machine is there and can run commands; OS name and version once its agent has reported them.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/virtualMachines/{name}?$expand=instanceView
     */
    testMachine: (place, name) =>
      azure.ask(`asking about the test machine “${name}”`, async () => {
        const found = await getMachine(azure, place, name);
        return found ? testMachineOf(found) : { state: 'absent' };
      }),
  };
}

export function testMachineWrite(azure: WriteContext): Pick<AzureWrite, 'createTestMachine' | 'deleteTestMachine'> {
  return {
    createTestMachine: (place, name, spec) => createTestMachine(azure, place, name, spec),
    deleteTestMachine: (place, name) => deleteTestMachine(azure, place, name),
  };
}

/**
 * Creates a VM from a gallery version, without a public address; its network interface and disk go with it. Returns when
 * Azure has accepted it; the machine takes minutes. Safe to repeat: a machine of this name with the same run's tag is
 * adopted. Nobody can log in: neither the private half of its key nor, on Windows, its password is ever kept.
 *
 * @throws UserError `AZ_CONFLICT` (the name is taken by something else), `AZ_QUOTA`, `AZ_POLICY`, `AZ_FORBIDDEN`,
 * `AZ_BAD_REQUEST`, `AZ_THROTTLED`, `AZ_SILENT` (it may have been accepted: read before repeating), `FENCED`.
 * @see PUT …/virtualMachines/{name}
 */
async function createTestMachine(
  azure: WriteContext,
  place: BuildPlace,
  name: string,
  spec: TestMachineSpec,
): Promise<void> {
  // Before the time of the lease is given to Azure: on a busy machine a key takes longer than what is left of it, and
  // that is not Azure's silence. The lease is renewed meanwhile.
  const login = await loginOf(spec.os);
  return azure.change(`creating the test machine “${name}”`, async () => {
    // A second PUT would be an update with another key or password, which Azure refuses with an error of its own.
    if (await isOurs(azure.read, place, name, spec)) return;
    const body = machineBody(place, name, spec, login);
    const { virtualMachines } = azure.compute(place.subscription);
    try {
      await virtualMachines.createOrUpdate(place.resourceGroup, name, body).submitted();
    } catch (error) {
      if (statusOf(error) !== 409 || !(await isOurs(azure.read, place, name, spec))) throw error;
    }
  });
}

/**
 * Deletes the machine with its disk and network interface; returns when Azure has accepted it. Safe to repeat.
 *
 * @throws UserError `AZ_CONFLICT`, `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
 * @see DELETE …/virtualMachines/{name}?forceDeletion=true
 */
function deleteTestMachine(azure: WriteContext, place: BuildPlace, name: string): Promise<void> {
  return azure.change(`deleting the test machine “${name}”`, async () => {
    const { virtualMachines } = azure.compute(place.subscription);
    const options = { forceDeletion: true };
    try {
      await unlessMissing(virtualMachines.delete(place.resourceGroup, name, options).submitted());
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      const found = await getMachine(azure.read, place, name);
      if (found && found.provisioningState !== 'Deleting') throw error;
    }
  });
}

function getMachine(azure: ReadContext, place: BuildPlace, name: string) {
  const { virtualMachines } = azure.compute(place.subscription);
  return unlessMissing(virtualMachines.get(place.resourceGroup, name, { expand: 'instanceView' }));
}

function testMachineOf(found: VirtualMachine): TestMachine {
  const { provisioningState, instanceView } = found;
  switch (provisioningState) {
    case 'Creating':
      return { state: 'creating' };
    case 'Deleting':
      return { state: 'deleting' };
    case 'Failed': {
      const failed = instanceView?.statuses?.find((s) => s.code?.startsWith('ProvisioningState/failed'));
      const remedy = remedyOfMachine(failed?.code?.split('/')[2] ?? '');
      const message = scrub(failed?.message ?? failed?.code ?? 'Azure gives no reason.');
      return { state: 'failed', message, ...(remedy !== undefined && { remedy }) };
    }
    default: {
      // While a run command is running the state is Updating.
      const { osName, osVersion } = instanceView ?? {};
      return { state: 'ready', ...(osName && { osName }), ...(osVersion && { osVersion }) };
    }
  }
}

async function isOurs(azure: ReadContext, place: BuildPlace, name: string, spec: TestMachineSpec): Promise<boolean> {
  const found = await getMachine(azure, place, name);
  if (!found) return false;
  const [owner, run] = [found.tags?.[versionTags.run], spec.tags[versionTags.run]];
  if (run !== undefined && owner === run) return true;
  throw new UserError('AZ_CONFLICT', `A virtual machine “${name}” exists already and is not of this run.`, {
    hint: `Delete the virtual machine “${name}” in ${place.resourceGroup} if nobody needs it, then rebuild.`,
    facts: { machine: name, ...(owner && { owner }) },
  });
}

function machineBody(place: BuildPlace, name: string, spec: TestMachineSpec, login: Login): VirtualMachine {
  return {
    location: place.location,
    tags: { ...spec.tags },
    ...(spec.plan && { plan: { ...spec.plan } }),
    hardwareProfile: { vmSize: spec.vmSize },
    ...(spec.security && { securityProfile: protectedBy(spec.security) }),
    storageProfile: {
      imageReference: { id: spec.versionId },
      osDisk: {
        createOption: 'FromImage',
        deleteOption: 'Delete',
        managedDisk: {
          storageAccountType: 'Standard_LRS',
          ...(spec.security === 'ConfidentialVM' && {
            securityProfile: { securityEncryptionType: 'VMGuestStateOnly' },
          }),
        },
      },
    },
    osProfile: { computerName: name, adminUsername: testAdministrator, ...login },
    networkProfile: {
      networkApiVersion: '2022-11-01',
      networkInterfaceConfigurations: [
        {
          name: `${name}-nic`,
          primary: true,
          deleteOption: 'Delete',
          tags: { ...spec.tags },
          ipConfigurations: [{ name: 'primary', primary: true, subnet: { id: spec.subnetId } }],
        },
      ],
    },
  };
}

type Login = Pick<OSProfile, 'linuxConfiguration' | 'windowsConfiguration' | 'adminPassword'>;

/** What Azure asks for and nobody can use. The password is of this request alone: no error, log or row ever has it. */
async function loginOf(os: TestMachineSpec['os']): Promise<Login> {
  if (os === 'Linux') {
    const publicKeys = [{ path: `/home/${testAdministrator}/.ssh/authorized_keys`, keyData: await publicKey() }];
    return { linuxConfiguration: { disablePasswordAuthentication: true, ssh: { publicKeys } } };
  }
  return {
    // All four kinds of characters, whatever the random ones are.
    adminPassword: `${randomBytes(32).toString('base64url')}aA1!`,
    // What is tested is the image as it was built: nothing may be installed meanwhile.
    windowsConfiguration: {
      provisionVMAgent: true,
      enableAutomaticUpdates: false,
      patchSettings: { patchMode: 'Manual' },
    },
  };
}

/** Such machines start with secure boot and a virtual TPM, as the Azure portal makes them. */
function protectedBy(securityType: MachineSecurity): NonNullable<VirtualMachine['securityProfile']> {
  return { securityType, uefiSettings: { secureBootEnabled: true, vTpmEnabled: true } };
}

/**
 * An RSA key in OpenSSH's format whose private half is discarded at once; made once a process, since that takes a quarter
 * of a second of a core.
 */
const publicKey = once(async (): Promise<string> => {
  const { publicKey: key } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const { n, e } = key.export({ format: 'jwk' });
  const number = (text = '') => Buffer.concat([Buffer.from([0]), Buffer.from(text, 'base64url')]);
  const field = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const exponent = Buffer.from(e ?? '', 'base64url');
  const blob = Buffer.concat([field(Buffer.from('ssh-rsa')), field(exponent), field(number(n))]);
  return `ssh-rsa ${blob.toString('base64')} goldbot`;
});
