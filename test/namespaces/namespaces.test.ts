/** `postern check` as a process in a network of namespaces: the causes that only a kernel's own packets show. */
import { describe, test } from 'node:test'
import { needs } from '../needs.ts'
import { captured } from './captured.ts'
import { faults } from './faults.ts'
import { lackingOf } from './features.ts'
import { healthy } from './healthy.ts'
import { openNetworks } from './openNetworks.ts'
import { pathFaults, pathOddities } from './pathRows.ts'
import { play } from './play.ts'
import type { Tools } from './rig.ts'
import { openRig } from './rig.ts'
import { traced } from './traced.ts'

const atOnce = 2
const networks = openNetworks<Tools>(atOnce, {
  toolsBy(find) {
    const [ip, nft] = [find('ip'), find('nft')]
    return ip && nft ? { ip, nft } : undefined
  },
  open: openRig,
})

describe('a routed network', { concurrency: atOnce }, () => {
  for (const row of [...faults, ...captured, ...pathFaults, ...traced, ...healthy, ...pathOddities]) {
    test(`${row.id}: ${row.breaks}`, async (t) => {
      if (row.capture === true && needs(t, 'tcpdump') === undefined) return
      if (row.traces !== undefined && needs(t, 'traceroute') === undefined) return
      if (row.delaysMs !== undefined && needs(t, 'python3') === undefined) return
      await networks.within(t, async (rig) => {
        const lacking = await lackingOf(rig, row.needs ?? [])
        if (lacking.length > 0) t.skip(`this kernel lacks: ${lacking.join(', ')}`)
        else await play(rig, row)
      })
    })
  }
})
