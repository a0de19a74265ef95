import type { Reader, ReadingHints } from '../../reader.ts'
import type { RuleSet, Stage } from '../../ruleset.ts'
import type { ConfigurationFile } from '../../source.ts'
import type { Statements } from '../../text/statements.ts'
import { countStatements } from '../../text/statements.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import { readXml } from '../../text/xmlTree.ts'
import { ownPlaces } from '../ownPlaces.ts'
import { aliasesOf } from './aliases.ts'
import type { Implied } from './filterChains.ts'
import { filterChain } from './filterChains.ts'
import { gatewaysOf } from './gateways.ts'
import { groupNames, interfacesOf, isOn, placesOf } from './interfaces.ts'
import { inboundNat, outboundNat } from './natChains.ts'
import type { PfRule } from './pfRule.ts'
import { isDisabled, newRule, oldRule } from './pfRule.ts'
import { routesOf } from './routesOf.ts'
import type { Words } from './ruleOf.ts'

export { write } from './write.ts'

/** Sections of a backup that can stand by themselves, as the page *Backup* offers them. */
const sections = new Set([
  'filter',
  'aliases',
  'nat',
  'interfaces',
  'staticroutes',
  'gateways',
  'virtualip',
  'ifgroups',
])

/**
 * Reads `config.xml` of pfSense and OPNsense, or the sections of it that a backup of one area has: filter rules of
 * interfaces, groups and floating ones, aliases, port forwards, one-to-one and outbound NAT, routes.
 */
export const read: Reader = (files, given) => {
  const hints = ownPlaces(given)
  const statements = countStatements()
  const ruleSets: RuleSet[] = []
  const parts: XmlTree[] = []
  for (const file of files) {
    const root = rootOf(file, statements)
    if (root === undefined) continue
    if (/^(pfsense|opnsense)$/i.test(root.name)) ruleSets.push(ruleSetOf(root, file.name, hints, statements))
    else if (sections.has(root.name)) parts.push(root)
    else statements.unread(root.span(), `the element ${root.name} is neither pfsense nor opnsense`)
  }
  const [first] = parts
  if (first !== undefined) ruleSets.push(ruleSetOf(together(first, parts), files[0]?.name ?? '', hints, statements))
  return { ruleSets, coverage: statements.coverage() }
}

function rootOf(file: ConfigurationFile, statements: Statements): XmlTree | undefined {
  const found = readXml(file)
  if ('ok' in found) return found.ok
  statements.unread(found.fault.span, found.fault.why)
  return undefined
}

/** Sections that were saved one by one, as the whole that they are of. */
function together(first: XmlTree, parts: readonly XmlTree[]): XmlTree {
  const named = (name: string): XmlTree | undefined => parts.find((part) => part.name === name)
  return {
    name: 'pfsense',
    attribute: () => undefined,
    elements: (name) => (name === undefined ? parts : parts.filter((part) => part.name === name)),
    child: (name, ...rest) => {
      const found = name === undefined ? undefined : named(name)
      return rest.length === 0 ? found : found?.child(...rest)
    },
    text: () => '',
    span: () => first.span(),
  }
}

function ruleSetOf(root: XmlTree, file: string, hints: ReadingHints, statements: Statements): RuleSet {
  const interfaces = interfacesOf(root, hints)
  const gateways = gatewaysOf(root, interfaces)
  const words: Words = { aliases: aliasesOf(root, statements), interfaces, groups: groupNames(root), gateways }
  const { rules, doubts } = filterRules(root, statements)
  const implied = impliedOf(root, words)
  const isOff = isOn(root.child('system', 'disablefilter'))
  const nat = root.child('nat')
  const chains: RuleSet['chains'] = {
    forwards: inboundNat(root, words, statements),
    in: isOff ? [] : filterChain(rules, 'in', words, implied),
    outbound: outboundNat(nat, words, statements),
    out: isOff ? [] : filterChain(rules, 'out', words, implied),
  }
  const routes = routesOf(root, interfaces, gateways, statements)
  const host = root.child('system', 'hostname')?.text() ?? ''
  return {
    vendor: 'pfsense',
    name: host === '' ? file : host,
    stages: isOff ? [] : stages,
    chains,
    places: placesOf(root, interfaces, hints),
    ...(routes !== undefined && { routes }),
    doubts,
  }
}

const translation = { otherwise: { action: 'allow', name: 'no rule of translation' }, stateful: true } as const
const passes = { stateful: true, addresses: 'current' } as const

/** In the order in which pf meets them: translation first, on each side. */
const stages: readonly Stage[] = [
  {
    name: 'port forwards and 1:1',
    hook: 'prerouting',
    kind: 'destination-nat',
    chain: 'forwards',
    addresses: 'current',
    ...translation,
  },
  {
    ...{ name: 'rules for what comes in', hook: 'prerouting', kind: 'filter', chain: 'in', ...passes },
    otherwise: { action: 'drop', name: 'default deny' },
  },
  {
    name: 'outbound NAT',
    hook: 'postrouting',
    kind: 'source-nat',
    chain: 'outbound',
    addresses: 'current',
    ...translation,
  },
  {
    ...{ name: 'rules for what goes out', hook: 'postrouting', kind: 'filter', chain: 'out', ...passes },
    otherwise: { action: 'allow', name: 'let out anything from firewall host itself' },
  },
]

function filterRules(root: XmlTree, statements: Statements): { rules: readonly PfRule[]; doubts: RuleSet['doubts'] } {
  const old = root.child('filter')?.elements('rule') ?? []
  const modern = root.child('OPNsense', 'Firewall', 'Filter', 'rules')?.elements('rule') ?? []
  const taken = (elements: readonly XmlTree[], make: (element: XmlTree) => PfRule): readonly PfRule[] =>
    elements.flatMap((element) => {
      if (isDisabled(element)) {
        statements.understood()
        return []
      }
      const rule = make(element)
      const [strange] = rule.strange
      if (strange === undefined) statements.understood()
      else statements.unread(rule.span, `the element ${strange} of a rule is not known`)
      return [rule]
    })
  const first = taken(
    modern.toSorted((a, b) => sequence(a) - sequence(b)),
    newRule,
  )
  const second = taken(old, oldRule)
  const isMixed = first.length > 0 && second.length > 0
  const what = 'the order in which rules of both lists of OPNsense are asked'
  return { rules: [...first, ...second], doubts: isMixed ? [{ kind: 'other', what }] : [] }
}

function sequence(element: XmlTree): number {
  return Number(element.child('sequence')?.text() ?? 0) || 0
}

/** Ports of the web pages and of SSH, which the first inner interface always reaches. */
function impliedOf(root: XmlTree, { interfaces }: Words): Implied {
  const system = root.child('system')
  const inner = interfaces.find(({ key }) => key === 'lan') ?? interfaces.find(({ key }) => key === 'wan')
  const webPort = Number(system?.child('webgui', 'port')?.text() ?? '') || undefined
  const isHttp = system?.child('webgui', 'protocol')?.text() === 'http'
  const ports = [
    webPort ?? (isHttp ? 80 : 443),
    ...(isHttp ? [] : [80]),
    ...(isOn(system?.child('ssh', 'enable')) ? [22] : []),
  ]
  const isUnlocked = isOn(system?.child('webgui', 'noantilockout'))
  return {
    span: (root.child('filter') ?? root).span(),
    isIpv6Off: system !== undefined && !isOn(system.child('ipv6allow')),
    ...(system !== undefined && inner !== undefined && !isUnlocked && { lockout: { place: inner.key, ports } }),
  }
}
