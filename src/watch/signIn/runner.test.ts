import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { memoryHistory } from '../../../test/watch/memoryHistory.ts'
import type { SignInRig } from '../../../test/watch/signInRig.ts'
import { openSignInRig, secret } from '../../../test/watch/signInRig.ts'
import type { ConfirmedNews } from '../news.ts'
import type { SignInEvent } from './runner.ts'
import { SignInRunner } from './runner.ts'

const start = Date.now()

/** A runner whose timer is played: a second passes when nothing is under way any more. */
function playedRunner(rig: SignInRig & { readonly clock: { ms: number } }, everySeconds = 60) {
  const { clock } = rig
  const history = memoryHistory()
  const news: ConfirmedNews[] = []
  const events: SignInEvent[] = []
  const stop = { at: 0, ending: new AbortController() }
  let underWay = 0
  const asked: number[] = []
  const { means, daemon } = rig
  const runner = new SignInRunner(
    {
      signIns: [{ ...daemon, everySeconds }],
      confirmations: 3,
      means: {
        ...means,
        proof: async () => {
          asked.push(clock.ms)
          underWay += 1
          return { ok: { kind: 'secret', secret } }
        },
      },
    },
    {
      clock: { now: () => start + clock.ms, monotonicMs: () => clock.ms },
      random: () => 0.5,
      store: history,
      onNews: async (some) => void news.push(...some),
      onEvent: (event) => void events.push(event),
      async pause(ms) {
        const before = underWay
        // A look is over when what it saw is written, or told.
        const isOver = (): boolean => before === 0 || history.kept.readings.length + events.length > seen
        for (let turns = 0; turns < 20_000 && !isOver(); turns += 1) await sleep(1)
        for (let turns = 0; turns < 20; turns += 1) await setImmediate()
        seen = history.kept.readings.length + events.length
        underWay = 0
        clock.ms += ms
        if (clock.ms >= stop.at) stop.ending.abort()
      },
    },
  )
  let seen = 0
  const play = async (seconds: number): Promise<void> => {
    stop.at = clock.ms + seconds * 1000
    stop.ending = new AbortController()
    await runner.run(stop.ending.signal)
  }
  /** Plays until something has happened. */
  const until = async (has: () => boolean): Promise<void> => {
    for (let seconds = 0; seconds < 1000 && !has(); seconds += 1) await play(1)
  }
  return { runner, play, until, news, events, history, asked, clock }
}

async function openRig(t: TestContext) {
  const clock = { ms: 0 }
  return { clock, ...(await openSignInRig(t, { now: () => start + clock.ms })) }
}

const kinds = (news: readonly ConfirmedNews[]): readonly string[] => news.map(({ kind }) => kind)

test('a failure is repeated before it counts, said once, and said to be over once', async (t: TestContext) => {
  const rig = await openRig(t)
  const { play, news, events, history, asked } = playedRunner(rig)
  await play(130)
  assert.equal(asked.length, 2)
  assert.equal(news.length, 0)
  assert.equal(history.kept.readings.filter(({ measure }) => measure === 'token-ms').length, 2)
  await rig.tenant.misbehave({ tokens: 'wrong-audience' })
  await play(125)
  assert.deepEqual(kinds(news), ['sign-in-failed'])
  const failed: ConfirmedNews | undefined = news.at(0)
  assert.ok(failed?.kind === 'sign-in-failed')
  assert.equal(failed.subject, 'sign-in:daemon')
  assert.equal(failed.looks, 4)
  assert.ok(failed.at - failed.since <= 10_000)
  assert.equal(failed.told.cause, 'wrong-registration')
  assert.equal(events.filter(({ kind }) => kind === 'failing').length, 1)
  await rig.tenant.behave()
  await play(125)
  assert.deepEqual(kinds(news), ['sign-in-failed', 'sign-in-back'])
})

test('a single failure is none', async (t) => {
  const rig = await openRig(t)
  const { play, until, news, events } = playedRunner(rig)
  await rig.tenant.misbehave({ tokens: 'expired' })
  await until(() => events.length > 0)
  assert.equal(events[0]?.kind, 'failing')
  await rig.tenant.behave()
  await play(60)
  assert.deepEqual(news, [])
})

test('429 puts the next sign-in off, and is no failure', async (t) => {
  const rig = await openRig(t)
  const { play, until, news, events, asked } = playedRunner(rig)
  await rig.tenant.misbehave({ answers: { token: { how: 'status', status: 429, retryAfterSec: 150 } } })
  await until(() => events.length > 0)
  assert.equal(events[0]?.kind, 'put-off')
  await rig.tenant.behave()
  await play(147)
  assert.equal(asked.length, 1, 'slots in between are left out')
  await play(8)
  assert.equal(asked.length, 2, 'and it is asked as soon as it may be')
  assert.deepEqual(news, [])
})

test('what Postern does not do is said once, and not tried again', async (t) => {
  const rig = await openRig(t)
  const played = playedRunner({
    ...rig,
    daemon: { ...rig.daemon, kind: 'user' },
    means: { ...rig.means, isPlayed: false },
  })
  await played.play(200)
  assert.deepEqual(
    played.events.map(({ kind }) => kind),
    ['not-done'],
  )
  assert.deepEqual(played.runner.counts, { signIns: 1, bad: 0, notDone: 1 })
  assert.deepEqual(played.news, [])
})

test('a key that is replaced is a finding, and over when gates have the new one', async (t) => {
  const rig = await openRig(t)
  const { play, news, history } = playedRunner(rig, 600)
  await play(601)
  await rig.tenant.misbehave({ keys: 'rotated' })
  await play(600)
  assert.deepEqual(kinds(news), ['time-finding'])
  const [finding] = news
  assert.ok(finding?.kind === 'time-finding' && finding.code === 'answer-changed')
  assert.match(finding.says, /the signing keys of the tenant have changed \(new: [\w-]+; gone: [\w-]+/)
  assert.equal(finding.severity, 'info')
  await play(4300)
  assert.deepEqual(kinds(news), ['time-finding', 'finding-over'])
  assert.ok(history.word(finding.subject) !== undefined)
})
