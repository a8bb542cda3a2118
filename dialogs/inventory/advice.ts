import { adviceFor, type Classification, canMend, type Machine, type MachineCompliance } from '../../core/compliance';
import type { Origin } from '../../core/images';
import { type CommandContext, findCommand, typed } from '../conversation';

/** What is known of a machine and matters for what to do next. */
interface Known {
  readonly machine: Machine;
  readonly team: string | null;
  readonly compliance: MachineCompliance;
  readonly origin: Origin;
  readonly model: Classification['model'];
}

type Asker = Pick<CommandContext, 'commands'>;

/** What to do about a machine, each a sentence; most useful first. Empty: nothing is to be done. */
export function adviceOn(asker: Asker, known: Known): readonly string[] {
  return [...policyAdvice(asker, known), ...guestAdvice(known), ...imageAdvice(known), ...teamAdvice(known)];
}

function policyAdvice(asker: Asker, { machine, compliance, team }: Known): readonly string[] {
  const { policies } = compliance;
  if (policies.length === 0 && machine.type !== 'instance') {
    const rescan = said(asker, 'rescan', team === null ? {} : { team });
    return [`Azure Policy has not evaluated it: that is no good state.${rescan && ` Ask for it with ${rescan}.`}`];
  }
  const failures = policies.filter(({ state }) => state === 'NonCompliant');
  const failing = failures.find(({ effect }) => canMend(effect)) ?? failures[0];
  if (!failing) return [];
  const policy = failing.assignment.split('/').at(-1) ?? failing.name;
  if (!canMend(failing.effect))
    return [`${policy} only looks: mend what it found by hand, or have it exempted until a day.`];
  const remediate = said(asker, 'remediate', { machine: machine.name, policy });
  return [
    remediate ? `Mend what ${policy} found with ${remediate}, or have it exempted until a day.` : `${policy} fails.`,
  ];
}

function guestAdvice({ compliance }: Known): readonly string[] {
  const pending = compliance.guest.some(({ status }) => status === 'Pending');
  return pending ? ['It does not report from inside: see that it runs and that its agent does.'] : [];
}

function imageAdvice({ machine, origin, model }: Known): readonly string[] {
  if (machine.type === 'arc') return [];
  const { lineage } = origin;
  if (lineage === 'latest' || lineage === 'unknown') return [];
  return [adviceFor(model, machine.name).replaceAll('`', '')];
}

function teamAdvice({ machine, team }: Known): readonly string[] {
  if (team !== null) return [];
  return [`No team has ${machine.name}: tag it, or put its scope into teams.yaml.`];
}

/** The command as it is typed; empty when this version does not have it. */
function said({ commands }: Asker, verb: string, values: Readonly<Record<string, string>>): string {
  const command = findCommand(commands, verb);
  return command ? `“${typed(command, values)}”` : '';
}
