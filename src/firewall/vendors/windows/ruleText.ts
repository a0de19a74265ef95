import type { Span } from '../../source.ts'
import type { Entry, Store } from './entry.ts'

/** What a key of the rule grammar (MS-GPFAS 2.2.2.19) is called among the fields of the cmdlets. */
const keys: Readonly<Record<string, string>> = {
  action: 'action',
  active: 'enabled',
  dir: 'direction',
  profile: 'profile',
  protocol: 'protocol',
  lport: 'localport',
  lport2_10: 'localport',
  lport2_20: 'localport',
  lport2_24: 'localport',
  lport2_29: 'localport',
  rport: 'remoteport',
  rport2_10: 'remoteport',
  rport2_25: 'remoteport',
  la4: 'localaddress',
  la6: 'localaddress',
  ra4: 'remoteaddress',
  ra42: 'remoteaddress',
  ra6: 'remoteaddress',
  ra62: 'remoteaddress',
  radynkey: 'remotedynamickeywordaddresses',
  if: 'interfacealias',
  iftype: 'interfacetype',
  app: 'program',
  svc: 'service',
  apppkgid: 'package',
  pfn: 'packagefamily',
  policyappid: 'appid',
  fqbn: 'appid',
  icmp4: 'icmp4',
  icmp6: 'icmp6',
  name: 'displayname',
  desc: 'description',
  security: 'security',
  security2: 'security',
  security2_9: 'security',
  rmauth: 'remotemachine',
  ruauth: 'remoteuser',
  luauth: 'localuser',
  luauth2_24: 'localuser',
  luown: 'owner',
  authbypassout: 'overrideblockrules',
  platform: 'platform',
  platform2: 'platform',
  lom: 'localonlymapping',
}

/**
 * Keys that do not change which of the packets asked about match: groups, edge traversal (packets that a NAT device
 * sends on unasked), answers from other addresses, and which versions may skip the rule.
 */
const harmless = new Set(['embedctxt', 'edge', 'defer', 'lsm', 'skipver', 'caudit', 'applb'])

/** True for a rule of the registry or of a group policy: `v2.30|Action=Allow|…`. */
export function isRuleText(text: string): boolean {
  return /^\s*v\d{1,3}\.\d{1,3}\|/i.test(text)
}

/**
 * Reads one rule string. A key that is not known stays as a doubt of the rule: it may be a condition.
 *
 * @param id name of the registry value, which is the rule's id
 */
export function entryOfRuleText(text: string, span: Span, id?: string, store?: Store): Entry {
  const fields = new Map<string, string[]>()
  const doubts: string[] = []
  const [, ...parts] = text.trim().split('|')
  // What follows the last bar was cut, and a port 44 may have been 443.
  const cut = parts.pop()
  if (cut !== '') doubts.push('the rule string is cut off: it does not end in "|"')
  for (const part of parts) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const key = part.slice(0, Math.max(0, equals)).trim().toLowerCase()
    const value = part.slice(equals + 1).trim()
    const field = Object.hasOwn(keys, key) ? keys[key] : undefined
    if (field !== undefined) {
      const values = fields.get(field)
      if (values === undefined) fields.set(field, [value])
      else values.push(value)
    } else if (!harmless.has(key)) {
      doubts.push(
        equals < 0
          ? `"${part.slice(0, 60)}" is no KEY=VALUE`
          : `the key ${part.slice(0, equals).slice(0, 40)}= is not known`,
      )
    }
  }
  // Without Active= a rule is off (MS-GPFAS 2.2.2.19).
  if (!fields.has('enabled')) fields.set('enabled', ['FALSE'])
  if (id !== undefined) fields.set('name', [id])
  return { fields, span, isComplete: true, ...(store !== undefined && { store }), ...(doubts.length > 0 && { doubts }) }
}
