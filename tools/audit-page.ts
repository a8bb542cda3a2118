import { auditActions } from '../core/audit';

/** `docs/reference/audit.md`: what stands in the audit about every action, from the table that the compiler holds entries to. */
export function auditPage(): string {
  return `${[
    '# Audit',
    '<!-- Written by `npm run docs` from the code; edit that instead. -->',
    'Every entry has a number (`seq`), a time (`at`, world time), a person or goldbot (`who`), an action, and, where it is about them, a subject (the image, team or machine), a request (the run or approval request that is meant) and the run. The rest are details. Entries are chained by hash: `audit` says whether one was edited, deleted, inserted or cut off. Entries of earlier versions may lack some of the details.',
    ...Object.entries(auditActions).map(([action, row]) => sectionOf(action, row)),
  ].join('\n\n')}\n`;
}

type Row = (typeof auditActions)[keyof typeof auditActions];

const columns = { subject: 'subject', request: 'request', runId: 'run' } as const;

function sectionOf(action: string, { means, by, about, must, may }: Row): string {
  const always = about.map((column) => columns[column]).join(', ');
  const details = [
    ...Object.entries(must).map(([key, what]) => `- \`${key}\`: ${what}`),
    ...Object.entries(may).map(([key, what]) => `- \`${key}\` (where there is one): ${what}`),
  ];
  const head = `${means} By ${by}${always && `, always with ${always}`}.`;
  return [`## \`${action}\``, head, details.join('\n')].join('\n\n');
}
