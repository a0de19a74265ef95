import { addressesOf } from '../../addresses.ts'
import type { ReadingHints } from '../../reader.ts'
import type { Rule, RuleSet, Stage } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import { addressObjects } from './addressObjects.ts'
import type { ConfigNode } from './configTree.ts'
import { accessRules, aclRules, localInRules, multicastRules } from './localRules.ts'
import { networkOf } from './network.ts'
import type { PolicyKind, PolicyScope } from './policies.ts'
import { policyName, policyRules } from './policies.ts'
import { contentFilters, inspectionProfiles } from './profiles.ts'
import type { Noted } from './reading.ts'
import { entriesOf, isOn } from './reading.ts'
import { schedules } from './schedules.ts'
import { serviceObjects } from './services.ts'
import type { PolicyNat } from './sourceNat.ts'
import { centralRules, outwardsChain, policyNat, policyNatRules, pools, reverseRule } from './sourceNat.ts'
import type { VirtualAddress, VirtualAddresses } from './virtualAddresses.ts'
import { virtualAddresses } from './virtualAddresses.ts'

/** One virtual domain of a device. */
export interface Domain {
  readonly scope: ConfigNode
  /** What all domains share; the same as `scope` on a device with one. */
  readonly shared: ConfigNode
  /** Its name; undefined on a device with one. */
  readonly name: string | undefined
  readonly release: readonly [number, number, number] | undefined
}

const policyBlocks: readonly (readonly [string, PolicyKind])[] = [
  ['firewall policy', 'policy'],
  ['firewall policy6', 'policy6'],
  ['firewall consolidated policy', 'consolidated'],
]

/** What one virtual domain does with packets. */
export function domainRuleSet(
  domain: Domain,
  title: string,
  hints: ReadingHints,
  notes: Noted,
  doubts: readonly Unknown[],
): RuleSet {
  const { scope, shared } = domain
  const settings = scope.blocks.get('system settings')
  const centralNat = settings !== undefined && isOn(settings, 'central-nat')
  const addresses = addressObjects(scope, shared, notes)
  const services = serviceObjects(scope, notes)
  const virtual = virtualAddresses(scope, addresses, services, notes)
  const policies: PolicyScope = {
    addresses,
    services,
    virtual,
    schedule: schedules(scope),
    contents: contentFilters(scope),
    matchesVirtualByDefault: matchesVirtualByDefault(domain.release),
    centralNat,
    budget: { left: 100_000 },
    notes,
  }
  const network = networkOf(scope, shared, domain.name, addresses, hints)
  const forward = forwardRules(domain, policies)
  const translating = centralNat ? virtual.all : virtual.all.filter((address) => forward.named.has(address))
  const look = pools(scope)
  const outwards = virtual.all.filter((address) => centralNat || translating.includes(address)).flatMap(reverseRule)
  const sourceNat = centralNat
    ? [...outwards, ...centralRules(scope, addresses, look, notes)]
    : forward.tags.flatMap(({ tag, nat, policy }) =>
        nat === undefined ? [] : policyNatRules(tag, nat, look, outwards.length > 0, policy),
      )
  const profiles = inspectionProfiles(scope, addresses)
  const inspecting = forward.tags.flatMap(({ tag, profile, policy }): Rule[] =>
    profile === undefined
      ? []
      : [
          {
            ...implied,
            name: `TLS inspection of ${policyName(policy)}`,
            span: (policy.settings.get('ssl-ssh-profile')?.statement ?? policy.statement).span(),
            match: { tagged: { tag } },
            action: { kind: 'goto', chain: inspectionChain(profile.name) },
            unknowns: profile.unknowns,
          },
        ],
  )
  const chains: Record<string, readonly Rule[]> = {
    acl: aclRules(scope, policies),
    'virtual IPs': translating.flatMap(({ rules }) => rules),
    policies: [...multicast(), ...dispatch(translating, centralNat), ...forward.plain],
    'policies for virtual IPs': centralNat ? [] : forward.translated,
    'multicast policies': multicastRules(scope, policies, notes),
    'TLS inspection': inspecting,
    ...Object.fromEntries(
      forward.tags.flatMap(({ profile, policy }) =>
        profile === undefined
          ? []
          : [[inspectionChain(profile.name), profiles.rules(profile.name, policy.statement.span())] as const],
      ),
    ),
    [outwardsChain]: centralNat ? [] : outwards,
    'source NAT': sourceNat,
    'local-in': [...localInRules(scope, policies), ...accessRules(scope, shared, network)],
  }
  return {
    vendor: 'fortigate',
    name: title,
    stages: stagesOf(
      chains,
      policyBlocks.some(([block]) => scope.blocks.has(block)),
    ),
    chains,
    ...network,
    doubts,
  }
}

/**
 * From 7.2.4 on a denying policy is asked for what a virtual IP translated unless it says otherwise, up to 7.2.2 it is
 * not (Fortinet, technical tip on denying policies and virtual IPs); of the one between nobody is sure.
 */
function matchesVirtualByDefault(release: Domain['release']): boolean | undefined {
  if (release === undefined) return undefined
  const [major, minor, patch] = release
  const number = major * 10_000 + minor * 100 + patch
  return number === 70_203 ? undefined : number >= 70_204
}

function inspectionChain(profile: string): string {
  return `TLS inspection by ${profile}`
}

/** What a policy does with what it allows, by the tag that it sets. */
interface Tagged {
  readonly tag: string
  readonly nat: PolicyNat | undefined
  readonly profile: { readonly name: string; readonly unknowns: readonly Unknown[] } | undefined
  readonly policy: ConfigNode
}

interface Forward {
  readonly plain: readonly Rule[]
  readonly translated: readonly Rule[]
  readonly named: ReadonlySet<VirtualAddress>
  readonly tags: readonly Tagged[]
}

function forwardRules({ scope }: Domain, policies: PolicyScope): Forward {
  const plain: Rule[] = []
  const translated: Rule[] = []
  const named = new Set<VirtualAddress>()
  const tags: Tagged[] = []
  const profiles = inspectionProfiles(scope, policies.addresses)
  for (const [block, kind] of policyBlocks) {
    for (const policy of entriesOf(scope, block)) {
      const nat = policies.centralNat ? undefined : policyNat(policy)
      const profile = profiles.of(policy)
      const tag = nat === undefined && profile === undefined ? undefined : `${kind} ${policy.name}`
      const rules = policyRules(policy, kind, policies, tag)
      if (tag !== undefined && rules.plain.length + rules.translated.length > 0)
        tags.push({ tag, nat, profile, policy })
      for (const rule of rules.plain) plain.push(rule)
      for (const rule of rules.translated) translated.push(rule)
      for (const address of rules.named) named.add(address)
    }
  }
  return { plain, translated, named, tags }
}

const implied = { span: { file: '', line: 1, text: '' }, unknowns: [], implied: true } as const

/** Multicast is led by policies of its own. */
function multicast(): readonly Rule[] {
  return ([4, 6] as const).map(
    (family): Rule => ({
      ...implied,
      name: 'multicast',
      match: {
        family,
        destination: addressesOf([
          family === 4
            ? { family, first: 0xe0000000n, last: 0xefffffffn }
            : { family, first: 0xffn << 120n, last: (1n << 128n) - 1n },
        ]),
      },
      action: { kind: 'goto', chain: 'multicast policies' },
    }),
  )
}

/** What a virtual IP translated is asked of the policies that name it, and of those that match virtual IPs. */
function dispatch(translating: VirtualAddresses['all'], centralNat: boolean): readonly Rule[] {
  if (centralNat) return []
  return translating.flatMap(({ name, tag, rules }): Rule[] => {
    const [first] = rules
    if (first === undefined) return []
    return [
      {
        ...implied,
        span: first.span,
        name: `translated by the virtual IP ${name}`,
        match: { tagged: { tag } },
        action: { kind: 'goto', chain: 'policies for virtual IPs' },
      },
    ]
  })
}

function stagesOf(chains: Readonly<Record<string, readonly Rule[]>>, hasPolicies: boolean): readonly Stage[] {
  const denied = { action: 'drop', name: 'implicit deny (policy 0)' } as const
  const unknown = { action: 'unknown', name: 'the policies, which the files do not have' } as const
  const nothing = { action: 'allow', name: 'nothing is translated' } as const
  const stage = (name: string, rest: Omit<Stage, 'name' | 'chain' | 'stateful' | 'addresses'>): Stage => ({
    name,
    chain: name,
    stateful: true,
    addresses: 'current',
    ...rest,
  })
  const all: readonly Stage[] = [
    stage('acl', { hook: 'prerouting', kind: 'filter', otherwise: { action: 'allow', name: 'no entry of the ACL' } }),
    stage('virtual IPs', { hook: 'prerouting', kind: 'destination-nat', otherwise: nothing }),
    stage('policies', { hook: 'forward', kind: 'filter', otherwise: hasPolicies ? denied : unknown }),
    stage('TLS inspection', {
      hook: 'forward',
      kind: 'inspection',
      otherwise: { action: 'allow', name: 'TLS is left alone' },
    }),
    stage('source NAT', { hook: 'postrouting', kind: 'source-nat', otherwise: nothing }),
    stage('local-in', {
      hook: 'input',
      kind: 'filter',
      otherwise: { action: 'unknown', name: 'what the device serves by itself: IKE, routing, its portals' },
    }),
  ]
  const always = new Set(['policies', 'local-in'])
  return all.filter(({ chain }) => always.has(chain) || (chains[chain]?.length ?? 0) > 0)
}
