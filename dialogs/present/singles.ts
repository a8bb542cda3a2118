import {
  appointButton,
  type ChangeView,
  count,
  due,
  list,
  type MachineAct,
  moment,
  noticeCard,
  type Reply,
  statusButton,
  unappointButton,
} from '../../cards';
import { galleryVersionId } from '../../core/azure-id';
import { byText } from '../../core/collections';
import { type CommandCall, call } from '../../core/command-call';
import {
  appointmentOf,
  insideWords,
  type Single,
  singlesBy,
  stateOf,
  type Tracked,
  unreadOf,
} from '../../core/lifecycle';
import type { ChangeRun, RequestId, RolloutPlan } from '../../core/runs';
import { mentions } from './mentioned';

/** What a rollout leaves to owners: machines that stand alone, on the card of its run and in reminders. */

/** Every machine is counted once, for its kind. */
export function singlesFacts(
  { singles = [], moreSingles = 0, version }: RolloutPlan,
  tracked: Tracked | undefined,
): ChangeView['facts'] {
  if (singles.length === 0) return [];
  const { there, gone, behind } = singlesBy(singles, tracked);
  const done = there.length + gone.length;
  const asOf = tracked?.asOf === undefined ? '' : `, as of ${moment(tracked.asOf)}`;
  const cattle = behind.filter(({ model }) => model === 'cattle');
  return [
    {
      title: 'Stand alone',
      value: `${done} of ${singles.length} done${gone.length > 0 ? `, ${gone.length} of them gone from the image` : ''}; ${behind.length} not on ${version}${asOf}`,
    },
    ...(there.length > 0 ? [{ title: 'Known by', value: insideWords(there, tracked).join('; ') }] : []),
    ...(cattle.length > 0
      ? [
          {
            title: 'Cattle left',
            value: `${cattle.length}: ${list(
              cattle.map(({ name }) => name),
              4,
            )}`,
          },
        ]
      : []),
    ...(moreSingles > 0 ? [{ title: 'Not followed', value: `${count(moreSingles, 'more machine')}` }] : []),
  ];
}

/** How a machine that counts as done is looked into, as long as nobody has. */
export function lookCalls({ singles = [] }: RolloutPlan, tracked: Tracked | undefined): readonly CommandCall[] {
  const unread = unreadOf(singlesBy(singles, tracked).there, tracked);
  return unread ? [call('tattoo', { machine: unread.id, fresh: true })] : [];
}

/**
 * Those that need a word of their owners: pets and what nobody has decided about, as long as they are behind. What is
 * appointed soonest comes first.
 */
export function machineActs(
  { singles = [] }: RolloutPlan,
  { stage, data: { tracked, ending, stopping }, endedAt }: ChangeRun,
): readonly MachineAct[] {
  if (stage !== 'track' || ending || stopping || endedAt) return [];
  const { behind } = singlesBy(singles, tracked);
  const own = behind.filter(({ model }) => model !== 'cattle');
  return own
    .map((single) => ({ single, at: appointmentOf(tracked, single)?.at ?? never }))
    .sort((a, b) => byText(a.at, b.at))
    .map(({ single }) => actOf(single, tracked));
}

/** After any time that is appointed. */
const never = '9';

function actOf(single: Single, tracked: Tracked | undefined): MachineAct {
  const appointment = appointmentOf(tracked, single);
  const buttons = appointment
    ? [appointButton(single.id, 'Move'), unappointButton(single.id)]
    : [appointButton(single.id)];
  return {
    name: single.name,
    said: `${kindOf(single)} on ${stateOf(tracked, single).version}; ${whenWords(single, tracked)}`,
    buttons,
  };
}

const kindOf = ({ model }: Single): string => (model === 'undecided' ? 'neither pet nor cattle yet,' : `${model}`);

function whenWords(single: Single, tracked: Tracked | undefined): string {
  const appointment = appointmentOf(tracked, single);
  if (!appointment) return 'no time appointed yet';
  const isPast = tracked?.asOf !== undefined && appointment.at < tracked.asOf;
  const who = `${due(appointment.at)} by ${appointment.by}`;
  if (appointment.barred !== undefined && !isPast) {
    return `appointed for ${who}, which ${appointment.barred}: its owners move it`;
  }
  return isPast ? `its time was ${moment(appointment.at)}, and it still is behind` : `appointed for ${who}`;
}

const done = { there: 'is done', gone: 'is gone from the image', behind: '' } as const;

/** A message before machines are to be replaced, with what to do. It follows them: what is done meanwhile is said to be. */
export function presentAppointments(run: ChangeRun, reminder: number): Reply {
  const plan = run.plan as RolloutPlan;
  const { tracked } = run.data;
  const { singles = [], version, image, gallery } = plan;
  const by = run.data.ending?.supersededBy;
  if (by) return handedOver(run, by);
  const told = singles.filter((single) => appointmentOf(tracked, single)?.reminder === reminder);
  const [first] = told;
  const reply = noticeCard({
    message:
      first && told.length === 1
        ? `${first.name} is to be replaced by ${image} ${version}`
        : `${count(told.length, 'machine')} to be replaced by ${image} ${version}`,
    details: [
      ...told.slice(0, 8).map((single) => {
        const { state, version: runs } = stateOf(tracked, single);
        return state === 'behind'
          ? `${single.name} (${kindOf(single)} on ${runs}): ${whenWords(single, tracked)}.`
          : `${single.name} ${done[state]}.`;
      }),
      ...(told.length > 8 ? [`And ${told.length - 8} more.`] : []),
      ...(told.length === 0
        ? ['These appointments were moved or withdrawn.']
        : checklist(galleryVersionId(gallery, version))),
    ],
    buttons: [statusButton(run.id)],
    ...(first && {
      next: [call('appoint', { machine: first.name }, 'at'), call('unappoint', { machine: first.name })],
    }),
  });
  const whom = { to: 'you appointed this', groups: ownersOf(plan), waits: true } as const;
  return first ? mentions(reply, whom) : reply;
}

/** Of all teams nobody in particular. */
const ownersOf = ({ team }: RolloutPlan) => (team === null ? [] : [{ ownersOf: team }]);

/** What it was about is another version's by now; that one reminds anew. */
const handedOver = ({ id, plan: { target } }: ChangeRun, by: RequestId): Reply =>
  noticeCard({
    message: `Nothing is to be replaced by ${target} any more: ${by} has superseded it`,
    details: [`What ${id} had appointed moved to ${by}, or lapsed; that reminds of its own.`],
    buttons: [statusButton(by)],
  });

const checklist = (version: string): readonly string[] => [
  '1. Back up: a restore point or snapshots of its disks, and what it holds besides them.',
  '2. Tell its users, and take its load off it.',
  `3. Deploy its successor from ${version}; move data disks, addresses and identities.`,
  '4. Check that it is healthy and does its work; then put the load on it.',
  '5. Keep the old one stopped until that is sure; its owners delete it, never goldbot.',
];
