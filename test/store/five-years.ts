import { Client } from 'pg';

/** What a database holds after five years of use: the figures of targets.md, B11. */
export interface Grown {
  readonly runs: number;
  readonly openRuns: number;
  readonly cards: number;
  readonly audit: number;
}

export const fiveYears: Grown = { runs: 60_000, openRuns: 10_000, cards: 100_000, audit: 1_000_000 };

export const shareOf = (n: number): Grown => ({
  runs: fiveYears.runs / n,
  openRuns: fiveYears.openRuns / n,
  cards: fiveYears.cards / n,
  audit: fiveYears.audit / n,
});

/** The n-th of the ids that people see; the letters do without those that look like others. */
const idOf = (n: string): string => `'R-' || translate(lpad(upper(to_hex(${n})), 5, '0'), '01', 'YZ')`;

/**
 * Fills the tables that grow, each row like one of years ago, and lets the server count them. Runs end but for the last
 * ones, cards are up to date, requests decided; what is due today are a few of each.
 */
export async function fillFiveYears(url: string, { runs, openRuns, cards, audit }: Grown): Promise<void> {
  const isOpen = `n > ${runs - openRuns}`;
  const when = `timestamptz '2021-11-01' + n * interval '40 minutes'`;
  // One of its own: goldbot's give up what takes longer than ten seconds.
  const client = new Client(url);
  await client.connect();
  for (const statement of [
    `insert into request (id, kind) select ${idOf('n')}, 'run' from generate_series(1, ${runs}) n on conflict do nothing`,
    `insert into run (id, kind, subject, plan, stages, stage, data, due_at, created_at, ended_at, outcome)
     select ${idOf('n')}, case n % 3 when 0 then 'digest' when 1 then 'change' else 'publish' end,
       case when ${isOpen} then 'retire:' || n else 'image-' || n % 500 end,
       jsonb_build_object('team', 'team-' || n % 100, 'machineId', 'vm-' || n), array['plan', 'close'], 'close', '{}',
       case when ${isOpen} then timestamptz '2030-01-01' else ${when} end, ${when},
       case when ${isOpen} then null else ${when} end, case when ${isOpen} then null else 'done' end
     from generate_series(1, ${runs}) n on conflict do nothing`,
    `insert into run_actor (run_id, oid, name, did, at)
     select id, 'oid-' || length(subject), 'Ada', 'start', created_at from run`,
    `insert into request (id, kind) select ${idOf(`1000000 - n`)}, 'approval' from generate_series(1, ${runs / 3}) n
     on conflict do nothing`,
    `insert into approval (id, run_id, plan_hash, rule, channel, status, asked_at, expires_at, closed_at)
     select ${idOf(`1000000 - n`)}, ${idOf('n * 3')}, 'h', '{}', 'c', 'approved', ${when}, ${when}, ${when}
     from generate_series(1, ${runs / 3}) n on conflict do nothing`,
    `insert into decision (approval_id, oid, name, verdict, via, at)
     select id, 'oid-2', 'Grace', 'approve', 'button', asked_at from approval`,
    `insert into signal (run_id, kind, by_oid, by_name, body, at, consumed_version)
     select run_id, 'decided', 'oid-2', 'Grace', jsonb_build_object('approval', id), asked_at, 2 from approval`,
    `insert into card (topic, conversation_id, kind, activity_id, wanted, shown)
     select case n % 2 when 0 then 'run:' || ${idOf('n')} else 'news:' || ${idOf('n')} || ':ended' end,
       '19:' || n % 200, 'run', 'a-' || n, 3, 3 from generate_series(1, ${cards}) n`,
    `insert into audit (seq, at, entry, prev, hash)
     select n, ${when}, '{"action":"stage","runId":"' || ${idOf(`n % ${runs} + 1`)} || '","subject":"image-' || n % 500
       || '","who":{"name":"Ada","oid":"oid-' || n % 40 || '"}}', 'p', 'h' from generate_series(1, ${audit}) n`,
    `update audit_head set seq = ${audit}, hash = 'h'`,
    `insert into delivery (id, first_at, answered_at) select 'd-' || n, ${when}, ${when}
     from generate_series(1, ${cards}) n`,
    `insert into intent (key, request) select 'i-' || n, ${idOf('n')} from generate_series(1, ${cards}) n`,
    `insert into standing (run_id, team, week, extra, counted_at, body)
     select id, plan ->> 'team', to_char(created_at, 'IYYY-"W"IW-') || id, false, created_at, '{}' from run where kind = 'digest'`,
    `insert into contents (image, version, run_id, read_at, document)
     select 'image-' || n % 500, '1.' || n || '.0', 'R-22222', ${when}, jsonb_build_object('components', (
       select jsonb_agg(jsonb_build_object('name', 'package-' || n * 7 % 900 + p)) from generate_series(1, 20) p))
     from generate_series(1, ${runs / 2}) n`,
    'analyze',
  ]) {
    await client.query(statement);
  }
  await client.end();
}
