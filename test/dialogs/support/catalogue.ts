import type { CatalogueFile } from '../../../core/catalogue';

const id = (n: number) => `b0bb1e50-0000-4000-8000-0000000000${String(n).padStart(2, '0')}`;

export const groups = {
  publishers: id(1),
  approvers: id(2),
  admins: id(3),
  viewers: id(4),
  auditors: id(5),
  webPublishers: id(6),
} as const;

const subscription = '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001';
const group = `/subscriptions/${subscription}/resourceGroups/rg-golden-images`;

/** Three images, so that a name can be ambiguous, and a publisher of one of them. */
export const catalogueFiles: readonly CatalogueFile[] = [
  {
    path: 'azure.yaml',
    text: `
subscription: ${subscription}
location: westeurope
buildResourceGroup: rg-image-builds
identity: ${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-image-builder
gallery: { name: gold, resourceGroup: rg-golden-images }
test: { subnetId: ${group}/providers/Microsoft.Network/virtualNetworks/v/subnets/s, vmSize: Standard_D2s_v5 }
`,
  },
  {
    path: 'roles.yaml',
    text: `
- { group: ${groups.viewers}, name: goldbot-viewers, role: viewer }
- { group: ${groups.publishers}, name: goldbot-publishers, role: publisher }
- { group: ${groups.approvers}, name: goldbot-approvers, role: approver }
- { group: ${groups.admins}, name: goldbot-admins, role: admin }
- { group: ${groups.auditors}, name: goldbot-auditors, role: auditor }
- { group: ${groups.webPublishers}, name: web-publishers, role: publisher, images: [ubuntu-24] }
`,
  },
  { path: 'teams.yaml', text: '{}' },
  image('ubuntu-22', 'Linux', 'jammy', '22_04-lts-gen2'),
  image('ubuntu-24', 'Linux', 'noble', 'server'),
  image('windows-2022', 'Windows', 'win', '2022-datacenter-azure-edition'),
];

function image(name: string, os: string, alias: string, sku: string): CatalogueFile {
  const text = `
name: ${name}
title: ${name} of the tests
aliases: [${alias}]
os: ${os}
source: { publisher: Canonical, offer: some-offer, sku: ${sku} }
imageDefinition: ${name}
customize: [{ type: ${os === 'Linux' ? 'Shell' : 'PowerShell'}, name: updates, inline: [update] }]
tests: [{ name: sshd, run: systemctl is-active ssh }]
regions: [{ name: West Europe, replicas: 3 }, { name: North Europe, replicas: 2 }]
approval: { group: ${groups.approvers}, groupName: goldbot-approvers, channel: Image Factory / approvals }
`;
  return { path: `images/${name}.yaml`, text };
}
