import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkInput } from '../../test/checkInput.ts'
import { cloudFlow } from '../../test/observed.ts'
import { scriptedNet } from '../../test/scriptedNet.ts'
import type { NameLookup, Unfiled } from '../model/observation.ts'
import type { LookupQuestion } from '../net/net.ts'
import { check } from './check.ts'

const [first, second] = [
  { address: '10.1.0.5', port: 53 },
  { address: '10.1.0.6', port: 53 },
]
const flow = cloudFlow({ target: { port: 443, service: 'tcp' } })
const silence = { outcome: 'timeout', ms: 3000, answers: [], aliases: [] } as const
const gives = (address: string) => ({ outcome: 'answer', rcode: 0, ms: 4, answers: [address], aliases: [] }) as const

/** What a resolver comes to, as soon as it does; a promise is for as long as it is silent. */
type Says = Promise<Partial<Unfiled<NameLookup>>> | Partial<Unfiled<NameLookup>>

interface Settings {
  readonly timeoutMs?: number
  readonly internal?: readonly (typeof first)[]
  readonly onDialled?: () => void
}

/** A check by two resolvers unless told otherwise, which is ended where it would wait for ever. */
async function checkedBy(
  says: Readonly<Record<string, (question: LookupQuestion) => Says>>,
  { timeoutMs = 2000, internal = [first, second], onDialled = () => {} }: Settings = {},
) {
  const asked: string[] = []
  const { net, dialled } = scriptedNet({
    connect: () => {
      onDialled()
      return 'connected'
    },
  })
  const lookup: typeof net.lookup = async (question, limits) => {
    const plain = await net.lookup(question, limits)
    const resolver = question.resolver === 'system' ? 'system' : question.resolver.address
    asked.push(resolver)
    const ended = new Promise<Partial<Unfiled<NameLookup>>>((resolve) => {
      limits.signal.addEventListener('abort', () => resolve({ outcome: 'aborted' }), { once: true })
    })
    return { ...plain, ...(await Promise.race([says[resolver]?.(question), ended])) }
  }
  const input = checkInput([flow], { resolvers: { internal, control: [] } })
  const signal = AbortSignal.timeout(20_000)
  const report = await check(input, { ...net, lookup }, { signal, timeoutMs })
  assert.equal(report.interrupted, false)
  const [told] = report.flows
  assert.ok(told)
  return { report, told, asked, dialled }
}

test('beside a silent resolver the next one is asked, and what it gave is dialled before the wait is over', async () => {
  const isDialled = Promise.withResolvers<void>()
  const { told, report, dialled } = await checkedBy(
    {
      // Who waits for its end before the next is asked waits for ever.
      [first.address]: () => isDialled.promise.then(() => silence),
      [second.address]: () => gives('20.1.1.1'),
    },
    { onDialled: () => isDialled.resolve() },
  )
  assert.deepEqual(dialled, ['20.1.1.1:443'])
  // It is heard to its end all the same, and told.
  assert.ok(told.evidence.some((seen) => seen.kind === 'name-lookup' && seen.outcome === 'timeout'))
  assert.ok(
    report.findings.some(
      ({ code, where }) => code === 'resolver-unreachable' && where.target === 'resolver 10.1.0.5:53',
    ),
  )
})

test('the answer of the first one is used where it comes after all, before that of the next', async () => {
  const isAskedNext = Promise.withResolvers<void>()
  const isAnswered = Promise.withResolvers<void>()
  const { told, dialled, report } = await checkedBy(
    {
      [first.address]: () => isAskedNext.promise.then(() => gives('20.1.1.1')),
      [second.address]: () => {
        isAskedNext.resolve()
        return isAnswered.promise.then(() => silence)
      },
    },
    { onDialled: () => isAnswered.resolve() },
  )
  assert.deepEqual(dialled, ['20.1.1.1:443'])
  assert.equal(told.verdict, 'open')
  assert.ok(!report.findings.some(({ where }) => where.target === 'resolver 10.1.0.5:53'))
})

test('a resolver that answers in its time is the only one that is asked', async () => {
  const { asked } = await checkedBy({
    [first.address]: () => gives('20.1.1.1'),
    [second.address]: () => gives('20.1.1.2'),
  })
  assert.deepEqual(new Set(asked), new Set([first.address]))
})

test('where the wait is shorter than an answer from elsewhere may take, the next one is asked after it', async () => {
  let isOver = false
  const { dialled } = await checkedBy(
    {
      [first.address]: async () => {
        await new Promise((resolve) => setTimeout(resolve, 50))
        isOver = true
        return silence
      },
      [second.address]: () => {
        assert.ok(isOver)
        return gives('20.1.1.2')
      },
    },
    { timeoutMs: 900 },
  )
  assert.deepEqual(dialled, ['20.1.1.2:443'])
})

test('where all of them are silent the name is not known, and each has been heard to its end', async () => {
  const isAskedNext = Promise.withResolvers<void>()
  const { told } = await checkedBy({
    [first.address]: () => isAskedNext.promise.then(() => silence),
    [second.address]: () => {
      isAskedNext.resolve()
      return silence
    },
  })
  assert.deepEqual([told.verdict, told.cause], ['unknown', 'undetermined'])
  const own = told.evidence.filter((seen) => seen.kind === 'name-lookup' && seen.role === 'probe')
  assert.equal(own.length, 2)
})

test('a name whose only resolver is silent is compared while it waits, and not once more afterwards', async () => {
  const isCompared = Promise.withResolvers<void>()
  const { told, asked } = await checkedBy(
    {
      [first.address]: ({ transport }) => {
        if (transport === 'udp') return isCompared.promise.then(() => silence)
        isCompared.resolve()
        return silence
      },
    },
    { timeoutMs: 3000, internal: [first] },
  )
  assert.deepEqual([told.verdict, told.cause], ['unknown', 'undetermined'])
  const roles = told.evidence.map(({ role, varies }) => varies ?? role).toSorted()
  assert.deepEqual(roles, ['probe', 'repeat', 'transport'])
  // Its own look-up twice, that again, and over TCP.
  assert.equal(asked.length, 4)
})

test('where several resolvers are silent a name is compared while the last of them is waited for', async () => {
  const isCompared = Promise.withResolvers<void>()
  const silently = ({ transport }: LookupQuestion): Says => {
    if (transport === 'udp') return isCompared.promise.then(() => silence)
    isCompared.resolve()
    return silence
  }
  const { told } = await checkedBy({ [first.address]: silently, [second.address]: silently }, { timeoutMs: 3000 })
  assert.deepEqual([told.verdict, told.cause], ['unknown', 'undetermined'])
  assert.ok(told.evidence.some(({ kind, varies }) => kind === 'name-lookup' && varies === 'transport'))
})

test('what a name was compared with while it waited is no part of the verdict where an answer comes after all', async () => {
  const isCompared = Promise.withResolvers<void>()
  const { told, dialled } = await checkedBy(
    {
      [first.address]: ({ transport }) => {
        if (transport === 'udp') return isCompared.promise.then(() => gives('20.1.1.1'))
        isCompared.resolve()
        // To be ended, or the check would wait for it.
        return new Promise(() => {})
      },
    },
    { timeoutMs: 3000, internal: [first] },
  )
  assert.deepEqual(dialled, ['20.1.1.1:443'])
  assert.ok(told.evidence.every(({ kind, role }) => kind !== 'name-lookup' || role === 'probe'))
})
