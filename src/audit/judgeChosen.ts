import type { AddressRange } from '../firewall/addresses.ts'
import { everyAddress } from '../firewall/addresses.ts'
import type { AskedFlow, JudgedPath, JudgedPathPart, Knowledge, PathDevice } from '../firewall/judged.ts'
import type { JudgedWay, JudgePath } from './judgeWay.ts'
import { judgeWay } from './judgeWay.ts'
import type { LedAway, MetDevices } from './wayByScript.ts'

/**
 * Judges the way that a flow takes. Where a proxy script chose it, a way that is silent before its proxy is not the last
 * word: browsers then go on to the next that the script names. Where the script leads to another proxy than the one that
 * the site has there, the flow is misdirected, and what becomes of it nobody knows.
 */
export function judgeChosen(
  { devices, fallbacks = [], led }: MetDevices,
  asked: AskedFlow,
  knowledge: Knowledge,
  judgePath: JudgePath,
  arrives?: readonly AddressRange[],
): JudgedWay {
  const way = judgeWay(devices, asked, knowledge, judgePath, arrives)
  if ('why' in way) return way
  if (led !== undefined) return { ...way, judged: ledAway(way.judged, asked, led) }
  if (way.judged.verdict === 'allow' || way.judged.verdict === 'may' || !isSilentBeforeProxy(way)) return way
  for (const { answer, devices: other } of fallbacks) {
    const next = judgeWay(other, asked, knowledge, judgePath, arrives)
    if ('why' in next || (next.judged.verdict !== 'allow' && next.judged.verdict !== 'may')) continue
    const what = `whether a browser goes on to ${answer}, where the way before it does not answer`
    const parts = way.judged.parts.map((part): JudgedPathPart => {
      return { ...part, verdict: 'may', dependsOn: [{ kind: 'other', what }, ...part.dependsOn] }
    })
    return { ...way, judged: { verdict: 'may', parts } }
  }
  return way
}

/** Whether what keeps a flow from passing stands before its proxy: what the proxy refuses is an answer, and counts. */
function isSilentBeforeProxy({
  devices,
  judged,
}: {
  readonly devices: readonly PathDevice[]
  readonly judged: JudgedPath
}): boolean {
  const proxy = devices.findIndex((device) => device.proxy !== undefined)
  if (proxy === -1) return false
  const before = new Set(devices.slice(0, proxy).map(({ label }) => label))
  return judged.parts.some(({ verdict, at }) => verdict !== 'allow' && at !== undefined && before.has(at))
}

/** All of a flow arrives at a proxy that is not the one of its path. */
function ledAway({ parts }: JudgedPath, { destination }: AskedFlow, { host, port, addresses }: LedAway): JudgedPath {
  const led = parts.map((part): JudgedPathPart => {
    const there = addresses.filter(({ family }) => family === part.family)
    const to = there.length > 0 ? there : addresses
    return {
      ...part,
      verdict: 'misdirected',
      destination: destination === undefined ? everyAddress(part.family).sure : part.destination,
      becomes: { ...(to.length > 0 && { destination: to }), ports: [{ first: port, last: port }] },
      ...(to.length > 0 ? { to } : { toName: host }),
    }
  })
  return { verdict: 'misdirected', parts: led }
}
