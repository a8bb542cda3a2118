import type { Team } from './shape';

/** VMs that were made alike. */
export interface FleetGroup {
  readonly team: Team;
  readonly role: string;
  readonly count: number;
  /**
   * `image@version`, `image@latest` for a reference to the definition, or `marketplace:` and the golden image that it
   * would be, `ubuntu-20` among them, of which there is none.
   */
  readonly from: string;
  readonly model?: 'pet' | 'cattle';
  readonly region?: string;
  readonly size?: string;
  /** The flexible scale set that they belong to. */
  readonly scaleSet?: string;
}

/** 200 VMs: half on the latest version, some one or two behind, some that never saw the gallery. */
export const fleet: readonly FleetGroup[] = [
  { team: 'payments', role: 'api', count: 24, from: 'ubuntu-22@latest', model: 'cattle' },
  { team: 'payments', role: 'ledger', count: 8, from: 'ubuntu-22@1.4.1', model: 'pet', size: 'Standard_E8s_v5' },
  { team: 'payments', role: 'db', count: 6, from: 'ubuntu-22@1.5.0', model: 'pet', size: 'Standard_E8s_v5' },
  { team: 'payments', role: 'batch', count: 10, from: 'ubuntu-22@1.4.1', model: 'cattle', region: 'northeurope' },
  { team: 'payments', role: 'hsm', count: 2, from: 'marketplace:ubuntu-22', model: 'pet' },
  { team: 'payments', role: 'win', count: 6, from: 'windows-2022@1.2.0', model: 'pet' },
  { team: 'web', role: 'front', count: 26, from: 'ubuntu-22@latest', model: 'cattle' },
  {
    team: 'web',
    role: 'jobs',
    count: 4,
    from: 'ubuntu-22@1.5.0',
    model: 'cattle',
    scaleSet: 'vmss-web-jobs',
  },
  { team: 'web', role: 'cms', count: 6, from: 'ubuntu-22@1.4.1', model: 'pet' },
  { team: 'web', role: 'cache', count: 12, from: 'ubuntu-22@1.3.0', model: 'cattle', region: 'eastus' },
  { team: 'web', role: 'edge', count: 10, from: 'marketplace:ubuntu-22', region: 'eastus' },
  { team: 'web', role: 'iis', count: 8, from: 'windows-2022@1.1.0', model: 'cattle' },
  { team: 'data', role: 'spark', count: 16, from: 'ubuntu-22@1.5.0', model: 'cattle', size: 'Standard_E8s_v5' },
  { team: 'data', role: 'etl', count: 10, from: 'ubuntu-22@1.4.1' },
  { team: 'data', role: 'sql', count: 8, from: 'windows-2022@1.2.0', model: 'pet', size: 'Standard_E8s_v5' },
  // Its publisher ends all of Ubuntu 20.04 and names 24.04 in its place.
  { team: 'data', role: 'lab', count: 6, from: 'marketplace:ubuntu-20' },
  { team: 'data', role: 'archive', count: 4, from: 'ubuntu-22@1.3.0', model: 'pet', region: 'northeurope' },
  { team: 'legacy', role: 'app', count: 12, from: 'marketplace:ubuntu-22' },
  { team: 'legacy', role: 'portal', count: 2, from: 'marketplace:ubuntu-22', scaleSet: 'vmss-legacy-app' },
  { team: 'legacy', role: 'erp', count: 8, from: 'marketplace:windows-2022', model: 'pet' },
  { team: 'legacy', role: 'print', count: 6, from: 'windows-2022@1.1.0' },
  { team: 'legacy', role: 'core', count: 6, from: 'ubuntu-22@1.3.0', model: 'pet' },
];

/** Was made from 1.4.1 and upgraded in place to 1.5.0: its tattoo says so, its image reference does not. */
export const upgradedInPlace = { name: 'vm-payments-ledger-003', image: 'ubuntu-22', version: '1.5.0' } as const;

/** Somebody edited a file inside it after it was deployed. */
export const drifted = {
  name: 'vm-web-cms-002',
  file: '/etc/ssh/sshd_config',
  from: '#PermitRootLogin prohibit-password',
  to: 'PermitRootLogin yes',
} as const;

/** Machines whose inside differs from their image. */
export const storied: ReadonlySet<string> = new Set([upgradedInPlace.name, drifted.name]);

/** Made minutes before the story begins, by name: no policy has looked at them yet. */
export const newcomers: Readonly<Record<string, number>> = {
  'vm-payments-api-024': 4,
  'vm-web-front-025': 7,
  'vm-web-front-026': 6,
};

/** Days before the story begins on which the agent inside last reported; it was content with what it found. */
export const silentAgents: Readonly<Record<string, number>> = { 'vm-payments-db-004': 4, 'vm-data-archive-002': 9 };

/** Without the agent that answers for guest configuration: nothing is known about their inside. */
export const withoutAgent: ReadonlySet<string> = new Set([
  ...['001', '002', '003', '004'].map((n) => `vm-legacy-app-${n}`),
  ...['009', '010'].map((n) => `vm-web-edge-${n}`),
  ...['vm-data-lab-006', 'vm-legacy-core-005', 'vm-legacy-core-006'],
]);

/** Made without the VM agent, so that nothing can be installed through it. */
export const agentless = 'vm-data-lab-006';

/** Without the Azure Monitor agent, among them what has no guest configuration either. */
export const withoutMonitor: ReadonlySet<string> = new Set([
  ...['vm-payments-api-005', 'vm-payments-hsm-001', 'vm-payments-hsm-002', 'vm-web-cms-003', 'arc-legacy-1'],
  ...['001', '002', '003', '004'].map((n) => `vm-legacy-app-${n}`),
]);

/** With the agent, but no data collection rule says what it is to send. */
export const withoutRules: ReadonlySet<string> = new Set([
  ...withoutMonitor,
  ...['vm-payments-db-002', 'vm-web-edge-001', 'vm-web-edge-002', 'vm-data-etl-003'],
]);
