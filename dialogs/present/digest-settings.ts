import { type Button, list, moment, noticeCard } from '../../cards';
import { call } from '../../core/command-call';
import type { Snooze } from '../../core/compliance';
import { type DigestSpec, digestSpec } from '../../core/runs';
import type { DigestState, LastDigest } from '../../store/reads';
import type { Answer, CommandContext, Deps } from '../conversation';
import { isDoubtful, missingWords } from './channels';
import { localMoment } from './moments';
import { failingWords } from './schedule';

const dayNames: Readonly<Record<DigestSpec['day'], string>> = {
  mon: 'Mondays',
  tue: 'Tuesdays',
  wed: 'Wednesdays',
  thu: 'Thursdays',
  fri: 'Fridays',
  sat: 'Saturdays',
  sun: 'Sundays',
};

interface Shown {
  readonly team: string;
  /** Just now, by this person. */
  readonly changed: boolean;
}

/** When a team's digest is sent, and what became of the last one. */
export async function digestSettings(ctx: CommandContext, { team, changed }: Shown, deps: Deps): Promise<Answer> {
  const config = deps.catalogue().teams.get(team);
  if (!config) throw new Error(`team ${team} left the catalogue while it was being read`);
  const { digests } = deps.reads;
  const [state, snoozes] = await Promise.all([digests.state(team), digests.snoozes(team)]);
  const spec = digestSpec(team, config.digest, state.setting?.setting);
  const next = state.failing
    ? failingWords('The digest that is due', state.failing)
    : state.nextAt
      ? `The next one is due on ${localMoment(state.nextAt, spec.zone)}.`
      : '';
  const acts = ctx.rights.actsFor(team);
  return noticeCard({
    message: spec.on ? `The digest of ${team} is sent on ${rhythm(spec)}` : `The digest of ${team} is off`,
    details: [
      changed ? 'This was set just now.' : '',
      spec.on ? next : '',
      spec.on && spec.onlyChanges ? 'None is sent in weeks without changes.' : '',
      `It goes to ${config.channel}.${mentionWords(state)}`,
      state.last ? lastOf(state.last, config.channel) : 'None has been sent yet.',
      setBy(state),
      snoozedLine(snoozes.filter(({ until }) => until > ctx.now)),
    ].filter((line) => line !== ''),
    buttons: acts ? buttons(team, spec.on, isMentioned(state, ctx)) : [],
    next: acts
      ? [
          call('digest', { team, action: 'on', day: 'fri', at: '09:00', tz: 'Europe/Berlin' }),
          call('digest', { team, action: 'now' }),
        ]
      : [],
  });
}

/** One line per team. */
export async function digestList(teams: readonly (string | null)[], { catalogue, reads }: Deps): Promise<Answer> {
  const named = teams.flatMap((team) => team ?? []);
  const shown = named.slice(0, maxRows);
  const lines = await Promise.all(
    shown.map(async (team) => {
      const state = await reads.digests.state(team);
      const config = catalogue().teams.get(team);
      const spec = digestSpec(team, config?.digest ?? false, state.setting?.setting);
      return `${team}: ${spec.on ? `${rhythm(spec)}${troubleOf(state)}` : 'off'}`;
    }),
  );
  const rest = named.length - shown.length;
  return noticeCard({
    message: `Digests of ${named.length} teams`,
    isList: true,
    details: [...lines, ...(rest > 0 ? [`And ${rest} more: name a team to see its digest.`] : [])],
    next: shown.slice(0, 2).map((team) => call('digest', { team })),
  });
}

function mentionWords({ setting }: DigestState): string {
  const people = setting?.setting.mention ?? [];
  if (people.length === 0) return ' It mentions nobody.';
  return ` In weeks in which something got worse it mentions ${list(
    people.map(({ name }) => name),
    people.length,
  )}, as asked.`;
}

function troubleOf({ last }: DigestState): string {
  const missing = last?.delivery?.missing;
  if (missing === undefined) return '';
  return isDoubtful(missing)
    ? '; it is not certain that the last one arrived'
    : missing.why === 'deleted'
      ? '; somebody deleted the last one'
      : '; the last one could not be delivered';
}

/** As many as a notice has room for, with a line that says how many more there are. */
const maxRows = 7;

function rhythm({ day, time, zone }: DigestSpec): string {
  return `${dayNames[day]} at ${time} (${zone})`;
}

function lastOf({ plan, data, endedAt, delivery }: LastDigest, channel: string): string {
  const which = plan.askedBy === undefined ? `of ${plan.week}` : `that ${plan.askedBy} asked for in ${plan.week}`;
  if (!endedAt) return `! The one ${which}, due ${moment(plan.dueAt)}, is being counted.`;
  if (data.untold !== undefined) return `The one ${which} was not sent: ${data.untold}.`;
  const where = data.channel ?? channel;
  if (delivery?.posted) return `The one ${which} is in ${where}, counted on ${moment(endedAt)}.`;
  if (delivery?.missing === undefined) return `The one ${which} is on its way to ${where}.`;
  const { missing } = delivery;
  const so = isDoubtful(missing)
    ? `It is not certain that the one ${which} is in ${where}.`
    : missing.why === 'deleted'
      ? `The one ${which} is not in ${where} any more.`
      : `The one ${which} waits.`;
  return `! ${so} ${missingWords(missing)}`;
}

/** Those that end first; the digest has them all. */
function snoozedLine(snoozes: readonly Snooze[]): string {
  if (snoozes.length === 0) return '';
  const rows = snoozes.map(({ row, until, by }) => `${row} until ${moment(until)} (${by.name})`);
  return `Snoozed: ${list(rows, 2)}.`;
}

function setBy({ setting }: DigestState): string {
  if (!setting) return 'The settings are those of teams.yaml; nobody has changed them by command.';
  return `Set by ${setting.byName} on ${moment(setting.at)}; everything else is as in teams.yaml.`;
}

function isMentioned({ setting }: DigestState, { person }: CommandContext): boolean {
  return (setting?.setting.mention ?? []).some(({ oid }) => oid === person.oid);
}

function buttons(team: string, on: boolean, mentioned: boolean): readonly Button[] {
  const button = (title: string, action: string): Button => ({
    title,
    call: call('digest', { team, action }),
  });
  const mention: Button = mentioned
    ? { title: 'Stop mentioning me', call: call('digest', { team, mention: 'off' }) }
    : { title: 'Mention me', call: call('digest', { team, mention: 'me' }) };
  return [button('Send one now', 'now'), on ? button('Turn off', 'off') : button('Turn on', 'on'), mention];
}
