import type { AddressRange } from '../../addresses.ts'
import type { NamePattern } from '../../namePattern.ts'
import type { Unknown } from '../../unknown.ts'
import { blocks, readAddressText } from '../azure/addressTexts.ts'
import type { AzureValue } from '../azure/azureValue.ts'
import { isTrue, listOf } from '../azure/azureValue.ts'
import type { FirewallConfiguration } from './firewallConfigurations.ts'
import { targetPattern } from './ruleFields.ts'

/** What holds for all rules of a firewall. */
export interface Settings {
  readonly dnsProxy: 'on' | 'off' | 'unknown'
  readonly threatIntelligence: 'off' | 'deny' | 'unknown'
  /** What threat intelligence leaves alone. */
  readonly spared: { readonly addresses: readonly AddressRange[]; readonly names: readonly NamePattern[] }
  /** Destinations to which a network rule's source is not translated. */
  readonly privateRanges: readonly AddressRange[]
  /** Why more destinations may be private than those. */
  readonly privateDoubt?: Unknown
  readonly hasExplicitProxy: boolean
  /** Addresses of the firewall itself within its network. */
  readonly own: readonly AddressRange[]
}

/** Microsoft's default (Microsoft Learn: *Azure Firewall SNAT private IP address ranges*): RFC 1918 and RFC 6598. */
const ianaPrivate = blocks('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10')

export function settingsOf({ firewall, policies }: FirewallConfiguration): Settings {
  const known = policies.flatMap(({ resource }) => resource?.value ?? [])
  const isWhole = known.length === policies.length
  const sources = policies.length === 0 && firewall !== undefined ? [firewall.value] : known
  const values = sources.toReversed()
  const extra = firewall?.value.member('additionalProperties')
  const first = (read: (value: AzureValue) => AzureValue | undefined): AzureValue | undefined =>
    values.map(read).find((found) => found !== undefined)
  const proxy = first(proxyOf) ?? memberNamed(extra, 'Network.DNS.EnableProxy')
  const ranges = first(rangesOf) ?? memberNamed(extra, 'Network.SNAT.PrivateRanges')
  const learns = first(
    (value) => value.member('snat')?.member('autoLearnPrivateRanges') ?? value.member('autoLearnPrivateRangesEnabled'),
  )
  const isLearning = isTrue(learns) || learns?.text()?.toLowerCase() === 'enabled'
  const { listed, doubt } = privateRangesOf(ranges)
  const learnt: Unknown = { kind: 'dynamic-set', what: 'the private ranges that the firewall learns from its routes' }
  const absent: Unknown = { kind: 'reference', what: 'the private ranges of the policy, which is not in these files' }
  const privateDoubt = doubt ?? (isLearning ? learnt : isWhole ? undefined : absent)
  return {
    dnsProxy: wordOf(proxy, isWhole),
    threatIntelligence: threatOf(values, isWhole),
    spared: sparedBy(values),
    privateRanges: listed,
    ...(privateDoubt !== undefined && { privateDoubt }),
    hasExplicitProxy: values.some((value) => {
      const explicit = blockOf(value.member('explicitProxy'))
      return isTrue(explicit?.member('enableExplicitProxy') ?? explicit?.member('enabled'))
    }),
    own: ownAddresses(firewall?.value),
  }
}

/** A block of Terraform is a list of one. */
function blockOf(value: AzureValue | undefined): AzureValue | undefined {
  return value?.kind === 'array' ? value.elements()[0] : value
}

function proxyOf(value: AzureValue): AzureValue | undefined {
  const dns = blockOf(value.member('dnsSettings') ?? value.member('dns'))
  return dns?.member('enableProxy') ?? dns?.member('proxyEnabled') ?? value.member('dnsProxyEnabled')
}

function rangesOf(value: AzureValue): AzureValue | undefined {
  return value.member('snat')?.member('privateRanges') ?? value.member('privateIpRanges')
}

/** Keys of `additionalProperties` have dots, and no underscores that could be meant otherwise. */
function memberNamed(value: AzureValue | undefined, name: string): AzureValue | undefined {
  return value?.member(name)
}

function wordOf(value: AzureValue | undefined, isWhole: boolean): 'on' | 'off' | 'unknown' {
  if (value?.kind === 'unknown') return 'unknown'
  if (isTrue(value)) return 'on'
  return isWhole || value !== undefined ? 'off' : 'unknown'
}

/** The strictest mode of the policies counts; Alert, the default, only tells. */
function threatOf(values: readonly AzureValue[], isWhole: boolean): Settings['threatIntelligence'] {
  const modes = values.map((value) => value.member('threatIntelMode') ?? value.member('threatIntelligenceMode'))
  if (modes.some((mode) => mode?.text()?.toLowerCase() === 'deny')) return 'deny'
  return !isWhole || modes.some((mode) => mode?.kind === 'unknown') ? 'unknown' : 'off'
}

function sparedBy(values: readonly AzureValue[]): Settings['spared'] {
  const lists = values.flatMap((value) => {
    const list = blockOf(value.member('threatIntelWhitelist') ?? value.member('threatIntelligenceAllowlist'))
    return list === undefined ? [] : [list]
  })
  return {
    addresses: lists.flatMap((list) => listOf(list.member('ipAddresses'))).flatMap(rangeIn),
    names: lists
      .flatMap((list) => listOf(list.member('fqdns')))
      .flatMap((name) => targetPattern(name.text() ?? '') ?? []),
  }
}

function rangeIn(value: AzureValue): readonly AddressRange[] {
  const read = readAddressText(value.text() ?? '')
  return read.kind === 'range' ? [read.range] : []
}

/** 0.0.0.0/0 translates never, 255.255.255.255/32 always; a word stands for the default. */
function privateRangesOf(value: AzureValue | undefined): { listed: readonly AddressRange[]; doubt?: Unknown } {
  const elements = listOf(value)
  const texts = elements.flatMap((element) => (element.text() ?? '').split(/\s*,\s*/)).filter((text) => text !== '')
  const unknown = elements.find(({ kind }) => kind === 'unknown')
  const doubt: Unknown | undefined =
    unknown === undefined ? undefined : { kind: 'other', what: unknown.because ?? 'the private ranges' }
  if (texts.length === 0) return { listed: ianaPrivate, ...(doubt !== undefined && { doubt }) }
  const odd: string[] = []
  const listed = texts.flatMap((text) => {
    if (/^ianaprivateranges$/i.test(text)) return ianaPrivate
    const read = readAddressText(text)
    if (read.kind === 'range') return [read.range]
    odd.push(text)
    return []
  })
  const because: Unknown = { kind: 'unread', what: `the private ranges ${odd.join(', ').slice(0, 80)}` }
  const found = odd.length > 0 ? because : doubt
  return { listed, ...(found !== undefined && { doubt: found }) }
}

function ownAddresses(value: AzureValue | undefined): readonly AddressRange[] {
  if (value === undefined) return []
  const blocksOf = listOf(value.member('ipConfigurations') ?? value.member('ipConfiguration'))
  return [
    ...blocksOf.flatMap((block) => listOf(block.member('privateIPAddress'))),
    ...listOf(value.member('hubIPAddresses')?.member('privateIPAddress')),
  ].flatMap(rangeIn)
}
