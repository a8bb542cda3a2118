import { absolute } from '../files';
import { type Call, type CommandTable, fail, options, readFile, unmodelled } from './call';

/** Commands that run other commands. */
export const processCommands: CommandTable = {
  sudo,
  env,
  sh: shell,
  bash: shell,
  dash: shell,
  '.': source,
  source,
  eval: (call) => call.shell.run(call.shell.read(call.args.join(' '), call), call),
  exec: (call) => (call.args.length === 0 ? 0 : call.shell.execute(call.args, call)),
  nohup: (call) => call.shell.execute(call.args, call),
  time: (call) => call.shell.execute(call.args, call),
  timeout: (call) => call.shell.execute(call.args.slice(call.args.findIndex((a) => /^\d/.test(a)) + 1), call),
  command,
  which: (call) => located(call, call.args),
  type: (call) => located(call, call.args),
  xargs,
};

/** Anybody may: Image Builder's user needs no password. The environment is not carried over unless `-E` says so. */
function sudo(call: Call): number {
  let user = 'root';
  let keeps = false;
  let at = 0;
  for (; call.args[at]?.startsWith('-'); at += 1) {
    const flag = call.args[at] as string;
    if (flag === '-u') user = call.args[++at] ?? 'root';
    if (/^(-[A-Za-z]*E|--preserve-env)/.test(flag)) keeps = true;
  }
  const before = new Map(call.state.variables);
  if (!keeps) for (const name of before.keys()) if (!kept.has(name)) call.state.variables.delete(name);
  call.state.variables.set('USER', user);
  const run = (args: readonly string[]) => (args.length === 0 ? 0 : call.shell.execute(args, call, user));
  const status = withVariables({ ...call, args: call.args.slice(at) }, run);
  restore(call, before);
  return status;
}

const kept = new Set(['PATH', 'HOME', 'PWD', 'LANG', 'TERM']);

function restore(call: Call, variables: ReadonlyMap<string, string>): void {
  call.state.variables.clear();
  for (const [name, value] of variables) call.state.variables.set(name, value);
}

function env(call: Call): number {
  if (call.args.length === 0) {
    for (const [name, value] of call.state.variables) call.out(`${name}=${value}\n`);
    return 0;
  }
  return withVariables({ ...call, args: call.args.filter((a, i) => i > 0 || a !== '-i') }, (args) =>
    call.shell.execute(args, call),
  );
}

/** `NAME=value` words before a command belong to its environment. */
function withVariables(call: Call, run: (args: readonly string[]) => number): number {
  const first = call.args.findIndex((a) => !/^[A-Za-z_]\w*=/.test(a));
  const count = first < 0 ? call.args.length : first;
  const before = new Map(call.state.variables);
  for (const assignment of call.args.slice(0, count)) {
    const equals = assignment.indexOf('=');
    call.state.variables.set(assignment.slice(0, equals), assignment.slice(equals + 1));
  }
  const status = run(call.args.slice(count));
  restore(call, before);
  return status;
}

function shell(call: Call): number {
  const { shell: interpreter, state, name } = call;
  const { set, isText, rest } = shellArguments(call.args);
  const run = (text: string, args: readonly string[]) =>
    interpreter.runText(set + text, call, { user: state.user, args, dialect: name === 'bash' ? 'bash' : 'sh' });
  if (isText) return run(rest[0] ?? '', rest.length > 1 ? rest.slice(1) : [name]);
  if (rest.length === 0) {
    const text = call.stdin.rest;
    call.stdin.rest = '';
    return run(text, [name]);
  }
  const text = readFile(call, rest[0] as string);
  return text === undefined ? 127 : run(text, rest);
}

/** `-euo pipefail -c text`: the options as a `set` command, whether a text follows, and what is left. */
function shellArguments(args: readonly string[]): { set: string; isText: boolean; rest: readonly string[] } {
  let at = 0;
  let set = '';
  let isText = false;
  for (; args[at]?.startsWith('-') && args[at] !== '-'; at += 1) {
    const flag = args[at] as string;
    if (flag.startsWith('--')) continue;
    const letters = flag.slice(1).replace(/[^euxo]/g, '');
    if (flag.includes('c')) isText = true;
    if (letters) set += `set -${letters}${letters.endsWith('o') ? ` ${args[++at]}` : ''};`;
  }
  return { set, isText, rest: args.slice(at) };
}

function source(call: Call): number {
  const text = readFile(call, call.args[0] ?? '');
  return text === undefined
    ? fail(call, `cannot open ${call.args[0]}`, 2)
    : call.shell.run(call.shell.read(text, call), call);
}

function command(call: Call): number {
  const [flag, ...rest] = call.args;
  if (flag === '-v' || flag === '-V') return located(call, rest);
  return call.shell.execute(call.args, call);
}

function located(call: Call, names: readonly string[]): number {
  let status = 0;
  for (const name of names.filter((n) => !n.startsWith('-'))) {
    const own = ['/usr/local/bin', '/usr/bin', '/usr/sbin']
      .map((d) => absolute(d, name))
      .find((p) => call.state.files.kind(p) === 'file');
    if (own ?? call.shell.knows(name)) call.out(`${own ?? `/usr/bin/${name}`}\n`);
    else status = 1;
  }
  return status;
}

function xargs(call: Call): number {
  const given = options(call.args.slice(0, 1));
  if (given.flags.size > 0 && !given.flags.has('r')) return unmodelled(call);
  const words = call.stdin.rest.split(/\s+/).filter((w) => w !== '');
  call.stdin.rest = '';
  const rest = given.flags.has('r') ? call.args.slice(1) : call.args;
  if (words.length === 0 && given.flags.has('r')) return 0;
  return call.shell.execute([...(rest.length > 0 ? rest : ['echo']), ...words], call) === 0 ? 0 : 123;
}
