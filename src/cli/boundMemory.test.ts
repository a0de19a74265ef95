import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

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
