import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { rejudgeReportSchema } from '../../src/config/rejudgeSchema.ts'
import type { FaultId, Lab } from '../../src/lab/index.ts'
import { openLab } from '../../src/lab/index.ts'
import { systemClock } from '../../src/net/clock.ts'
import { keptBy, startWatch, watchedSite } from './watchCommand.ts'

const settings = `  every-seconds: 5
  timeout-ms: 1000
  administration-port: 0
  outlets: { log: { kind: file, path: alerts.jsonl } }
`
const always = { from: 0, to: Number.MAX_SAFE_INTEGER }

async function opened(t: TestContext): Promise<Lab> {
  const lab = await openLab({ signal: t.signal })
  t.after(() => lab.close())
  return lab
}

test('a fault is confirmed, kept with its evidence, told as one incident, and over when it is mended', async (t) => {
  const lab = await opened(t)
  const site = await watchedSite(lab, settings)
  const watch = startWatch(site, ['--from', 'gate01'], lab.environment)
  t.after(() => watch.kill('SIGKILL'))
  await watch.heard(/Postern watches lab from gate01: \d+ flows to \d+ ends, every 5 s/)
  await watch.heard(/Told: log \(file\)\./)

  await lab.inject('closed')
  await watch.heard(/fails {6}pnc-backend gate01 -> app01:8443\/tcp: blocked, refused: .+; it is asked again/)
  await watch.heard(/confirmed {2}pnc-backend gate01 -> app01:8443\/tcp: .+\(4 looks since /)
  await watch.heard(/incident {3}[0-9a-f]{8} high: .*app01/)
  await watch.heard(/alert {6}[0-9a-f]{8} opened: /)
  await lab.heal()
  await watch.heard(/came back {2}pnc-backend gate01 -> app01:8443\/tcp/)
  watch.kill('SIGTERM')
  assert.equal(await watch.ended, 0)
  assert.match(watch.said, /stopped; everything that was seen is kept\n$/)

  const kept = keptBy(lab)
  t.after(() => kept.close())
  const backend = kept.latest().find(({ key }) => key.startsWith('pnc-backend|'))
  assert.ok(backend)
  assert.equal(backend.isWell, true)
  const samples = kept.samples(backend.key, always, 1000)
  assert.ok(samples.filter(({ isWell }) => !isWell).length >= 4)
  assert.ok(kept.readings(backend.key, 'connect-ms', always, 1000).length >= 1)
  const failures = [...kept.failures(always, backend.key)]
  assert.ok(failures.length >= 4)
  assert.ok(failures.every(({ report }) => report.evidence.length > 0 && report.cause === 'refused'))
  assert.equal(kept.incidents(always, 10).length, 1)
  const alerts = readFileSync(join(lab.folder, 'alerts.jsonl'), 'utf8').trim().split('\n')
  assert.equal(alerts.length, 1)
})

test('a site file that changes is read again, or refused with the old one kept; both are marked', async (t) => {
  const lab = await opened(t)
  const site = await watchedSite(lab, settings)
  const watch = startWatch(site, ['--from', 'gate01'], lab.environment)
  t.after(() => watch.kill('SIGKILL'))
  await watch.heard(/Ctrl-C ends it/)
  const good = readFileSync(site, 'utf8')
  await writeFile(site, good.replace('every-seconds: 5', 'every-seconds: 1'))
  await watch.heard(/has changed and is refused, the one before stays\n.+seconds 1 is out of range/)
  await writeFile(site, good.replace('postern-history', 'x').replace('timeout-ms: 1000', 'history: { file: x.sqlite }'))
  await watch.heard(/watch\.history\.file has changed, which only a restart takes up/)
  await writeFile(site, good.replace('every-seconds: 5', 'every-seconds: 6'))
  await watch.heard(/is read again: \d+ flows to \d+ ends, every 6 s/)
  watch.kill('SIGINT')
  assert.equal(await watch.ended, 130)
  const kept = keptBy(lab)
  t.after(() => kept.close())
  assert.deepEqual(
    kept.marks(always).map(({ kind }) => kind),
    ['site-refused', 'site-refused', 'site-reloaded'],
  )
})

test('a second watcher ends with 2 and says who holds the history; errands work beside the first', async (t) => {
  const lab = await opened(t)
  const site = await watchedSite(lab, settings)
  const run = async (...words: readonly string[]) => {
    const errand = startWatch(site, words, lab.environment)
    return { code: await errand.ended, said: errand.said }
  }
  const before = await run('--change', 'start', 'firewall-1')
  assert.equal(before.code, 0, before.said)
  const watch = startWatch(site, ['--from', 'gate01'], lab.environment)
  t.after(() => watch.kill('SIGKILL'))
  await watch.heard(/change {5}firewall-1 begins/)

  const second = await run('--from', 'gate01')
  assert.equal(second.code, 2)
  assert.match(second.said, /another watcher writes it: process \d+, since /)
  assert.equal((await run('--change', 'end', 'firewall-1')).code, 0)
  await watch.heard(/change {5}firewall-1 ends/)

  const copy = join(lab.folder, 'copy.sqlite')
  const backup = await run('--backup', copy)
  assert.equal(backup.code, 0, backup.said)
  assert.ok(existsSync(copy))
  const outlet = await run('--test-outlet', 'log')
  assert.equal(outlet.code, 0)
  assert.match(outlet.said, /^log \(file\) took the test alert/)
  const unknown = await run('--test-outlet', 'lgo')
  assert.equal(unknown.code, 2)
  assert.match(unknown.said, /unknown outlet "lgo" in .+, did you mean log\?/)
  const rejudged = await run('--rejudge', '1h', '--json')
  assert.equal(rejudged.code, 0)
  const report = rejudgeReportSchema.parse(JSON.parse(rejudged.said))
  assert.equal(report.summary.changed, 0)

  watch.kill('SIGTERM')
  assert.equal(await watch.ended, 0)
  const kept = keptBy(lab)
  t.after(() => kept.close())
  assert.deepEqual(
    kept.marks(always).map(({ kind, name }) => [kind, name]),
    [
      ['change-start', 'firewall-1'],
      ['change-end', 'firewall-1'],
    ],
  )
})

const usage: readonly (readonly [words: readonly string[], says: RegExp])[] = [
  [['--change', 'begin', 'x'], /--change: "begin" is none of start, end and report/],
  [['--change', 'start'], /--change: name the change/],
  [['--rejudge', 'yesterday'], /--rejudge: "yesterday" is no time, write one such as 36h/],
  [['--rejudge', '1h'], /there is no such file, start the watcher first/],
  [['--json'], /--json is how --rejudge and --change report answer/],
  [['x'], /NAME is that of a change/],
  [['--change', 'report'], /--change: name the change/],
  [['--change', 'start', 'x', '--format', 'json'], /--format is how --change report answers/],
  [['--backup', 'a', '--rejudge', '1h'], /--backup and --rejudge: give one of them/],
  [['--from', 'nobody'], /--from: unknown host or network "nobody"/],
]

test('what cannot be done is said in one line, and ends with 2', async (t) => {
  const lab = await opened(t)
  const site = await watchedSite(lab, settings)
  for (const [words, says] of usage) {
    const errand = startWatch(site, words, lab.environment)
    assert.equal(await errand.ended, 2, words.join(' '))
    assert.match(errand.said, says)
  }
})

/** Milliseconds from the fault to the end, spread over the time in which it is found, confirmed and kept. */
const moments = [2300, 4100, 5600] as const

test('kill -9 at any moment loses no incident that was told, and what stays broken is found again', async (t) => {
  const lab = await opened(t)
  const site = await watchedSite(lab, `${settings}  confirmations: 0\n`)
  const told = new Set<string>()
  const faults: readonly FaultId[] = ['closed', 'reset-after-clienthello', 'closed']
  for (const [index, ms] of moments.entries()) {
    const watch = startWatch(site, ['--from', 'gate01'], lab.environment)
    await watch.heard(/Ctrl-C ends it/)
    await lab.inject(faults[index] ?? 'closed')
    await sleep(ms, undefined, { signal: t.signal })
    watch.kill('SIGKILL')
    await watch.ended
    for (const [, id = ''] of watch.said.matchAll(/incident {3}([0-9a-f]{8}) /g)) told.add(id)
    const kept = keptBy(lab)
    const ids = new Set(kept.incidents(always, 1000).map(({ id }) => id.slice(0, 8)))
    kept.close()
    for (const id of told) assert.ok(ids.has(id), `${id} was told, and is not kept`)
    await lab.heal()
  }
  // The last one lives: it tells that what was broken is well, and finds what is broken now.
  const last = startWatch(site, ['--from', 'gate01'], lab.environment)
  t.after(() => last.kill('SIGKILL'))
  await last.heard(/gap {8}.+nothing was looked at, since no watcher ran/)
  const startedAt = systemClock.now()
  while (!isSeenWell(lab, 'pnc-backend|', startedAt)) await sleep(200, undefined, { signal: t.signal })
  await lab.inject('closed')
  await last.heard(/confirmed {2}pnc-backend/)
  await lab.heal()
  await last.heard(/confirmed {2}pnc-backend[\s\S]+came back {2}pnc-backend/)
  last.kill('SIGTERM')
  assert.equal(await last.ended, 0)
  assert.ok(told.size > 0)
})

/** Whether a flow was well at a look after a time. */
function isSeenWell(lab: Lab, key: string, after: number): boolean {
  const kept = keptBy(lab)
  try {
    return kept.latest().some((sample) => sample.key.startsWith(key) && sample.isWell && sample.at > after)
  } finally {
    kept.close()
  }
}
