import assert from 'node:assert/strict'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { caughtShell } from '../../../test/caughtShell.ts'
import {
  aRefusal,
  aRequest,
  openedRecord,
  recordFolder,
  recordSettings,
  setClock,
} from '../../../test/recordedFolder.ts'
import { auditLogReportSchema, recordedEventSchema } from '../../config/auditLogSchema.ts'
import { runCli } from '../runCli.ts'
import type { Shell } from '../shell.ts'

const first = 'record-00000001.jsonl'
const site = `site: hq
cloud: worldwide
tenant: 11111111-2222-4333-8444-555555555555
domain: corp.example
features: []
hosts: { app01: { roles: [domain-controller], addresses: [10.1.0.5] } }
gate: { record: { folder: kept } }
`

/** A folder with a site file, and the record that it names: a request at eight, a refusal a day later. */
async function recorded(t: TestContext): Promise<string> {
  const folder = await recordFolder(t)
  const { clock, forward } = setClock()
  const record = await openedRecord(t, recordSettings(join(folder, 'kept')), { clock })
  await record.tellDurably(aRequest)
  forward(86_400_000)
  record.tell(aRefusal)
  await record.close()
  await writeFile(join(folder, 'postern.yaml'), site)
  return folder
}

async function ran(cwd: string, args: readonly string[], over: Partial<Shell> = {}) {
  const { shell, written } = caughtShell(cwd, over)
  return { exitCode: await runCli(['audit-log', ...args], shell), ...written }
}

test('verify says of the site’s record that it is as it was written', async (t) => {
  const { exitCode, stdout, stderr } = await ran(await recorded(t), ['verify'])
  assert.deepEqual([exitCode, stderr], [0, ''])
  assert.match(stdout, /kept is as it was written\n/)
  assert.match(stdout, /events +2 events in 1 file follow from each other\n/)
})

test('verify names the line that is not, in words and as the documented report', async (t) => {
  const cwd = await recorded(t)
  const text = await readFile(join(cwd, 'kept', first), 'utf8')
  await writeFile(join(cwd, 'kept', first), text.replace('10.2.0.7', '10.2.0.8'))
  const told = await ran(cwd, ['verify', 'kept'])
  assert.equal(told.exitCode, 1)
  assert.match(
    told.stdout,
    /is not as it was written\n +where +record-00000001\.jsonl:3 \(chain-broken\)|where +record-00000001\.jsonl:3/,
  )
  const { exitCode, stdout } = await ran(cwd, ['verify', 'kept', '--json'])
  const report = auditLogReportSchema.parse(JSON.parse(stdout))
  assert.deepEqual([exitCode, report.ok, report.problem?.line], [1, false, 3])
})

test('verify compares with what was kept elsewhere', async (t) => {
  const [cwd, other] = [await recorded(t), await recorded(t)]
  await cp(join(cwd, 'kept', 'checkpoint.json'), join(cwd, 'kept.json'))
  assert.equal((await ran(cwd, ['verify', '--checkpoint', 'kept.json'])).exitCode, 0)
  await cp(join(other, 'kept', 'checkpoint.json'), join(cwd, 'other.json'))
  const foreign = await ran(cwd, ['verify', '--checkpoint', 'other.json'])
  assert.deepEqual([foreign.exitCode, /other\.json:1 \(bad-signature\)/.test(foreign.stdout)], [1, true])
  await cp(join(other, 'kept', 'record.pub'), join(cwd, 'other.pub'))
  assert.equal((await ran(cwd, ['verify', '--public-key', 'other.pub'])).exitCode, 1)
})

test('export writes each event as its line, in the documented shape', async (t) => {
  const cwd = await recorded(t)
  const { exitCode, stdout } = await ran(cwd, ['export'])
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => recordedEventSchema.parse(JSON.parse(line)))
  assert.deepEqual([exitCode, events.map(({ reason }) => reason)], [0, ['passed', 'no-tls']])
  assert.ok((await readFile(join(cwd, 'kept', first), 'utf8')).includes(stdout.split('\n')[0] ?? '-'))
})

const selections: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['--since', '2026-11-23'], ['no-tls']],
  [['--until', '2026-11-23T08:00:00Z'], ['passed']],
  [['--kind', 'http_activity,authentication'], ['passed']],
  [['--since', '2026-11-24'], []],
]
for (const [args, reasons] of selections) {
  test(`export ${args.join(' ')} writes ${reasons.join() || 'nothing'}`, async (t) => {
    const cwd = await recorded(t)
    const { exitCode } = await ran(cwd, ['export', ...args, '--out', 'out.jsonl'])
    const lines = (await readFile(join(cwd, 'out.jsonl'), 'utf8')).split('\n').filter((line) => line !== '')
    assert.deepEqual([exitCode, lines.map((line) => JSON.parse(line).reason)], [0, reasons])
  })
}

test('export as OCSF tells the class and type of each', async (t) => {
  const { stdout } = await ran(await recorded(t), ['export', '--format', 'ocsf'])
  const types = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).type_uid)
  assert.deepEqual(types, [400_203, 400_105])
})

test('export names a line that cannot be read, and goes on', async (t) => {
  const cwd = await recorded(t)
  const text = await readFile(join(cwd, 'kept', first), 'utf8')
  await writeFile(join(cwd, 'kept', first), text.replace('"kind":"http_activity"', '"kind":http_activity'))
  const { exitCode, stdout, stderr } = await ran(cwd, ['export'])
  assert.equal(exitCode, 1)
  assert.equal(stdout.trimEnd().split('\n').length, 1)
  assert.match(stderr, /record-00000001\.jsonl:3: this line cannot be read/)
})

test('tail shows the last events in words', async (t) => {
  const { exitCode, stdout } = await ran(await recorded(t), ['tail', '--lines', '1'])
  assert.equal(exitCode, 0)
  assert.equal(
    stdout,
    '2026-11-23T08:00:00.000Z  denied  network_activity connect: no-tls  from 192.0.2.7:40000  to 10.1.0.10:8443\n',
  )
})

test('tail --follow goes on with what comes, until it is stopped', { timeout: 60_000 }, async (t) => {
  const cwd = await recorded(t)
  const stop = new AbortController()
  const { shell, written } = caughtShell(cwd, { signal: stop.signal })
  const ended = runCli(['audit-log', 'tail', '--follow'], shell)
  const record = await openedRecord(t, recordSettings(join(cwd, 'kept'), { rotateMiB: 1 }))
  for (let at = 0; at < 3000; at += 1) record.tell({ ...aRequest, reason: 'many' })
  await record.tellDurably({ ...aRequest, reason: 'newest' })
  while (!written.stdout.includes(': newest')) await new Promise((resolve) => setImmediate(resolve))
  stop.abort()
  assert.equal(await ended, 130)
  assert.equal(written.stdout.match(/: many /g)?.length, 3000)
  assert.match(written.stdout, /: passed .*\n.*: no-tls/)
})

const misuses: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no word', [], /say verify, export or tail/],
  ['another word', ['check'], /"check" is no word of it/],
  ['a folder that is not there', ['verify', 'nowhere'], /nowhere: there is no record here, name its folder/],
  ['a folder that is not there to export', ['export', 'nowhere'], /nowhere: there is no such folder/],
  ['a kind that there is not', ['export', '--kind', 'logon'], /"logon" is none of network_activity/],
  ['a time that is none', ['export', '--since', 'yesterday'], /"yesterday" is no time/],
  ['a checkpoint that is not there', ['verify', '--checkpoint', 'no.json'], /--checkpoint: "no\.json" cannot be read/],
]
for (const [says, args, expected] of misuses) {
  test(`${says} is said in one line`, async (t) => {
    const { exitCode, stderr } = await ran(await recorded(t), args)
    assert.equal(exitCode, 2)
    assert.match(stderr, expected)
    assert.equal(stderr.trimEnd().split('\n').length, 1)
  })
}
