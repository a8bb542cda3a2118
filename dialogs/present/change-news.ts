import { capital, noticeCard, type Reply, statusButton } from '../../cards';
import { call } from '../../core/command-call';
import { type ChangeRun, isVersionPlan } from '../../core/runs';
import { changeStatus, outcomeOf } from './change';
import { although, doneWords } from './change-words';
import { holdNews, overrideNews } from './holds';
import { askersOf, leadingToRun, mentions } from './mentioned';
import { askerOf } from './run';
import { secondOf, secondView } from './seconds';
import { presentAppointments } from './singles';
import type { Standing } from './standing';
import { presentMention } from './trials';

/** A message beside the card, because nobody is notified of an edit. `standing`: of whoever looks, to what it asks for. */
export function presentChangeNews(run: ChangeRun, word = 'outcome', standing?: Standing): Reply {
  if (word === 'mention') return presentMention(run);
  if (word === 'hold') return holdNews(run);
  if (word.startsWith('override-')) return overrideNews(run, standing);
  if (word.startsWith('review-')) return reviewAsked(run, standing);
  if (word === 'reviewed') return reviewed(run);
  if (word.startsWith('appointed-')) return presentAppointments(run, Number(word.slice('appointed-'.length)));
  if (word.startsWith('team-')) {
    const team = word.slice('team-'.length);
    const whom = { to: 'machines of yours are affected', groups: [{ ownersOf: team }], waits: false };
    return mentions(leadingToRun(toldTeam(run, team), run), whom);
  }
  const { verb, target } = run.plan;
  const status = changeStatus(run);
  const reply = noticeCard({
    message: `${verb} ${target}: ${status === 'done' ? 'done' : status.replaceAll('-', ' ')}`,
    details: [`${askerOf(run)} asked for it in ${run.id}.`, outcomeOf(run) ?? ''].filter((text) => text !== ''),
    buttons: [statusButton(run.id)],
  });
  return mentions(leadingToRun(reply, run), askersOf(run));
}

/** Asks again and again until it is done; once it is, it says so. */
function reviewAsked(run: ChangeRun, standing: Standing | undefined): Reply {
  if (secondOf(run) !== 'review') return reviewed(run);
  const { verb, target, reason } = run.plan;
  const reply = noticeCard({
    message: `Glass was broken for ${verb} ${target}: nobody has reviewed it`,
    details: [
      `${askerOf(run)} asked for it in ${run.id}${reason === undefined ? '' : `: “${reason}”`}.`,
      `${outcomeOf(run) ?? ''} It was agreed to${although(run)}.`.trim(),
      'Somebody who neither asked for it nor decided about it says what is to be learnt; it is asked for every day until then.',
    ],
    ...secondView(run, standing),
    buttons: [statusButton(run.id)],
  });
  return leadingToRun(reply, run);
}

function reviewed(run: ChangeRun): Reply {
  const { verb, target } = run.plan;
  const { by, said = '' } = run.data.review ?? {};
  return noticeCard({
    message: `${verb} ${target} is reviewed`,
    details: [`${by?.name ?? 'Nobody'} reviewed the broken glass of ${run.id}: “${said}”.`],
    buttons: [statusButton(run.id)],
  });
}

/** All that a card has room for between why it was done and who asked for it. */
const mostToTeam = 5;

/** In the team's own channel: what was done, why, and what it means for what is theirs. */
function toldTeam(run: ChangeRun, team: string): Reply {
  const { reason } = run.plan;
  const lines = run.data.affected?.[team]?.lines ?? [];
  const rest = lines.length - mostToTeam;
  return noticeCard({
    message: doneWords(run.plan),
    details: [
      ...(reason === undefined ? [] : [`Why: “${reason}”.`]),
      ...lines.slice(0, mostToTeam).map(capital),
      ...(rest > 0 ? [`And ${rest} more of yours.`] : []),
      `${askerOf(run)} asked for it in ${run.id}; ${run.plan.approval?.rule.groupName ?? 'nobody'} agreed${although(run)}.`,
    ],
    ...(isVersionPlan(run.plan) && {
      next: [
        call('who uses', { ref: `${run.plan.image}@${run.plan.versions[0]}`, team }),
        call('versions', { image: run.plan.image }),
      ],
    }),
  });
}
