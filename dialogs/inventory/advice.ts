import { nameOfId } from '../../core/azure-id';
import { call, offered } from '../../core/command-call';
import { type Classification, canMend, type Machine, type MachineCompliance } from '../../core/compliance';
import type { Origin } from '../../core/images';

/** What is known of a machine and matters for what to do next. */
interface Known {
  readonly machine: Machine;
  readonly team: string | null;
  readonly compliance: MachineCompliance;
  readonly origin: Origin;
  readonly model: Classification['model'];
}

/** What to do about a machine, each a sentence; most useful first. Empty: nothing is to be done. */
export function adviceOn(known: Known): readonly string[] {
  return [...policyAdvice(known), ...guestAdvice(known), ...imageAdvice(known), ...teamAdvice(known)];
}

function policyAdvice({ machine, compliance, team }: Known): readonly string[] {
  const { policies } = compliance;
  if (policies.length === 0 && machine.type !== 'instance') {
    const rescan = offered([call('rescan', team === null ? {} : { team })]);
    return [`Azure Policy has not evaluated it, which does not mean that it is compliant. Ask for it with ${rescan}.`];
  }
  const failures = policies.filter(({ state }) => state === 'NonCompliant');
  const failing = failures.find(({ effect }) => canMend(effect)) ?? failures[0];
  if (!failing) return [];
  const policy = nameOfId(failing.assignment);
  if (!canMend(failing.effect)) {
    return [`${policy} only audits: fix what it found by hand, or have the machine exempted for a while.`];
  }
  const remediate = offered([call('remediate', { machine: machine.name, policy })]);
  return [`Fix what ${policy} found with ${remediate}, or have the machine exempted for a while.`];
}

function guestAdvice({ compliance }: Known): readonly string[] {
  const pending = compliance.guest.some(({ status }) => status === 'Pending');
  return pending ? ['It does not report from inside: check that it is running and that its agent is.'] : [];
}

function imageAdvice({ machine, origin: { lineage }, model }: Known): readonly string[] {
  if (machine.type === 'arc' || lineage === 'latest' || lineage === 'unknown') return [];
  switch (model) {
    case 'cattle':
      return ['Redeploy it from the newest version in the next maintenance window.'];
    case 'pet':
      return ['Agree on an appointment with its owner: it is rebuilt or upgraded by hand.'];
    case 'undecided':
      return [
        `Say what it is with ${offered([call('classify', { machine: machine.name, model: 'pet' }, 'reason')])}, or cattle.`,
      ];
  }
}

function teamAdvice({ machine, team }: Known): readonly string[] {
  if (team !== null) return [];
  return [`No team has ${machine.name}: tag it, or add its scope to teams.yaml.`];
}
