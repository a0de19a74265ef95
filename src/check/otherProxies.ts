import type { FlowTarget } from '../model/flow.ts'
import type { ProxySetting } from '../wire/proxySetting.ts'
import { wayOf } from '../wire/proxySetting.ts'

/** Where a proxy listens, and what is sent through it. */
export interface ProxyPlace {
  /** Its name or address. */
  readonly host: string
  readonly port: number
  /** The setting of this machine that names it, and what goes past it by that; absent: all may go through it. */
  readonly setting?: ProxySetting
}

/**
 * The proxies that a flow which fails straight out is compared with, by name: none that this machine's own setting would
 * not send it through, since who follows the setting never comes there.
 */
export function otherProxies(
  {
    name,
    address,
    service,
    port,
    plannedPort,
  }: Pick<FlowTarget, 'name' | 'address' | 'service' | 'port' | 'plannedPort'>,
  proxies: Readonly<Record<string, ProxyPlace>>,
): readonly string[] {
  const scheme = service === 'http' || service === 'ws' ? 'http' : 'https'
  const host = name ?? address
  const to = { scheme, host: host ?? '', port: plannedPort ?? port ?? 443 } as const
  return Object.entries(proxies)
    .filter(([, { setting, ...place }]) => {
      if (setting === undefined) return true
      const way = wayOf(setting, to)
      return way.kind === 'proxy' && way.proxy.host === place.host && way.proxy.port === place.port
    })
    .map(([proxy]) => proxy)
}
