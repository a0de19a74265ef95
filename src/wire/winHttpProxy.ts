import type { Bypass, ProxyPlace, ProxySetting } from './proxySetting.ts'
import { proxyPlaceOf } from './proxySetting.ts'

const source = 'netsh winhttp'

/**
 * Reads what `netsh winhttp show proxy` prints, which services of Windows follow when nothing else tells them. The words
 * are in the language of Windows, so the shape is read: the first value after ` : ` is the proxy list, the second the
 * bypass list, and no value means that requests go straight out.
 */
export function winHttpProxy(printed: string): ProxySetting {
  const values = printed.split(/\r?\n/).flatMap((line) => {
    const value = /^\s.*?\s:\s*(.*)$/.exec(line)?.[1]?.trim()
    return value === undefined ? [] : [value]
  })
  const [list = '', bypass = ''] = values
  return settingOf(list, bypass, {})
}

/**
 * Reads what `netsh winhttp show advproxy` prints on Windows 11 and Server 2022 and later: JSON with `Proxy`,
 * `ProxyBypass`, `AutoconfigUrl` and `AutoDetect`.
 *
 * @returns undefined when it is no such JSON
 */
export function winHttpAdvancedProxy(printed: string): ProxySetting | undefined {
  // A heading in the language of Windows stands before the JSON.
  const json = parsed(printed.slice(printed.indexOf('{')))
  if (json === undefined) return undefined
  const member = (name: string): unknown =>
    Object.entries(json).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
  const text = (name: string): string => {
    const value = member(name)
    return typeof value === 'string' ? value : ''
  }
  const script = text('AutoconfigUrl')
  return settingOf(text('Proxy'), text('ProxyBypass'), {
    ...(script !== '' && { script }),
    detects: member('AutoDetect') === true,
  })
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function settingOf(
  list: string,
  bypass: string,
  detection: { readonly script?: string; readonly detects?: boolean },
): ProxySetting {
  const unread: string[] = []
  const proxies: { http?: ProxyPlace; https?: ProxyPlace } = {}
  let holdsCredentials = false
  for (const entry of list.split(/[\s;]+/).filter((part) => part !== '')) {
    // `http=proxy:3128;https=proxy:3129`, or one proxy for everything.
    const [, kind, place = ''] = /^(?:([a-z]+)=)?(.*)$/i.exec(entry) ?? []
    const read = proxyPlaceOf(place, 80)
    if (read === undefined) {
      unread.push('an entry of the proxy list names no proxy')
      continue
    }
    holdsCredentials ||= read.holdsCredentials
    if (kind === undefined || kind.toLowerCase() === 'http') proxies.http ??= read.place
    if (kind === undefined || kind.toLowerCase() === 'https') proxies.https ??= read.place
  }
  return {
    from: source,
    proxies,
    bypass: bypass.split(/[\s;,]+/).flatMap((entry) => bypassOf(entry)),
    detects: false,
    holdsCredentials,
    unread,
    ...detection,
  }
}

function bypassOf(entry: string): readonly Bypass[] {
  const glob = entry.toLowerCase().replace(/^https?:\/\//, '')
  // What stands for no entry is written in brackets too, in the language of Windows: `(none)`.
  if (glob === '' || /^\(.*\)$/.test(glob) || glob === '<-loopback>') return []
  return [glob === '<local>' ? { kind: 'local' } : { kind: 'glob', glob }]
}
