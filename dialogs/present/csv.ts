import type { AuditEntry } from '../../store/reads';

/** What a Teams message holds with room to spare. */
const maxLength = 20_000;
const header = 'seq,at,who,oid,action,subject,request,run,detail';

/** Audit entries as CSV, newest first; as many as fit into a message, and the last line says what did not. */
export function csvOf(entries: readonly AuditEntry[]): string {
  const lines = [header];
  let length = header.length;
  for (const entry of entries) {
    const line = [
      entry.seq,
      entry.at.toISOString(),
      entry.who.name,
      entry.who.oid ?? '',
      entry.action,
      entry.subject ?? '',
      entry.request ?? '',
      entry.runId ?? '',
      JSON.stringify(entry.detail),
    ]
      .map((value) => cell(String(value)))
      .join(',');
    if (length + line.length > maxLength) break;
    lines.push(line);
    length += line.length + 1;
  }
  const left = entries.length - (lines.length - 1);
  return left === 0
    ? lines.join('\n')
    : [...lines, `# ${left} older entries did not fit; narrow it with --since or --image`].join('\n');
}

/** Quoted where needed; a value that a spreadsheet would run as a formula begins with an apostrophe. */
function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
