import type { Field } from './fields';
import { isOver, isStill, type RunView } from './run-view';
import type { Button } from './sheet';
import { publishButton, showButton } from './versions-card';

/**
 * While the card is being edited it asks for nothing: an edit would wipe what somebody is typing. Then the button
 * alone asks, and the answer is a form.
 */
export function runFields(view: RunView): readonly Field[] {
  if (!isStill(view.status)) return [];
  const note: Field = {
    name: 'note',
    label: 'Note (what was mended)',
    kind: 'text',
    placeholder: 'What is different now?',
  };
  const reason: Field = {
    name: 'reason',
    label: 'Reason (needed to cancel)',
    kind: 'text',
    placeholder: 'Why should it end?',
  };
  return [...(view.status === 'needs-repair' ? [note] : []), ...(view.canCancel ? [reason] : [])];
}

export function runButtons(view: RunView): readonly Button[] {
  const request = view.hash === undefined ? { request: view.id } : { request: view.id, hash: view.hash };
  const rebuild: Button = {
    title: 'Rebuild',
    verb: 'rebuild',
    data: request,
    command: `rebuild ${view.id}`,
    style: 'positive',
    takesInputs: true,
  };
  const log: Button = { title: 'Show log', verb: 'logs', data: { request: view.id }, command: `logs ${view.id}` };
  const cancel: Button = {
    title: 'Cancel',
    verb: 'cancel',
    data: request,
    command: `cancel ${view.id} --reason "…"`,
    takesInputs: true,
  };
  return [
    ...(view.status === 'needs-repair' ? [rebuild] : []),
    ...(view.status === 'published' && view.version !== undefined ? [showButton(view.image, view.version)] : []),
    ...(isOver(view.status) && view.status !== 'published'
      ? [{ ...publishButton(view.image), title: 'Publish again' }]
      : []),
    log,
    ...(view.canCancel && !isOver(view.status) && view.status !== 'cancelling' ? [cancel] : []),
  ];
}
