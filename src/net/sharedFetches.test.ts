import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FetchedOctets, WantedOctets } from './fetchOctets.ts'
import type { Limits } from './net.ts'
import { createSharedFetches } from './sharedFetches.ts'

const patient: Limits = { signal: new AbortController().signal, timeoutMs: 10_000 }
const wanted = (url: string): WantedOctets => ({ url, most: 1000, inside: false })
const answer = (octets: Uint8Array, status = 200): FetchedOctets => ({ kind: 'answer', status, octets })

/** A clock that stands still until it is set, and fetches that are written down. */
function desk(
  fetch: (wanted: WantedOctets, limits: Limits) => Promise<FetchedOctets>,
  bounds: { mostKept?: number; mostOctets?: number } = {},
) {
  const time = { ms: 0 }
  const asked: string[] = []
  const clock = { now: () => time.ms, monotonicMs: () => time.ms }
  const noted = (each: WantedOctets, limits: Limits): Promise<FetchedOctets> => {
    asked.push(each.url)
    return fetch(each, limits)
  }
  const { take } = createSharedFetches(noted, clock, { mostKept: 10, mostOctets: 1000, ...bounds })
  const get = async (url: string): Promise<FetchedOctets> => (await take(wanted(url), patient)).fetched
  return { time, asked, take, get }
}

test('what came is kept for ten minutes, what failed for ten seconds', async () => {
  const { time, asked, get } = desk(async ({ url }) => answer(new Uint8Array(1), url === 'good' ? 200 : 503))
  for (const url of ['good', 'bad', 'good', 'bad']) await get(url)
  assert.deepEqual(asked, ['good', 'bad'])
  time.ms = 11_000
  for (const url of ['good', 'bad']) await get(url)
  assert.deepEqual(asked, ['good', 'bad', 'bad'])
  time.ms = 601_000
  await get('good')
  assert.deepEqual(asked, ['good', 'bad', 'bad', 'good'])
})

test('another limit, another way and another trust are another fetch', async () => {
  const { asked, take } = desk(async () => answer(new Uint8Array(1)))
  const through = { name: 'egress', address: '127.0.0.1', port: 3128 }
  for (const over of [{}, { inside: true }, { most: 10 }, { through }])
    await take({ ...wanted('one'), ...over }, patient)
  assert.equal(asked.length, 4)
})

test('memory has one bound for all: the oldest is forgotten, and what finds no room is refused', async () => {
  const granted: boolean[] = []
  const { asked, get } = desk(async ({ url, allow }) => {
    const octets = new Uint8Array(Number(url.split('-')[0]))
    const isAllowed = allow?.(octets.length) === true
    granted.push(isAllowed)
    return isAllowed ? answer(octets) : { kind: 'failed', outcome: 'too-large' }
  })
  for (const url of ['400-a', '400-b', '400-c', '400-a', '1001-d', '400-e']) await get(url)
  assert.deepEqual(granted, [true, true, true, true, false, true])
  assert.deepEqual(asked, ['400-a', '400-b', '400-c', '400-a', '1001-d', '400-e'])
  await get('400-e')
  assert.equal(asked.length, 6)
})

test('what is under way holds its memory, and gives back what it did not fill', async () => {
  let finish = (): void => {}
  const under = new Promise<void>((resolve) => {
    finish = resolve
  })
  const { get } = desk(async ({ url, allow }) => {
    if (allow?.(600) !== true) return { kind: 'failed', outcome: 'too-large' }
    if (url === 'slow') await under
    return answer(new Uint8Array(600).subarray(0, 10))
  })
  const slow = get('slow')
  await Promise.resolve()
  const second = await get('second')
  finish()
  assert.equal(second.kind, 'failed')
  assert.equal((await slow).kind, 'answer')
  const third = await get('third')
  assert.equal(third.kind === 'answer' && third.octets.buffer.byteLength, 10)
})

test('no more are kept than there is room for', async () => {
  const { asked, get } = desk(async () => answer(new Uint8Array(1)), { mostKept: 2 })
  for (const url of ['a', 'b', 'a', 'c', 'a', 'b']) await get(url)
  assert.deepEqual(asked, ['a', 'b', 'c', 'b'])
})

test('a fetch that cannot be made is told to all who wait', async () => {
  const { get } = desk(() => Promise.reject(new RangeError('a user name has no colon')))
  const told = await Promise.all([get('one'), get('one')])
  for (const each of told) {
    assert.deepEqual(each, { kind: 'failed', outcome: 'tool-limit', detail: 'a user name has no colon' })
  }
})

test('who has given up before starts nothing', async () => {
  const { asked, take } = desk(async () => answer(new Uint8Array(1)))
  const { fetched } = await take(wanted('one'), { ...patient, signal: AbortSignal.abort() })
  assert.deepEqual([fetched, asked], [{ kind: 'failed', outcome: 'aborted' }, []])
})
