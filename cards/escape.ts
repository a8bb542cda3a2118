/**
 * Names, notes, logs and error messages come from people and from Azure. `render()` passes everything that a card
 * shows through this file, so that no builder can forget it: no text can pose as a mention, a link or formatting.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for; tab and newline stay
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Text for where no markdown is read (text runs, buttons, labels, the plain twin): without control characters and
 * direction overrides; a mention loses its bracket, a template expression its brace.
 */
export function plain(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(control, '')
    .replace(/<(?=\s*\/?\s*at\b)/gi, '‹')
    .replace(/\$\{/g, '$\u2060{');
}

/**
 * Text for a TextBlock or a fact, where Teams reads bold, italics, lists and links. A mark that cannot begin
 * anything (a single `_` as in `sshd_config`) stays bare: Teams on phones prints some of the backslashes.
 */
export function escapeMarkdown(text: string): string {
  const pairs = (mark: string) => text.split(mark).length > 2;
  return plain(text)
    .replace(/\\(?=[!-/:-@[-`{-~])/g, '\\\\')
    .replace(/[*_~]/g, (mark) => (pairs(mark) ? `\\${mark}` : mark))
    .replace(/[[\]`<]/g, '\\$&')
    .replace(/&(?=#?\w+;)/g, '\\&')
    .replace(/^(\s*)([-+*#>]+)(?=\s)/gm, (_, space: string, mark: string) => `${space}\\${mark}`)
    .replace(/^(\s*\d+)([.)])(?=\s)/gm, '$1\\$2');
}
