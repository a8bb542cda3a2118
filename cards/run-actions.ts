import { call } from '../core/command-call';
import type { Field } from './fields';
import { type Button, logsButton, publishButton, showButton } from './parts/buttons';
import { isOver, isStill, type RunView } from './run-view';

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
  const bound = view.hash === undefined ? {} : { hash: view.hash };
  const rebuild: Button = {
    title: 'Rebuild',
    call: call('rebuild', { request: view.id }),
    ...bound,
    style: 'positive',
    takesInputs: true,
  };
  const cancel: Button = {
    title: 'Cancel',
    call: call('cancel', { request: view.id }, 'reason'),
    ...bound,
    takesInputs: true,
  };
  return [
    ...(view.status === 'needs-repair' ? [rebuild] : []),
    ...(view.status === 'published' && view.version !== undefined ? [showButton(view.image, view.version)] : []),
    ...(isOver(view.status) && view.status !== 'published' ? [publishButton(view.image, 'Publish again')] : []),
    logsButton(view.id),
    ...(view.canCancel && !isOver(view.status) && view.status !== 'cancelling' ? [cancel] : []),
  ];
}
