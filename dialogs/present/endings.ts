import { day, noticeCard, type Reply } from '../../cards';
import { call, exampleCall } from '../../core/command-call';
import { type EndingsTopic, type HeldVersion, heldOn } from '../../core/lifecycle';
import { days } from '../../core/time';
import type { Reads } from '../../store/reads';
import { mentions } from './mentioned';

/** As many as a message has room for, above the lines that say what to do. */
const most = 5;

/** Once a day, in the channel of those who decide: what has to stay in latest although its life is over. */
export async function presentEndings(
  topic: EndingsTopic,
  { endings }: Pick<Reads, 'endings'>,
  now: Date,
): Promise<Reply> {
  const found = await endings();
  const held = found ? heldOn(topic, found) : [];
  const [first] = held;
  const asOf = `As of ${day(found ? new Date(found.asOf) : now)}; goldbot looks each day.`;
  if (!first) {
    return noticeCard({
      message: 'Nothing is past its end of life and still offered as latest',
      details: [`What this message was about is settled. ${asOf}`],
    });
  }
  const rest = held.length - most;
  const reply = noticeCard({
    message:
      held.length === 1
        ? `${first.image} ${first.version} is past its end of life and still offered`
        : `${held.length} versions are past their end of life and still offered`,
    details: [
      ...held.slice(0, most).map(lineOf),
      ...(rest > 0 ? [`… and ${rest} more.`] : []),
      `Publish a version that can take its place, or move its end. ${asOf}`,
    ],
    next: [
      call('publish', { image: first.image }),
      exampleCall('eol', { ref: `${first.image}@${first.version}`, when: '+1mo' }),
      call('versions', { image: first.image }),
    ],
  });
  // Whoever decides is called on the day on which a life ends; the messages of later days call nobody again.
  const seen = found ? Date.parse(found.asOf) : now.getTime();
  const ended = held.filter((one) => seen - Date.parse(one.ended) <= days(1));
  const images = [...new Set(ended.map(({ image }) => image))];
  const groups = images.map((image) => ({ approversOf: image }));
  return groups.length === 0 ? reply : mentions(reply, { to: 'you decide how it goes on', groups, waits: true });
}

function lineOf({ image, version, ended, why }: HeldVersion): string {
  return `${image} ${version} ended on ${day(ended)}. ${why.join(' ')}`;
}
