import type { PathDevice } from '../firewall/judged.ts'
import { portTexts, rangeTexts } from '../firewall/rangeText.ts'

/** What a device sees of a flow that a proxy opens for the one who asks; absent: the flow's own ends. */
export interface EndsSeen {
  /** Behind the proxy: the addresses that it connects from, and what it is called. */
  readonly sources?: readonly string[]
  /** Before the proxy: the addresses and the port at which it listens. */
  readonly target?: { readonly destinations: readonly string[]; readonly ports: readonly string[] }
  /** Name of that proxy. */
  readonly proxy?: string
}

/**
 * The ends of a flow as a device of its way sees them: a rule there has to name these. The proxy itself sees who asks and
 * the name that is asked for.
 *
 * @param label the device, as the path calls it
 */
export function endsSeen(devices: readonly PathDevice[], label: string | undefined): EndsSeen {
  const at = devices.findLastIndex((device) => device.label === label)
  const it = devices[at]
  if (it === undefined) return {}
  const isProxied = ({ proxy }: PathDevice): boolean => proxy !== undefined
  const before = devices.slice(0, at).findLast(isProxied)
  const behind = isProxied(it) ? undefined : devices.slice(at + 1).find(isProxied)
  const proxy = behind ?? before
  return {
    ...(before?.proxy !== undefined && { sources: rangeTexts(before.proxy.connectsFrom ?? before.proxy.listens) }),
    ...(behind?.proxy !== undefined && {
      target: { destinations: rangeTexts(behind.proxy.listens), ports: portTexts(behind.proxy.ports) },
    }),
    ...(proxy !== undefined && { proxy: proxy.label }),
  }
}
