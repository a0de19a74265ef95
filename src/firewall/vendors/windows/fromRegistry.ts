import type { ConfigurationFile, Span, UnreadStatement } from '../../source.ts'
import { linesIn } from '../../text/linesIn.ts'
import type { Entry, Store } from './entry.ts'
import type { FoundEntries } from './fromJson.ts'
import { entryOfLegacyValue } from './legacyException.ts'
import { entryOfRuleText, isRuleText } from './ruleText.ts'

const keyLine = /^\s*\[?-?((?:HKEY_LOCAL_MACHINE|HKLM:?)\\[^\]]*)\]?\s*$/i
const reg = /^\s*(?:"((?:[^"\\]|\\.)*)"|@)\s*=\s*(.*)$/
const query = /\sREG_\w+(?=\s|$)/
const ruleStart = /v\d{1,3}\.\d{1,3}\|/i
/** Lines of the tools themselves. */
const frame = /^(Windows Registry Editor Version [\d.]+|REGEDIT4|;.*|End of search: .*)?$/i
/** Names of keys are shorter (Windows holds 255 units a level), and the pattern must not meet lines of megabytes. */
const longestKey = 4096

/** Profile settings of the registry (MS-GPFAS 2.2.3) as Get-NetFirewallProfile calls them, with what 0 and 1 mean. */
const settings: Readonly<Record<string, readonly [string, string, string]>> = {
  enablefirewall: ['enabled', 'False', 'True'],
  defaultinboundaction: ['defaultinboundaction', 'Allow', 'Block'],
  defaultoutboundaction: ['defaultoutboundaction', 'Allow', 'Block'],
  donotallowexceptions: ['allowinboundrules', 'True', 'False'],
  allowlocalpolicymerge: ['allowlocalfirewallrules', 'False', 'True'],
}

interface ProfileKey {
  readonly name: string
  readonly store: Store | undefined
  readonly fields: Map<string, readonly string[]>
  readonly span: Span
}

/**
 * Reads keys of the firewall out of `.reg` files and `reg query` output, and rule strings on lines of their own.
 * What stands under `SharedAccess\Defaults` is what a reset would bring back, and is not in force.
 */
export function entriesOfRegistry(file: ConfigurationFile): FoundEntries {
  const entries: Entry[] = []
  const unread: UnreadStatement[] = []
  const profiles = new Map<string, ProfileKey>()
  let key = ''
  let continues = false
  for (const { text: line, span: spanOf } of linesIn(file)) {
    // Octets of a value in hexadecimal go on over lines that end in a backslash; no rule or setting is written so.
    const isContinued = continues
    continues = /[,:]\\$/.test(line)
    if (isContinued || frame.test(line.trim())) continue
    const span = spanOf()
    const found = line.length > longestKey ? null : keyLine.exec(line)
    if (found !== null) {
      key = found[1] ?? ''
      noteProfile(key, span, profiles)
      continue
    }
    const [name, value] = namedValue(line)
    if (value === undefined) {
      unread.push({ span, why: 'the line is no key, value or rule of the registry' })
      continue
    }
    if (/\\SharedAccess\\Defaults\\/i.test(key)) continue
    const store = storeOf(key)
    if (isRuleText(value)) entries.push(entryOfRuleText(value, span, name, store))
    else if (/\\FirewallRules$/i.test(key)) {
      unread.push({ span, why: 'the value is no rule string such as v2.30|Action=Allow|…' })
    } else readSetting(key, name ?? '', value, { span, store, entries, unread, profiles })
  }
  return { entries: [...profileEntries(profiles), ...entries], unread }
}

function namedValue(line: string): readonly [string | undefined, string | undefined] {
  const asReg = reg.exec(line)
  if (asReg !== null && !/^\s*"?v\d+\.\d+\|/i.test(line)) {
    const text = asReg[2] ?? ''
    const quoted = /^"((?:[^"\\]|\\.)*)"?\s*$/.exec(text)
    return [unescaped(asReg[1] ?? ''), quoted === null ? text : unescaped(quoted[1] ?? '')]
  }
  const asQuery = query.exec(line)
  if (asQuery !== null) {
    return [line.slice(0, asQuery.index).trim(), line.slice(asQuery.index + asQuery[0].length).trim()]
  }
  const at = line.search(ruleStart)
  if (at < 0) return [undefined, undefined]
  const name = /^\s*"?([^"=:]*?)"?\s?[=:]?\s?"?$/.exec(line.slice(0, Math.min(at, longestKey)).trimEnd())?.[1]
  return [name === '' ? undefined : name, line.slice(at).replace(/"\s*$/, '')]
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, '$1')
}

function storeOf(key: string): Store | undefined {
  if (/\\Policies\\Microsoft\\WindowsFirewall/i.test(key) || /\\Mdm\\/i.test(key)) return 'policy'
  if (/\\RestrictedServices\\Static/i.test(key)) return 'static'
  if (/\\RestrictedServices\\Configurable/i.test(key)) return 'service'
  return /\\SharedAccess\\Parameters\\FirewallPolicy/i.test(key) ? 'local' : undefined
}

function noteProfile(key: string, span: Span, profiles: Map<string, ProfileKey>): void {
  const name = /\\(Domain|Standard|Private|Public)Profile$/i.exec(key)?.[1]
  const at = key.toLowerCase()
  if (name === undefined || profiles.has(at) || /\\SharedAccess\\Defaults\\/i.test(key)) return
  profiles.set(at, { name: name.toLowerCase(), store: storeOf(key), fields: new Map(), span })
}

interface Found {
  readonly span: Span
  readonly store: Store | undefined
  readonly entries: Entry[]
  readonly unread: UnreadStatement[]
  readonly profiles: Map<string, ProfileKey>
}

function readSetting(key: string, name: string, value: string, found: Found): void {
  const setting = Object.hasOwn(settings, name.toLowerCase()) ? settings[name.toLowerCase()] : undefined
  const profile = found.profiles.get(key.toLowerCase())
  if (profile !== undefined && setting !== undefined) {
    const number = numberOf(value)
    const meant = number === 0 ? setting[1] : number === 1 ? setting[2] : undefined
    if (meant === undefined) found.unread.push({ span: found.span, why: `${name} is neither 0 nor 1` })
    else profile.fields.set(setting[0], [meant])
    return
  }
  const list = /\\(Domain|Standard|Private|Public)Profile\\(GloballyOpenPorts|AuthorizedApplications)\\List$/i.exec(key)
  if (list !== null) {
    const legacy = entryOfLegacyValue(list[2] ?? '', list[1] ?? '', value, found.span, found.store)
    if (legacy === undefined) found.unread.push({ span: found.span, why: 'the exception has not the form of its list' })
    else found.entries.push(legacy)
    return
  }
  if (
    /\\(Services\\|RemoteAdminSettings|IcmpSettings)/i.test(key.replace(/\\Services\\SharedAccess/i, '')) &&
    /Profile\\/i.test(key)
  ) {
    if (numberOf(value) !== 0)
      found.unread.push({ span: found.span, why: 'exceptions of Windows XP by service or ICMP type are not read' })
  }
}

function numberOf(value: string): number | undefined {
  const match = /^(?:dword:([0-9a-f]{1,8})|0x([0-9a-f]{1,8})|(\d{1,10}))$/i.exec(value.trim())
  if (match === null) return undefined
  return match[3] === undefined ? Number.parseInt(match[1] ?? match[2] ?? '', 16) : Number(match[3])
}

/**
 * `StandardProfile` is the private profile of the local store. In a policy it stands for private and public, unless
 * the policy has either of them (MS-GPFAS 2.2.3).
 */
function profileEntries(profiles: ReadonlyMap<string, ProfileKey>): readonly Entry[] {
  const all = [...profiles.values()]
  const isSplit = all.some(({ name, store }) => store === 'policy' && (name === 'private' || name === 'public'))
  return all.flatMap(({ name, store, fields, span }) => {
    const names = name !== 'standard' ? [name] : store !== 'policy' ? ['private'] : isSplit ? [] : ['private', 'public']
    return names.map(
      (meant): Entry => ({
        fields: new Map([
          ['name', [meant]],
          // A key alone makes a profile of which everything is as by default.
          ['defaultinboundaction', ['NotConfigured']],
          ...fields,
        ]),
        span,
        ...(store !== undefined && { store }),
      }),
    )
  })
}
