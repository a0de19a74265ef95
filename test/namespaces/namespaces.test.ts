/** `postern check` as a process in a network of namespaces: the causes that only a kernel's own packets show. */
import { after, before, describe, test } from 'node:test'
import { needs, needsRoot } from '../needs.ts'
import { lackingOf } from './features.ts'
import { play } from './play.ts'
import type { Rig } from './rig.ts'
import { openRig } from './rig.ts'
import { rows } from './rows.ts'

/** Rows mostly wait: two networks halve that. */
const networks = 2
const free: Rig[] = []
/** Why there is none though the programs are there: a container may keep the right from root. */
let forbidden: string | undefined

const isForbidden = (error: unknown): boolean =>
  error instanceof Error && /Operation not permitted|Permission denied/.test(error.message)

before(async () => {
  const asked = { skip: () => {} }
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return
  const ip = needs(asked, 'ip')
  const nft = needs(asked, 'nft')
  if (ip === undefined || nft === undefined) return
  try {
    for (let made = 0; made < networks; made += 1) free.push(await openRig({ ip, nft }))
  } catch (error) {
    if (process.env['CI'] === 'true' || !isForbidden(error)) throw error
    forbidden = 'this machine lets even root make no network namespace'
  }
})

after(async () => {
  for (const rig of free) await rig.close()
})

describe('a routed network', { concurrency: networks }, () => {
  for (const row of rows) {
    test(`${row.id}: ${row.breaks}`, async (t) => {
      const [ip, nft] = [needs(t, 'ip'), needs(t, 'nft')]
      if (ip === undefined || nft === undefined || !needsRoot(t)) return
      if (forbidden !== undefined) return t.skip(forbidden)
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
