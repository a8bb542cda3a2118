import type { ServiceModel } from '../core/compliance';
import { quoted } from './format';
import type { Button } from './sheet';

/** Which machines of a team: the options of `compliance … --list`. */
export interface Rows {
  readonly state?: 'compliant' | 'not-compliant' | 'not-evaluated' | 'exempt' | 'conflict' | 'unknown' | 'error';
  readonly image?: string;
  readonly class?: ServiceModel | 'undecided';
  readonly guest?: 'not-compliant';
  /** `behind`: by one version or more. */
  readonly lineage?: 'latest' | 'behind' | 'one-behind' | 'far-behind' | 'past-end' | 'not-golden' | 'unknown';
}

/** How machines that no team has are asked for. */
export const orphans = 'orphans';

/** The rows behind a number, as a button. */
export function listButton(title: string, team: string | null, rows: Rows = {}): Button {
  const name = team ?? orphans;
  const options = Object.entries(rows).filter(([, value]) => value !== undefined);
  const words = options.map(([option, value]) => `--${option} ${quoted(String(value))}`);
  return {
    title,
    verb: 'compliance',
    data: { team: name, list: true, ...Object.fromEntries(options) },
    command: ['compliance', name, '--list', ...words].join(' '),
  };
}

export function complianceButton(team: string | null, title = 'Show compliance'): Button {
  const name = team ?? orphans;
  return { title, verb: 'compliance', data: { team: name }, command: `compliance ${name}` };
}

/** `compliance --why vm`. */
export function whyButton(machine: string, title = 'Why'): Button {
  return { title, verb: 'compliance', data: { why: machine }, command: `compliance --why ${quoted(machine)}` };
}

export function whoUsesButton(ref: string, title: string): Button {
  return { title, verb: 'who uses', data: { ref }, command: `who uses ${ref}` };
}

export function rescanButton(team: string | null): Button {
  const name = team ?? orphans;
  return { title: 'Rescan', verb: 'rescan', data: { team: name }, command: `rescan ${name}` };
}
