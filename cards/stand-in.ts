import { call, line } from '../core/command-call';
import { oneLine } from './parts/format';
import type { Reply } from './reply';

/** By the kind of a topic: what cannot be shown, and what lists it without drawing it. */
const kinds: Readonly<Record<string, readonly [what: (id: string) => string, instead: string]>> = {
  run: [(id) => `how ${id} stands`, `Ask “${line(call('runs'))}”, which lists it.`],
  approval: [
    (id) => `the request ${id}`,
    `It waits all the same: ask “${line(call('approvals'))}” what waits for you.`,
  ],
  requests: [() => 'these requests', `They wait all the same: ask “${line(call('approvals'))}” what waits for you.`],
  digest: [() => 'this digest', `Ask “${line(call('compliance'))}” for the figures.`],
  news: [(id) => `what is new about ${id}`, `Ask “${line(call('runs'))}”, which lists it.`],
};

/**
 * In the place of a card over which one process of goldbot after the other has died: told by its topic alone, so that
 * nothing of what it is about is read or drawn.
 */
export function standIn(topic: string): Reply {
  const [kind = '', id = ''] = topic.split(':');
  const [what, instead] = kinds[kind] ?? [() => 'what belongs here', ''];
  const told = [
    `! goldbot cannot show ${oneLine(what(id), 60)}: whenever it tries, the process that does is stopped by it, six times in a row by now.`,
    'It goes on trying every few minutes, and puts it in this place once that works.',
    instead,
    `Tell whoever operates goldbot: its log names ${oneLine(topic, 80)}.`,
  ];
  return { text: told.filter(Boolean).join('\n') };
}
