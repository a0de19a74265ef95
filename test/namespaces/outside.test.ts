/**
 * `postern check` as a process in a network with an outside: resolvers, a cloud, proxies and an inspecting firewall that are
 * not ours (unbound, nginx, squid).
 */
import type { TestContext } from 'node:test'
import { after, before, describe, test } from 'node:test'
import type { Program } from '../needs.ts'
import { installed, needs, needsRoot } from '../needs.ts'
import { lackingOf } from './features.ts'
import { forbidden, isForbidden } from './forbidden.ts'
import type { OutsideTools } from './outside.ts'
import { openOutside } from './outside.ts'
import { healthyOutside, outsideFaults, outsideOddities } from './outsideRows.ts'
import { outsideSiteText } from './outsideSite.ts'
import { play } from './play.ts'
import type { Rig } from './rig.ts'

/** Rows mostly wait: several networks at a time shorten that. */
const networks = 3
const free: Rig[] = []
/** There is none though the programs are there: a container may keep the right from root. */
let mayNot = false

function toolsBy(find: (program: Program) => string | undefined): OutsideTools | undefined {
  const [ip, nft, iptables] = [find('ip'), find('nft'), find('iptables')]
  const [unbound, nginx, squid] = [find('unbound'), find('nginx'), find('squid')]
  return ip && nft && iptables && unbound && nginx && squid ? { ip, nft, unbound, nginx, squid } : undefined
}

before(async () => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return
  const tools = toolsBy(installed)
  if (tools === undefined) return
  try {
    const opened = await Promise.allSettled(Array.from({ length: networks }, () => openOutside(tools)))
    free.push(...opened.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])))
    const failed = opened.find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  } catch (error) {
    if (process.env['CI'] === 'true' || !isForbidden(error)) throw error
    mayNot = true
  }
})

after(async () => {
  for (const rig of free) await rig.close()
})

async function withOutside(t: TestContext, act: (rig: Rig) => Promise<void>): Promise<void> {
  const tools = toolsBy((program) => needs(t, program))
  if (tools === undefined || !needsRoot(t)) return
  if (mayNot) return t.skip(forbidden)
  const rig = free.pop() ?? (await openOutside(tools))
  try {
    await act(rig)
    free.push(rig)
  } catch (error) {
    // What a failed row has left behind goes with its network; the next one gets another.
    await rig.close()
    throw error
  }
}

describe('a network with an outside', { concurrency: networks }, () => {
  for (const row of [healthyOutside, ...outsideFaults, ...outsideOddities]) {
    test(`${row.id}: ${row.breaks}`, async (t) => {
      await withOutside(t, async (rig) => {
        const lacking = await lackingOf(rig, row.needs ?? [])
        if (lacking.length > 0) t.skip(`this kernel lacks: ${lacking.join(', ')}`)
        else await play(rig, row, outsideSiteText)
      })
    })
  }
})
