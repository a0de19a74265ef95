import type { AddressRange } from '../../addresses.ts'
import type { Reader } from '../../reader.ts'
import type { Place, RuleSet } from '../../ruleset.ts'
import type { ConfigurationFile } from '../../source.ts'
import { doubtsOf } from '../../text/doubtsOf.ts'
import { placesIn } from '../../text/placesIn.ts'
import { countStatements } from '../../text/statements.ts'
import { ownPlaces } from '../ownPlaces.ts'
import type { AddressKnowledge } from './addressTerms.ts'
import { networkOf, setOfKeyword } from './addressTerms.ts'
import { chainsOf } from './chains.ts'
import type { Entry, EntryKind } from './entry.ts'
import { exportCommand, kindOf, single } from './entry.ts'
import type { FoundEntries } from './fromJson.ts'
import { entriesOfJson } from './fromJson.ts'
import { entriesOfNetsh } from './fromNetsh.ts'
import { entriesOfRegistry } from './fromRegistry.ts'
import { entriesOfTable } from './fromTable.ts'
import { joinFilters } from './joinFilters.ts'
import { settingsOf } from './profileSettings.ts'
import type { WeighedRule } from './windowsRule.ts'
import { readRule } from './windowsRule.ts'
import type { ProfileName } from './words.ts'
import { categoryOf, isOn, profileNames } from './words.ts'

export { write } from './write.ts'

/**
 * Reads Windows Defender Firewall: JSON or CSV of the `Get-NetFirewall…` cmdlets, rule strings and settings of the
 * registry, the list of wf.msc, netsh in English. All files together are one machine.
 *
 * Rules of the machine's service hardening (`RestrictedServices\Static`) bind Windows' own services to what they need
 * and are the same everywhere: they count as understood and are not asked. A hint for a place named `LocalSubnet` (or
 * another word for addresses) says what it stands for, one named `Domain`, `Private` or `Public` that this profile is
 * the active one.
 */
export const read: Reader = (files, given) => {
  const hints = ownPlaces(given)
  const statements = countStatements()
  const byKind = new Map<EntryKind, Entry[]>()
  for (const file of files) {
    const { entries, unread } = entriesOf(file)
    for (const { span, why } of unread) statements.unread(span, why)
    for (const entry of entries) {
      const kind = kindOf(entry.fields)
      if (kind === undefined)
        statements.unread(entry.span, 'the object is no rule, filter, profile or network of Windows')
      else {
        const same = byKind.get(kind)
        if (same === undefined) byKind.set(kind, [entry])
        else same.push(entry)
      }
    }
  }
  const of = (kind: EntryKind): readonly Entry[] => byKind.get(kind) ?? []
  const rules = joinFilters(of('rule'), of('filter'))
  const { profiles, faults } = settingsOf(of('profile'))
  for (const { entry, why } of faults) statements.unread(entry.span, why)
  const faulty = new Set(faults.map(({ entry }) => entry)).size
  statements.understood(
    of('profile').length - faulty + of('connection').length + of('keyword').length + of('own-address').length,
  )
  const machinePlaces = ownPlacesOf(of('own-address'))
  const known = knowledgeOf(of('keyword'), machinePlaces, hints.places)
  const weighed: WeighedRule[] = []
  const lacking = new Set<string>()
  const seen = new Set<string>()
  for (const entry of rules) {
    const found = readRule(entry, known)
    for (const what of found.lacking) lacking.add(what)
    if (found.faults.length === 0) statements.understood()
    else statements.unread(entry.span, found.faults.join('; '))
    const key = keyOf(entry)
    // ActiveStore repeats what the other stores have.
    if (!seen.has(key)) for (const rule of found.weighed) weighed.push(rule)
    seen.add(key)
  }
  const [first] = files
  if (first === undefined || rules.length + profiles.size === 0)
    return { ruleSets: [], coverage: statements.coverage() }
  const whole = placesIn(first).span(0, Math.max(1, first.text.search(/[\r\n]/)))
  if (lacking.size > 0) {
    statements.unread(whole, `rules can also ask for ${[...lacking].slice(0, 8).join('; ')}; run: ${exportCommand}`)
  }
  const candidates = candidatesOf(of('connection'), Object.keys(hints.places))
  const inbound = chainsOf('inbound', weighed, candidates, profiles, whole)
  const outbound = chainsOf('outbound', weighed, candidates, profiles, whole)
  const placed = new Set([whole, ...rules.map(({ span }) => span)])
  const ruleSet: RuleSet = {
    vendor: 'windows',
    name: machineOf(rules) ?? first.name,
    stages: [inbound.stage, outbound.stage],
    chains: { ...inbound.chains, ...outbound.chains },
    places: placesOf(weighed, machinePlaces, hints.places),
    // What is no rule in a chain could be one: it bears on everything.
    doubts: doubtsOf(statements.coverage().unread.filter(({ span }) => !placed.has(span))),
  }
  return { ruleSets: [ruleSet], coverage: statements.coverage() }
}

function entriesOf(file: ConfigurationFile): FoundEntries {
  const head = file.text
    .slice(0, 65536)
    .replace(/^\uFEFF/, '')
    .trimStart()
  if (head.startsWith('{') || head.startsWith('[')) {
    // A key of a .reg file stands in brackets as well.
    if (!/^\[-?HK/i.test(head)) return entriesOfJson(file)
  }
  if (/^(Windows Registry Editor|REGEDIT4|\[?HK|HKLM:?\\)/i.test(head) || /v\d{1,3}\.\d{1,3}\|[A-Za-z]/.test(head)) {
    return entriesOfRegistry(file)
  }
  if (/^\S[^\r\n]*\r?\n-{20,}/m.test(head)) return entriesOfNetsh(file)
  return entriesOfTable(file)
}

function keyOf(entry: Entry): string {
  const told = [...entry.fields].filter(
    ([name]) => !/^(policystoresource|enforcementstatus|status|primarystatus|caption|systemname)/.test(name),
  )
  return JSON.stringify([told.toSorted(([a], [b]) => (a < b ? -1 : 1)), entry.doubts ?? []])
}

function machineOf(rules: readonly Entry[]): string | undefined {
  const names = new Set(
    rules.flatMap((rule) => rule.fields.get('pscomputername') ?? rule.fields.get('systemname') ?? []),
  )
  const [name] = names
  return names.size === 1 && name !== '' ? name : undefined
}

/** Profiles that can be the active one: all of them, unless the networks or the user tell. */
function candidatesOf(connections: readonly Entry[], hinted: readonly string[]): readonly ProfileName[] {
  const named = profileNames.filter((name) => hinted.some((hint) => hint.toLowerCase() === name))
  if (named.length > 0) return named
  const found = connections.map((entry) => categoryOf(single(entry, 'networkcategory')))
  if (found.length === 0 || found.includes(undefined)) return profileNames
  return profileNames.filter((name) => found.includes(name))
}

/** Interfaces of the machine with their addresses, as Get-NetIPAddress lists them. */
function ownPlacesOf(entries: readonly Entry[]): readonly Place[] {
  const byAlias = new Map<string, { own: AddressRange[]; networks: AddressRange[] }>()
  for (const entry of entries) {
    const address = single(entry, 'ipaddress') ?? ''
    // Loopback is not filtered, and its network is nobody's subnet.
    if (/^(127\.|::1$)/.test(address)) continue
    const network = networkOf(address, single(entry, 'prefixlength') ?? '')
    const itself = networkOf(address, address.includes(':') ? '128' : '32')
    if (network === undefined || itself === undefined) continue
    const alias = single(entry, 'interfacealias') ?? ''
    const place = byAlias.get(alias) ?? { own: [], networks: [] }
    place.own.push(itself)
    place.networks.push(network)
    byAlias.set(alias, place)
  }
  return [...byAlias].map(([name, place]): Place => ({ name, kind: 'interface', ...place }))
}

function knowledgeOf(
  keywords: readonly Entry[],
  own: readonly Place[],
  hinted: Readonly<Record<string, readonly AddressRange[]>>,
): AddressKnowledge {
  const words = new Map<string, readonly AddressRange[]>()
  const subnets = own.flatMap(({ networks }) => networks ?? [])
  if (subnets.length > 0) {
    words.set('localsubnet', subnets)
    words.set(
      'localsubnet4',
      subnets.filter(({ family }) => family === 4),
    )
    words.set(
      'localsubnet6',
      subnets.filter(({ family }) => family === 6),
    )
  }
  for (const [name, ranges] of Object.entries(hinted)) words.set(name.toLowerCase(), ranges)
  return {
    words,
    keywords: new Map(
      keywords.map((entry) => {
        const id = (single(entry, 'id') ?? single(entry, 'instanceid') ?? '').toLowerCase().replace(/[{}]/g, '')
        const auto = isOn(single(entry, 'autoresolve'), 'setting')
        const set = setOfKeyword(
          single(entry, 'keyword') ?? '',
          entry.fields.get('addresses') ?? [],
          auto === 'not-configured' ? undefined : auto,
        )
        return [id, set]
      }),
    ),
  }
}

function placesOf(
  weighed: readonly WeighedRule[],
  own: readonly Place[],
  hinted: Readonly<Record<string, readonly AddressRange[]>>,
): readonly Place[] {
  const names = new Set(
    weighed.flatMap(({ rules }) =>
      rules.flatMap(({ match }) => [...(match.in?.names ?? []), ...(match.out?.names ?? [])]),
    ),
  )
  const named = new Map(own.filter(({ name }) => name !== '').map((place) => [place.name, place]))
  for (const name of names) {
    const networks = Object.hasOwn(hinted, name) ? hinted[name] : undefined
    if (!named.has(name)) named.set(name, { name, kind: 'interface', ...(networks !== undefined && { networks }) })
  }
  return [...named.values()]
}
