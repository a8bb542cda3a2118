import { absolute, parentOf } from '../files';
import type { ShellState, Streams } from './state';
import type { Redirect, Word } from './syntax';

/** Where a command reads and writes after its redirections; undefined when one fails: the command then does not run. */
export function redirect(
  state: ShellState,
  redirects: readonly Redirect[],
  streams: Streams,
  expand: (word: Word) => string,
): Streams | undefined {
  let { stdin, out, err } = streams;
  for (const { operator, fd, target: word } of redirects) {
    const target = expand(word);
    if (operator === '<<') stdin = { rest: target };
    else if (operator === '<') {
      const text = input(state, target, streams);
      if (text === undefined) return undefined;
      stdin = { rest: text };
    } else if (operator === '>&') {
      const to = target === '2' ? err : out;
      if (fd === 2) err = to;
      else out = to;
    } else {
      const writer = output(state, target, operator === '>>', streams);
      if (!writer) return undefined;
      if (fd !== 2) out = writer;
      if (fd !== 1) err = writer;
    }
  }
  return { stdin, out, err };
}

function input(state: ShellState, target: string, streams: Streams): string | undefined {
  const path = absolute(state.cwd, target);
  if (path === '/dev/null') return '';
  const text = state.mayRead(path) ? state.files.read(path) : undefined;
  const problem = state.files.kind(path) ? 'Permission denied' : 'No such file';
  if (text === undefined) streams.err(state.complaint(`cannot open ${target}: ${problem}`));
  return text;
}

function output(
  state: ShellState,
  target: string,
  append: boolean,
  streams: Streams,
): ((text: string) => void) | undefined {
  const path = absolute(state.cwd, target);
  if (path === '/dev/null') return () => {};
  if (path === '/dev/stderr') return streams.err;
  if (path === '/dev/stdout' || path === '/dev/tty') return streams.out;
  const { files, user } = state;
  const problem = outputProblem(state, path);
  if (problem) {
    streams.err(state.complaint(`cannot create ${target}: ${problem}`));
    return undefined;
  }
  let text = append ? (files.read(path) ?? '') : '';
  const owner = files.entry(path)?.owner ?? `${user}:${user}`;
  files.write(path, text, { owner });
  return (chunk) => {
    text += chunk;
    files.write(path, text, { owner });
  };
}

function outputProblem(state: ShellState, path: string): string | undefined {
  if (state.files.kind(path) === 'directory') return 'Is a directory';
  if (state.files.kind(parentOf(path)) !== 'directory') return 'Directory nonexistent';
  return state.mayWrite(path) ? undefined : 'Permission denied';
}
