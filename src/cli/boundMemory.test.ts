import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { createRest } from './boundMemory.ts'

const { href } = new URL('boundMemory.ts', import.meta.url)

/** The largest that the heap of a process comes to, in octets, in which many objects live for a while and some to the end. */
function heapAfter(first: string): number {
  const program = `
    import { createMemoryBound } from '${href}'
    import { getHeapStatistics } from 'node:v8'
    ${first}
    const [passing, kept] = [[], []]
    let most = 0
    for (let at = 0; at < 3_000_000; at += 1) {
      passing[at % 300_000] = { at, of: [at] }
      if (at % 100 === 0) kept.push({ at })
      if (at % 10_000 !== 0) continue
      most = Math.max(most, getHeapStatistics().total_heap_size)
      await new Promise(setImmediate)
    }
    console.log(kept.length > 0 ? most : 0)`
  return Number(execFileSync(process.execPath, ['--input-type=module-typescript', '--eval', program]))
}

test('a process that was bound stays small, whatever lives in it for a while', () => {
  const usual = heapAfter('')
  for (const bound of [heapAfter('createMemoryBound()()'), heapAfter('createMemoryBound()()()')]) {
    assert.ok(bound > 0 && bound * 1.25 < usual, `${bound} octets beside ${usual}`)
  }
})

test('checks one after the other, as a watched site has them, look at the heap with one observer', () => {
  const program = `
    import { createMemoryBound } from '${href}'
    import { PerformanceObserver } from 'node:perf_hooks'
    const { observe } = PerformanceObserver.prototype
    let observers = 0
    PerformanceObserver.prototype.observe = function (options) {
      observers += 1
      return observe.call(this, options)
    }
    const beginCheck = createMemoryBound()
    for (let round = 0; round < 3; round += 1) beginCheck()()
    console.log(observers)`
  const printed = execFileSync(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    encoding: 'utf8',
  })
  assert.equal(printed, '1\n')
})

test('a rest waits until the young generation is small again, and for one that stays large only once', async () => {
  const mib = 1024 * 1024
  // Each rest looks once more at its end, for what is the size from then on.
  const sizes = [8, 8, 30, 30, 30, 8, 8].map((size) => size * mib)
  let looks = 0
  const next = (): number => {
    looks += 1
    return sizes[looks - 1] ?? 40 * mib
  }
  const rest = createRest(next)
  const looksOf = async (): Promise<number> => {
    const before = looks
    await rest()
    return looks - before
  }
  assert.equal(await looksOf(), 2)
  assert.equal(await looksOf(), 5)
  const [whenItStays, afterwards] = [await looksOf(), await looksOf()]
  assert.ok(whenItStays > 10 && whenItStays < 100, String(whenItStays))
  assert.equal(afterwards, 2)
})

test('a rest is a turn of the event loop', async () => {
  let turned = false
  setImmediate(() => {
    turned = true
  })
  await createRest(() => 0)()
  assert.ok(turned)
})

test('when all is seen the heap is gone through at once, and nobody else can have that done afterwards', () => {
  const program = `
    import { createMemoryBound } from '${href}'
    import { getHeapStatistics } from 'node:v8'
    import { runInNewContext } from 'node:vm'
    const used = () => getHeapStatistics().used_heap_size / 1024 / 1024
    const seen = createMemoryBound()()
    let kept = Array.from({ length: 1_000_000 }, (_, at) => ({ at }))
    const before = used()
    kept = undefined
    seen()
    const between = used()
    seen(true)
    console.log(JSON.stringify([before, between, used(), typeof gc, runInNewContext('typeof gc')]))`
  const printed = execFileSync(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    encoding: 'utf8',
  })
  const [before, between, after, ...gc] = JSON.parse(printed)
  assert.ok(before > 32 && between > before - 4 && after < before / 2, printed)
  assert.deepEqual(gc, ['undefined', 'undefined'])
})
