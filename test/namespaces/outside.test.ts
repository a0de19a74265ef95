/**
 * `postern check` as a process in a network with an outside: resolvers, a cloud, proxies and an inspecting firewall that are
 * not ours (unbound, nginx, squid).
 */
import { describe, test } from 'node:test'
import { needs } from '../needs.ts'
import { lackingOf } from './features.ts'
import { openNetworks } from './openNetworks.ts'
import type { OutsideTools } from './outside.ts'
import { openOutside } from './outside.ts'
import { healthyOutside, outsideFaults, outsideOddities } from './outsideRows.ts'
import { outsideSiteText } from './outsideSite.ts'
import { play } from './play.ts'

const atOnce = 3
const networks = openNetworks<OutsideTools>(atOnce, {
  toolsBy(find) {
    const [ip, nft, iptables] = [find('ip'), find('nft'), find('iptables')]
    const [unbound, nginx, squid] = [find('unbound'), find('nginx'), find('squid')]
    return ip && nft && iptables && unbound && nginx && squid ? { ip, nft, unbound, nginx, squid } : undefined
  },
  open: openOutside,
})

describe('a network with an outside', { concurrency: atOnce }, () => {
  for (const row of [healthyOutside, ...outsideFaults, ...outsideOddities]) {
    test(`${row.id}: ${row.breaks}`, async (t) => {
      if (row.capture === true && needs(t, 'tcpdump') === undefined) return
      await networks.within(t, async (rig) => {
        const lacking = await lackingOf(rig, row.needs ?? [])
        if (lacking.length > 0) t.skip(`this kernel lacks: ${lacking.join(', ')}`)
        else await play(rig, row, outsideSiteText)
      })
    })
  }
})
