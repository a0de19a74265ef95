import type { XmlElement } from '@rgrove/parse-xml'
import { XmlElement as Element, parseXml } from '@rgrove/parse-xml'
import type { Bypass, ProxySetting } from './proxySetting.ts'
import { isBoundedExpression, proxyPlaceOf } from './proxySetting.ts'

export type MachineConfig =
  | { readonly kind: 'setting'; readonly setting: ProxySetting; readonly sendsOwnCredentials: boolean }
  /** Well-formed, and silent about proxies: .NET then follows the user's or the system's setting. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unreadable'; readonly reason: string }

/**
 * Reads `<system.net><defaultProxy>` of a .NET `machine.config` or `*.exe.config`: what Microsoft Entra Connect's wizard
 * and its sync service follow.
 *
 * @param text the file's text
 * @param from its path, for people
 */
export function machineConfigProxy(text: string, from: string): MachineConfig {
  const root = rootOf(text)
  if (typeof root === 'string') return { kind: 'unreadable', reason: root }
  const defaultProxy = child(child(root, 'system.net'), 'defaultProxy')
  if (defaultProxy === undefined) return { kind: 'nothing' }
  const sendsOwnCredentials = truth(defaultProxy, 'useDefaultCredentials') === true
  const off = { from, proxies: {}, bypass: [], detects: false, holdsCredentials: false, unread: [] }
  // enabled="false" takes every proxy away, that of the system as well.
  if (truth(defaultProxy, 'enabled') === false) return { kind: 'setting', setting: off, sendsOwnCredentials }
  const proxy = child(defaultProxy, 'proxy')
  if (proxy === undefined) return { kind: 'nothing' }
  const address = attribute(proxy, 'proxyaddress')
  const script = attribute(proxy, 'scriptLocation')
  const detects = truth(proxy, 'autoDetect') === true
  if (address === undefined && script === undefined && !detects) return { kind: 'nothing' }
  const read = address === undefined ? undefined : proxyPlaceOf(address)
  const { bypass, unread } = bypassOf(defaultProxy, truth(proxy, 'bypassonlocal') === true)
  const setting: ProxySetting = {
    from,
    proxies: read === undefined ? {} : { http: read.place, https: read.place },
    bypass,
    ...(script !== undefined && { script }),
    detects,
    holdsCredentials: read?.holdsCredentials === true,
    unread: [...(address !== undefined && read === undefined ? ['proxyaddress names no proxy'] : []), ...unread],
  }
  return { kind: 'setting', setting, sendsOwnCredentials }
}

function bypassOf(defaultProxy: XmlElement, local: boolean): Pick<ProxySetting, 'bypass' | 'unread'> {
  const entries: Bypass[] = local ? [{ kind: 'local' }] : []
  let unbounded = 0
  for (const entry of elements(child(defaultProxy, 'bypasslist'))) {
    const source = attribute(entry, 'address')
    if (entry.name === 'clear') entries.length = 0
    if (entry.name !== 'add' || source === undefined) continue
    if (isBoundedExpression(source)) entries.push({ kind: 'expression', source })
    else unbounded += 1
  }
  const told = `bypasslist holds expressions that may not come to an end (${unbounded}): they are left out`
  return { bypass: entries, unread: unbounded === 0 ? [] : [told] }
}

function rootOf(text: string): XmlElement | string {
  try {
    return parseXml(text).root ?? 'the file is empty'
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? 'no XML') : 'no XML'
  }
}

function elements(of: XmlElement | undefined): readonly XmlElement[] {
  return (of?.children ?? []).filter((node) => node instanceof Element)
}

function child(of: XmlElement | undefined, name: string): XmlElement | undefined {
  return elements(of).find((element) => element.name.toLowerCase() === name.toLowerCase())
}

function attribute(of: XmlElement, name: string): string | undefined {
  const value = Object.entries(of.attributes).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
  return value === undefined || value === '' ? undefined : value
}

function truth(of: XmlElement, name: string): boolean | undefined {
  const value = attribute(of, name)?.toLowerCase()
  return value === undefined ? undefined : value === 'true'
}
