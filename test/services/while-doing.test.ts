import type { AzureRead, AzureWrite } from '../../core/azure';
import { azureOf, failure, held, place, ubuntu } from './azure';

/** What people are told that goldbot was doing when Azure failed, for every question and every change. */

type Call<Port> = (port: Port) => Promise<unknown>;
type Told<Port> = { readonly [Name in keyof Port]: readonly [action: string, call: Call<Port>] };

const set = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/set';
const vm = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm-1';
const policy = '/subscriptions/s/providers/Microsoft.Authorization';
const base = { publisher: 'Canonical', offer: 'ubuntu', sku: 'server' };
const target = { scope: '/subscriptions/s', name: 'goldbot', notScopes: [], buildGroups: [] };
const baselineGroup = '/subscriptions/s/resourceGroups/rg-web';
const guestConfig = { name: 'goldbot-guest-config', displayName: 'G', definition: '/d', parameters: {} };
const among = { ids: [vm] } as never;

const reads: Told<AzureRead> = {
  marketplaceVersions: [
    'listing the versions of Canonical:ubuntu:server',
    (a) => a.marketplaceVersions('westeurope', base),
  ],
  marketplaceVersion: [
    'asking about Canonical:ubuntu:server:22.04.1',
    (a) => a.marketplaceVersion('westeurope', base, '22.04.1'),
  ],
  definition: ['asking about the image definition “ubuntu-22”', (a) => a.definition(ubuntu)],
  definitions: ['listing the image definitions of “gold”', (a) => a.definitions(ubuntu)],
  versions: ['listing the versions of “ubuntu-22”', (a) => a.versions(ubuntu)],
  version: ['asking about “ubuntu-22” 1.6.0', (a) => a.version(ubuntu, '1.6.0')],
  managedImage: [
    'asking about the managed image “base”',
    (a) => a.managedImage('/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/base'),
  ],
  build: ['asking about the build of “t”', (a) => a.build(place, 't')],
  distributed: ['asking what “t” has made', (a) => a.distributed(place, 't')],
  output: [
    `looking at ${vm.replace('virtualMachines', 'images')}`,
    (a) => a.output({ kind: 'managed-image', place: vm.replace('virtualMachines', 'images') }),
  ],
  buildLog: ['reading the log of “t”', (a) => a.buildLog(place, 't')],
  testMachine: ['asking about the test machine “m”', (a) => a.testMachine(place, 'm')],
  command: ['asking about the command “c” on “vm-1”', (a) => a.command(vm, 'c')],
  foreignTemplates: ['listing the image templates', (a) => a.foreignTemplates('s')],
  triggers: ['asking for the triggers of “t”', (a) => a.triggers(place, 't')],
  leftovers: ['looking for what runs left in rg-image-builds', (a) => a.leftovers(place, ubuntu)],
  machinesByVersion: ['counting the machines of the gallery “gold”', (a) => a.machinesByVersion(ubuntu)],
  machines: ['asking about the machine “vm-1”', (a) => a.machines(vm)],
  vaultKey: [
    'asking for the key goldbot of kv-gold',
    (a) => a.vaultKey('https://kv-gold.vault.azure.net/keys/goldbot'),
  ],
  machineCounts: ['counting the machines', (a) => a.machineCounts(['team'])],
  imageSources: ['asking about what images are built from', (a) => a.imageSources(['/x'])],
  publishedVersions: ['listing the versions of the golden images', (a) => a.publishedVersions([ubuntu])],
  policyCounts: ['counting policy states', (a) => a.policyCounts([])],
  guestCounts: ['counting guest configuration results', (a) => a.guestCounts([])],
  managementGroups: ['asking for the management groups', (a) => a.managementGroups()],
  machineList: ['listing machines', (a) => a.machineList({}, 10)],
  machineCompliance: ['asking about the compliance of “vm-1”', (a) => a.machineCompliance(vm)],
  policyMachines: ['listing machines by policy state', (a) => a.policyMachines(among, undefined, 10)],
  guestMachines: ['listing machines by guest configuration', (a) => a.guestMachines(among, undefined, 10)],
  guestReports: ['listing what guest configuration reported', (a) => a.guestReports(among, 10)],
  machineTotals: ['counting VMs and Arc machines', (a) => a.machineTotals()],
  lackingMachines: ['looking for missing agents', (a) => a.lackingMachines()],
  scaleSets: ['listing scale sets', (a) => a.scaleSets(undefined)],
  softDeleted: ['listing the deleted versions of “ubuntu-22”', (a) => a.softDeleted(ubuntu)],
  keepsDeleted: ['asking whether “gold” keeps what is deleted', (a) => a.keepsDeleted(ubuntu)],
  imageConsumers: ['listing what uses “ubuntu-22”', (a) => a.imageConsumers([ubuntu], ['team'])],
  tagsOf: ['reading the tags of “vm-1”', (a) => a.tagsOf(vm)],
  exemption: ['asking about the exemption “e”', (a) => a.exemption(`${policy}/policyExemptions/e`)],
  remediation: [
    'asking about the remediation “r”',
    (a) => a.remediation(`/subscriptions/s/providers/Microsoft.PolicyInsights/remediations/r`),
  ],
  evaluation: [
    'asking whether the evaluation is over',
    (a) => a.evaluation('https://management.azure.com/subscriptions/s/x?api-version=1'),
  ],
  baseline: [
    'asking about the assignment “goldbot-guest-config”',
    (a) => a.baseline(`${baselineGroup}/p/goldbot-guest-config`),
  ],
  restriction: ['asking about the restriction of “/subscriptions/s”', (a) => a.restriction(target)],
  trial: ['asking about “goldbot-trials”', (a) => a.trial(ubuntu)],
  remains: ['looking for what builds left in rg-image-builds', (a) => a.remains(place, [])],
  coreUsages: ['asking how many cores are left in westeurope', (a) => a.coreUsages('s', 'westeurope')],
  containerUsages: [
    'asking how many container instances are left in westeurope',
    (a) => a.containerUsages('s', 'westeurope'),
  ],
  builderIdentity: ['asking about the identity of the builds', (a) => a.builderIdentity(`/subscriptions/s/x/i`)],
  grants: ['asking for the roles of the identity of the builds', (a) => a.grants('s', 'p')],
  ownPermissions: ['asking what goldbot may do', (a) => a.ownPermissions('/subscriptions/s/resourceGroups/g')],
  scaleSet: ['asking about the scale set “set”', (a) => a.scaleSet(set)],
  setInstances: ['asking about the instances of “set”', (a) => a.setInstances(set, { isFlexible: false })],
  upgradeQuestions: ['asking what Azure asks about “set”', (a) => a.upgradeQuestions(set)],
  rollingUpgrade: ['asking about the upgrade of “set”', (a) => a.rollingUpgrade(set)],
  assignmentsAt: ['asking who may use “ubuntu-22”', (a) => a.assignmentsAt(ubuntu)],
  roleByName: ['looking for the role “r”', (a) => a.roleByName(ubuntu, 'r')],
  gallerySharing: [`asking with whom the gallery “${ubuntu.gallery}” is shared`, (a) => a.gallerySharing(ubuntu)],
  providers: ['asking for the resource providers', (a) => a.providers('s', ['Microsoft.Compute'])],
  network: ['asking about the network', (a) => a.network('/subscriptions/s/x/v')],
  locksOver: ['asking for management locks', (a) => a.locksOver('/subscriptions/s/resourceGroups/g')],
  policyDenials: [
    'asking what policies forbid',
    (a) =>
      a.policyDenials('/subscriptions/s', {
        ...{ type: 'Microsoft.Compute/virtualMachines', location: 'westeurope', tags: {}, properties: {} },
        apiVersion: '2024-07-01',
      }),
  ],
  termsAccepted: [
    'asking whether the terms of p:o:n are accepted',
    (a) => a.termsAccepted('s', { publisher: 'p', product: 'o', name: 'n' }),
  ],
  groupState: ['asking about the resource group “g”', (a) => a.groupState('/subscriptions/s/resourceGroups/g')],
  subscription: ['asking about the subscription', (a) => a.subscription('s')],
  regions: ['asking for the regions of the subscription', (a) => a.regions('s')],
  azureClock: ['asking what time it is', (a) => a.azureClock('s')],
  trafficPrices: ['reading Azure’s public price list', (a) => a.trafficPrices()],
  copyPrices: ['reading Azure’s public price list', (a) => a.copyPrices()],
  machineSizes: ['asking which sizes of machines westeurope has', (a) => a.machineSizes('s', 'westeurope', [])],
};

const writes: Told<AzureWrite> = {
  startBuild: [
    'starting the build of “t”',
    (a) =>
      a.startBuild(place, 't', {
        tags: {},
        customize: [],
        validate: [],
        regions: [],
        source: base,
        target: { ...ubuntu, version: '1.6.0' },
        artifactTags: {},
      } as never),
  ],
  startDistribution: [
    'starting the build of “t”',
    (a) => a.startDistribution(place, 't', { tags: {}, outputs: [], source: { ...ubuntu, version: '1.6.0' } } as never),
  ],
  runTemplate: ['running “t”', (a) => a.runTemplate(place, 't')],
  cancelBuild: ['cancelling the build of “t”', (a) => a.cancelBuild(place, 't')],
  deleteTemplate: ['deleting the template “t”', (a) => a.deleteTemplate(place, 't')],
  updateVersion: ['updating “ubuntu-22” 1.6.0', (a) => a.updateVersion(ubuntu, '1.6.0', { excludedFromLatest: true })],
  undeleteVersion: ['restoring “ubuntu-22” 1.6.0', (a) => a.undeleteVersion(ubuntu, '1.6.0')],
  copyVersion: [
    'copying “ubuntu-22” 1.5.0 to 1.6.0',
    (a) => a.copyVersion(ubuntu, '1.6.0', { source: '1.5.0', tags: {} }),
  ],
  deleteVersion: ['deleting “ubuntu-22” 1.6.0', (a) => a.deleteVersion(ubuntu, '1.6.0')],
  makeTrialDefinition: [
    'making the image definition “goldbot-trials”',
    (a) => a.makeTrialDefinition(ubuntu, { source: 'ubuntu-22', run: 'R-22222' }),
  ],
  makeTrialVersion: [
    'making a version of “goldbot-trials”',
    (a) =>
      a.makeTrialVersion(ubuntu, {
        source: { definition: 'ubuntu-22', version: '1.6.0' },
        run: 'R-22222',
        endOfLife: '2027-03-01T00:00:00.000Z',
      }),
  ],
  patchTrialVersion: ['trying a change of “goldbot-trials”', (a) => a.patchTrialVersion(ubuntu, {})],
  deleteTrial: ['deleting “goldbot-trials” 1.0.0', (a) => a.deleteTrial(ubuntu, 'version')],
  createTestMachine: [
    'creating the test machine “m”',
    (a) => a.createTestMachine(place, 'm', { versionId: '/v', subnetId: '/s', vmSize: 'x', os: 'Linux', tags: {} }),
  ],
  deleteTestMachine: ['deleting the test machine “m”', (a) => a.deleteTestMachine(place, 'm')],
  runCommand: [
    'running “c” on “vm-1”',
    (a) => a.runCommand({ id: vm, location: 'westeurope' }, { name: 'c', script: 'true', timeoutSeconds: 60 }),
  ],
  deleteCommand: ['deleting “c” on “vm-1”', (a) => a.deleteCommand(vm, 'c')],
  setModelImage: ['giving “set” another image', (a) => a.setModelImage(set, '/v')],
  approveUpgrade: ['letting Azure upgrade “set”', (a) => a.approveUpgrade(set)],
  answerQuestion: [
    'answering what Azure asks about “set”',
    (a) => a.answerQuestion(set, { name: 'q', waiting: [set] }),
  ],
  putOffQuestion: ['having Azure wait with “set”', (a) => a.putOffQuestion(set, 'q', new Date())],
  cancelUpgrade: ['stopping the upgrade of “set”', (a) => a.cancelUpgrade(set)],
  upgradeInstances: ['upgrading instances of “set”', (a) => a.upgradeInstances(set, ['0'])],
  reimageInstances: ['reimaging instances of “set”', (a) => a.reimageInstances(set, ['0'], '1.5.0')],
  assignImageRole: [
    'giving a group a role on “ubuntu-22”',
    (a) => a.assignImageRole(ubuntu, 'n', { role: 'r', group: 'g', why: 'w' }),
  ],
  removeAssignment: ['taking the role assignment “n” away', (a) => a.removeAssignment(`${policy}/roleAssignments/n`)],
  shareGallery: ['changing with whom the gallery “gold” is shared', (a) => a.shareGallery(ubuntu, 'reset')],
  mergeTags: ['tagging “vm-1”', (a) => a.mergeTags(vm, { a: 'b' })],
  putExemption: [
    'exempting from “a”',
    (a) =>
      a.putExemption(`${policy}/policyExemptions/e`, {
        assignment: `${policy}/policyAssignments/a`,
        title: 't',
        reason: 'r',
        expiresAt: new Date(),
        run: 'R-22222',
      }),
  ],
  startRemediation: [
    'remediating “a”',
    (a) =>
      a.startRemediation('/subscriptions/s/providers/Microsoft.PolicyInsights/remediations/r', {
        assignment: `${policy}/policyAssignments/a`,
      }),
  ],
  startEvaluation: ['asking Azure Policy to evaluate “s”', (a) => a.startEvaluation('/subscriptions/s')],
  defineRestriction: [
    'defining the restriction for “/subscriptions/s”',
    (a) => a.defineRestriction('/subscriptions/s'),
  ],
  assignRestriction: [
    'restricting “/subscriptions/s”',
    (a) => a.assignRestriction(target, { effect: 'deny', galleries: ['/g'] }),
  ],
  assignBaseline: [
    'assigning “goldbot-guest-config” to “rg-web”',
    (a) => a.assignBaseline({ scope: baselineGroup, location: 'westeurope' }, guestConfig),
  ],
  removeRestriction: ['lifting the restriction of “/subscriptions/s”', (a) => a.removeRestriction(target)],
};

const azure = azureOf([]);
azure.sandbox.faults.add({ match: {}, status: 500 });

it.each([
  ...Object.entries(reads).map(([name, [action, call]]) => [name, action, () => call(azure.read)] as const),
  ...Object.entries(writes).map(([name, [action, call]]) => [name, action, () => call(azure.write(held))] as const),
])('%s: Azure answered with a server error while %s', async (_, action, call) => {
  const error = await failure(call());
  expect(error.message).toBe(`Azure answered with a server error (500) while ${action}.`);
  expect(error).toMatchObject({
    code: 'AZ_UNAVAILABLE',
    hint: 'Check the Azure status page, and try again in a few minutes.',
  });
});
