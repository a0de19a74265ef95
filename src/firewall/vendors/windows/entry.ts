import type { Span } from '../../source.ts'

/**
 * One object of an export (a rule, a filter, a profile), whatever form it came in: its fields by the names that
 * PowerShell's cmdlets give them, in lower case, each with its values.
 */
export interface Entry {
  readonly fields: ReadonlyMap<string, readonly string[]>
  readonly span: Span
  /** Policy store, where the form tells: local rules give way where a profile says so, static ones only bind Windows' own services. */
  readonly store?: Store
  /** True where a field that is absent asks nothing (registry strings); else what is absent is not known. */
  readonly isComplete?: true
  /** A row of a table with rule and filters in one, whose columns somebody chose. */
  readonly isFlatTable?: true
  /** What in it was not understood. */
  readonly doubts?: readonly string[]
  /** What rules can ask and its form never shows. */
  readonly notShown?: string
}

/** `service`: restrictions of single services, which forbid and never allow what other rules forbid. */
export type Store = 'local' | 'policy' | 'static' | 'service'

/** What kinds of objects say, told by their fields: exports name and nest them as they like. */
export type EntryKind = 'rule' | 'filter' | 'profile' | 'connection' | 'keyword' | 'own-address'

/** Names that other forms and scripts have for the same field. */
const aliases: Readonly<Record<string, string>> = {
  rulename: 'displayname',
  profiles: 'profile',
  localip: 'localaddress',
  localaddresses: 'localaddress',
  remoteip: 'remoteaddress',
  remoteaddresses: 'remoteaddress',
  localports: 'localport',
  remoteports: 'remoteport',
  applicationname: 'program',
  apppath: 'program',
  servicename: 'service',
  interfacetypes: 'interfacetype',
  dynamictransport: 'dynamictarget',
  override: 'overrideblockrules',
  authorizedusers: 'remoteuser',
  authorizedcomputers: 'remotemachine',
  authorizedlocalprincipals: 'localuser',
  localuserowner: 'owner',
  applicationpackage: 'package',
  packagefamilyname: 'packagefamily',
  policyappid: 'appid',
  platforms: 'platform',
  edgetraversal: 'edgetraversalpolicy',
}

/** The name of a field as it is looked up: without blanks, in lower case, aliases resolved. */
export function fieldName(written: string): string {
  const plain = written.replace(/[\s_]/g, '').toLowerCase()
  return Object.hasOwn(aliases, plain) ? (aliases[plain] ?? plain) : plain
}

/** Fields of the filter objects, by the cmdlet that gives them: an export without one of them leaves it open. */
export const filterFields = {
  'Get-NetFirewallAddressFilter': ['localaddress', 'remoteaddress'],
  'Get-NetFirewallPortFilter': ['protocol', 'localport', 'remoteport'],
  'Get-NetFirewallApplicationFilter': ['program', 'package'],
  'Get-NetFirewallServiceFilter': ['service'],
  'Get-NetFirewallInterfaceFilter': ['interfacealias'],
  'Get-NetFirewallInterfaceTypeFilter': ['interfacetype'],
  'Get-NetFirewallSecurityFilter': ['authentication', 'encryption', 'localuser', 'remoteuser', 'remotemachine'],
} as const

const everyFilterField = new Set<string>(Object.values(filterFields).flat())

export function kindOf(fields: ReadonlyMap<string, unknown>): EntryKind | undefined {
  if (fields.has('defaultinboundaction') || fields.has('defaultoutboundaction')) return 'profile'
  if (fields.has('networkcategory')) return 'connection'
  if (fields.has('keyword') && (fields.has('autoresolve') || fields.has('addresses'))) return 'keyword'
  if (fields.has('ipaddress') && fields.has('prefixlength')) return 'own-address'
  if (fields.has('action') && (fields.has('direction') || fields.has('enabled'))) return 'rule'
  if ([...fields.keys()].some((name) => everyFilterField.has(name))) return 'filter'
  return undefined
}

/** The only value of a field, or undefined where it has none or several. */
export function single(entry: Entry, name: string): string | undefined {
  const values = entry.fields.get(name)
  return values?.length === 1 ? values[0] : undefined
}

/** True for values by which PowerShell shows that an array was lost: `System.String[]` in a CSV. */
export function isLost(value: string): boolean {
  return /^(System|Microsoft|Deserialized)\.[\w.]*(\[\]|List|Object|CimInstance#?.*)$/.test(value)
}

/** What a user runs so that nothing is left open; one line, on the machine itself, in an elevated PowerShell. */
export const exportCommand =
  "$s='ActiveStore'; @{ rules=Get-NetFirewallRule -PolicyStore $s -TracePolicyStore; addresses=Get-NetFirewallAddressFilter -PolicyStore $s; " +
  'ports=Get-NetFirewallPortFilter -PolicyStore $s; applications=Get-NetFirewallApplicationFilter -PolicyStore $s; ' +
  'services=Get-NetFirewallServiceFilter -PolicyStore $s; interfaces=Get-NetFirewallInterfaceFilter -PolicyStore $s; ' +
  'interfaceTypes=Get-NetFirewallInterfaceTypeFilter -PolicyStore $s; security=Get-NetFirewallSecurityFilter -PolicyStore $s; ' +
  'profiles=Get-NetFirewallProfile -PolicyStore $s; connections=Get-NetConnectionProfile; own=Get-NetIPAddress; ' +
  'keywords=Get-NetFirewallDynamicKeywordAddress -PolicyStore $s -ErrorAction Ignore } | ConvertTo-Json -Depth 3 | Set-Content -Encoding utf8 firewall.json'
