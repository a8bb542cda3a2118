import {
  appointButton,
  type ChangeView,
  count,
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
import { call } from '../../core/command-call';
import { appointmentOf, type Single, singlesBy, stateOf, type Tracked } from '../../core/lifecycle';
import type { ChangeRun, RolloutPlan } from '../../core/runs';

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
  const who = `${moment(appointment.at)} by ${appointment.by}`;
  return isPast ? `its time was ${moment(appointment.at)}, and it still is behind` : `appointed for ${who}`;
}

const done = { there: 'is done', gone: 'is gone from the image', behind: '' } as const;

/** A message before machines are to be replaced, with what to do. It follows them: what is done meanwhile is said to be. */
export function presentAppointments(run: ChangeRun, reminder: number): Reply {
  const plan = run.plan as RolloutPlan;
  const { tracked } = run.data;
  const { singles = [], version, image, gallery } = plan;
  const told = singles.filter((single) => appointmentOf(tracked, single)?.reminder === reminder);
  const [first] = told;
  return noticeCard({
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
}

const checklist = (version: string): readonly string[] => [
  '1. Back up: a restore point or snapshots of its disks, and what it holds beside them.',
  '2. Tell its users, and take its load off it.',
  `3. Deploy its successor from ${version}; move data disks, addresses and identities.`,
  '4. Check that it is healthy and does its work; then put the load on it.',
  '5. Keep the old one stopped until that is sure; its owners delete it, never goldbot.',
];
