/** `postern check` as a process in a network of namespaces: the causes that only a kernel's own packets show. */
import { after, before, describe, test } from 'node:test'
import { installed, needs, needsRoot } from '../needs.ts'
import { captured } from './captured.ts'
import { faults } from './faults.ts'
import { lackingOf } from './features.ts'
import { forbidden, isForbidden } from './forbidden.ts'
import { healthy } from './healthy.ts'
import { play } from './play.ts'
import type { Rig } from './rig.ts'
import { openRig } from './rig.ts'

/** Rows mostly wait: two networks halve that. */
const networks = 2
const free: Rig[] = []
/** There is none though the programs are there: a container may keep the right from root. */
let mayNot = false

before(async () => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return
  const [ip, nft] = [installed('ip'), installed('nft')]
  if (ip === undefined || nft === undefined) return
  try {
    for (let made = 0; made < networks; made += 1) free.push(await openRig({ ip, nft }))
  } catch (error) {
    if (process.env['CI'] === 'true' || !isForbidden(error)) throw error
    mayNot = true
  }
})

after(async () => {
  for (const rig of free) await rig.close()
})

describe('a routed network', { concurrency: networks }, () => {
  for (const row of [...faults, ...captured, ...healthy]) {
    test(`${row.id}: ${row.breaks}`, async (t) => {
      const [ip, nft] = [needs(t, 'ip'), needs(t, 'nft')]
      if (ip === undefined || nft === undefined || !needsRoot(t)) return
      if (row.capture === true && needs(t, 'tcpdump') === undefined) return
      if (mayNot) return t.skip(forbidden)
      const rig = free.pop() ?? (await openRig({ ip, nft }))
      try {
        const lacking = await lackingOf(rig, row.needs ?? [])
        if (lacking.length > 0) t.skip(`this kernel lacks: ${lacking.join(', ')}`)
        else await play(rig, row)
        free.push(rig)
      } catch (error) {
        // What a failed row has left behind goes with its network; the next one gets another.
        await rig.close()
        throw error
      }
    })
  }
})
