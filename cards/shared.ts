import { isRecord } from '../core/collections';
import { moment } from './parts/format';
import type { AdaptiveCard, CardElement, Reply } from './reply';

export interface Sharing {
  /** When it was so; world time. */
  readonly at: Date;
  /** Opens the reader's own chat with goldbot, with the sentence that shows the same as it is then; absent: no link does. */
  readonly open?: string;
}

/**
 * A card that a person puts into a message of their own: a picture of what they were shown, with nothing to press but
 * what leads to a page. A button would act for whoever reads it, in a conversation that goldbot may not even be in.
 */
export function stillOf({ text, card }: Reply, { at, open }: Sharing): Reply {
  if (!card) return { text };
  const { refresh: _, ...kept } = card;
  const still = withoutDeeds(kept) as AdaptiveCard;
  const links = still.actions.filter(({ type }) => type === 'Action.OpenUrl').slice(0, mostLinks);
  const opens = open === undefined ? [] : [{ type: 'Action.OpenUrl', title: 'Ask goldbot', url: open }];
  const note = {
    type: 'TextBlock',
    text: `Shared from goldbot, as of ${moment(at)}.`,
    wrap: true,
    isSubtle: true,
    spacing: 'Medium',
  };
  return {
    text,
    card: { ...still, body: [...still.body.filter(({ id }) => id !== 'foot'), note], actions: [...opens, ...links] },
  };
}

/** Beside the one that leads to goldbot. */
const mostLinks = 4;

/** Without what reaches goldbot: undefined where nothing is left. */
function withoutDeeds(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(withoutDeeds).filter((one) => one !== undefined);
  if (!isRecord(part)) return part;
  const type = String(part['type'] ?? '');
  if (type === 'Action.Execute' || type === 'Action.Submit' || type.startsWith('Input.')) return undefined;
  const entries = Object.entries(part).map(([key, value]) => [key, withoutDeeds(value)] as const);
  const left: CardElement = Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  // What is a button by itself.
  if (type === 'CompoundButton' && left['selectAction'] === undefined) return left['fallback'];
  return isEmptied(part, left) ? undefined : left;
}

/** What stood around buttons and fields alone. */
function isEmptied(before: CardElement, after: CardElement): boolean {
  return ['items', 'actions', 'columns'].some((key) => {
    const [had, has] = [before[key], after[key]];
    return before['type'] !== 'AdaptiveCard' && isFull(had) && !isFull(has);
  });
}

const isFull = (list: unknown): boolean => Array.isArray(list) && list.length > 0;
