import type { Guest } from '../model';
import { keys } from './base';
import { GuestRegistry } from './registry';

/** A rule of the firewall; those that are set by hand are kept in the registry, as Windows does. */
export interface FirewallRule {
  readonly name: string;
  readonly displayName: string;
  readonly enabled: boolean;
  readonly direction: 'Inbound' | 'Outbound';
  readonly action: 'Allow' | 'Block';
  readonly protocol: string;
  /** Empty for any. */
  readonly ports: readonly string[];
}

export const nameRules = { winRmPort: 5986 } as const;

const rulesKey = `${keys.firewall}\\FirewallRules`;

export function firewallRules(guest: Guest): FirewallRule[] {
  const values = new GuestRegistry(guest).values(rulesKey) ?? [];
  return values.map(([name, { data }]) => fromText(name, String(data)));
}

export function setFirewallRule(guest: Guest, rule: FirewallRule): void {
  new GuestRegistry(guest).set(rulesKey, rule.name, { kind: 'String', data: toText(rule) });
}

export function removeFirewallRule(guest: Guest, name: string): void {
  new GuestRegistry(guest).unset(rulesKey, name);
}

function toText({ displayName, enabled, direction, action, protocol, ports }: FirewallRule): string {
  const parts = [
    'v2.31',
    `Action=${action}`,
    `Active=${enabled ? 'TRUE' : 'FALSE'}`,
    `Dir=${direction === 'Inbound' ? 'In' : 'Out'}`,
    `Protocol=${protocol}`,
    ...ports.map((port) => `LPort=${port}`),
    `Name=${displayName}`,
  ];
  return `${parts.join('|')}|`;
}

function fromText(name: string, text: string): FirewallRule {
  const parts = text.split('|').map((part) => part.split(/=(.*)/s));
  const value = (key: string) => parts.find(([k]) => k === key)?.[1] ?? '';
  return {
    name,
    displayName: value('Name') || name,
    enabled: value('Active') !== 'FALSE',
    direction: value('Dir') === 'Out' ? 'Outbound' : 'Inbound',
    action: value('Action') === 'Block' ? 'Block' : 'Allow',
    protocol: value('Protocol') || 'Any',
    ports: parts.filter(([k]) => k === 'LPort').map(([, port = '']) => port),
  };
}

/** Packer's rule for its own port is part of what Image Builder sets up; one that blocks the port, or all, is stronger. */
export function reachableByWinRm(guest: Guest): boolean {
  if (guest.services['WinRM']?.active === false) return false;
  const registry = new GuestRegistry(guest);
  const isOn = registry.value(`${keys.firewall}\\PublicProfile`, 'EnableFirewall')?.data !== 0;
  const blocked = registry.value(`${keys.firewall}\\PublicProfile`, 'DoNotAllowExceptions')?.data === 1;
  const rule = firewallRules(guest).find(
    (r) =>
      r.enabled &&
      r.direction === 'Inbound' &&
      r.action === 'Block' &&
      (r.ports.length === 0 || r.ports.some((p) => p === 'Any' || p === '5986')),
  );
  return !isOn || (!blocked && rule === undefined);
}
