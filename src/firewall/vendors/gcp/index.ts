import { addressesOf, everyAddress, mergedRanges, rangesWithout } from '../../addresses.ts'
import type { Reader, Reading, ReadingHints } from '../../reader.ts'
import type { Rule, RuleSet, Stage } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import type { Statements } from '../../text/statements.ts'
import { countStatements } from '../../text/statements.ts'
import { readTerraformPlan } from '../../text/terraformPlan.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRanges } from '../cidrRange.ts'
import { ownPlaces } from '../ownPlaces.ts'
import { readYaml } from '../yamlTree.ts'
import type { FirewallRule, RuleTraffic } from './firewallRules.ts'
import { apiSpelling, networkOf, readFirewallRule, terraformSpelling } from './firewallRules.ts'
import type { Instance } from './instances.ts'
import { farEndOf, readInstance, targetsOf } from './instances.ts'

export { write } from './write.ts'

interface Project {
  readonly rules: FirewallRule[]
  readonly instances: Instance[]
  readonly doubts: Unknown[]
  readonly statements: Statements
}

/**
 * Firewall rules of VPC networks: `gcloud compute firewall-rules list`, `networks get-effective-firewalls` and
 * `instances list` in JSON or YAML, Terraform plans and states. Each network is a device. Who has a network tag or runs
 * as a service account comes from instances in the files and from `hints.places` by tag or account.
 */
export const read: Reader = (files, given): Reading => {
  const hints = ownPlaces(given)
  const statements = countStatements()
  const project: Project = { rules: [], instances: [], doubts: [], statements }
  for (const file of files) {
    const { documents, faults } = readYaml(file)
    for (const { span, why } of faults) unplaced(span, why, project)
    for (const document of documents) {
      if (!readPlan(document, project)) readDocument(document, project)
    }
  }
  const networks = [...new Set(project.rules.map(({ network }) => network))]
  const ruleSets = networks.map((network) => ruleSetOf(network, project, hints))
  return { ruleSets, coverage: statements.coverage() }
}

function readDocument(value: JsonValue, project: Project): void {
  if (value.kind === 'array') {
    for (const item of value.elements()) readObject(item, project)
    return
  }
  const firewalls = value.member('firewalls')
  if (firewalls?.kind !== 'array') {
    readObject(value, project)
    return
  }
  for (const item of firewalls.elements()) readObject(item, project)
  const policies = [
    ...(value.member('firewallPolicys')?.elements() ?? []),
    ...(value.member('firewallPolicies')?.elements() ?? []),
  ]
  for (const policy of policies)
    unplaced(policy.span(), 'firewall policies, which are asked as well, are not read', project)
}

function readObject(value: JsonValue, project: Project): void {
  const kind = value.member('kind')?.text()
  const isInstance = kind === 'compute#instance' || value.member('networkInterfaces')?.kind === 'array'
  const isRule = kind === 'compute#firewall' || ['allowed', 'denied'].some((name) => value.member(name) !== undefined)
  if (isInstance) {
    // One by one: there may be more than a call takes arguments.
    for (const instance of readInstance(value)) project.instances.push(instance)
    project.statements.understood()
  } else if (isRule) take(readFirewallRule(value, apiSpelling), project)
  else if (kind === 'compute#network' || kind === 'compute#subnetwork') project.statements.understood()
  else unplaced(value.span(), 'it is no firewall rule of a VPC network', project)
}

function readPlan(root: JsonValue, project: Project): boolean {
  const plan = readTerraformPlan(root)
  if (plan === undefined) return false
  for (const resource of plan.resources.filter(({ type }) => type.startsWith('google_compute_'))) {
    const { type, values } = resource
    if (type === 'google_compute_firewall') {
      const [referent] = resource.referents('network')
      const named = networkOf(values)
      const network =
        values.member('network')?.text() === undefined ? (referent?.values.member('name')?.text() ?? named) : named
      const rule = readFirewallRule(values, terraformSpelling, network)
      const later = ['source_ranges', 'destination_ranges', 'target_tags', 'source_tags', 'allow', 'deny', 'priority']
      const unknown = later.filter((name) => resource.isUnknown(name) && !isComputed(name, values))
      const unknowns = unknown.map(
        (name): Unknown => ({ kind: 'unread', what: `${name}, which is known only after apply` }),
      )
      take({ ...rule, unknowns: [...rule.unknowns, ...unknowns] }, project)
    } else if (/firewall_policy|network_firewall/.test(type)) {
      unplaced(resource.span(), `resources of type ${type} are not read`, project)
    } else project.statements.understood()
  }
  return true
}

/** Ranges of the other direction are computed, and are empty. */
function isComputed(name: string, values: JsonValue): boolean {
  const isEgress = values.member('direction')?.text()?.toUpperCase() === 'EGRESS'
  return name === (isEgress ? 'source_ranges' : 'destination_ranges')
}

function take(rule: FirewallRule, project: Project): void {
  project.rules.push(rule)
  const ranges = rule.far.ranges.find((text) => cidrRanges(text).length === 0)
  const what =
    rule.unknowns.find(({ kind }) => kind === 'unread')?.what ??
    (ranges === undefined ? undefined : `the addresses "${ranges}"`)
  if (what === undefined) project.statements.understood()
  else project.statements.unread(rule.span, `it is not understood: ${what}`)
}

function unplaced(span: Span, why: string, { statements, doubts }: Project): void {
  statements.unread(span, why)
  doubts.push({ kind: 'unread', what: `${span.file}:${span.line}, which was not read: ${why}` })
}

/** What Google says is never held back: metadata, DNS, time and address assignment of every instance. */
const metadata = cidrRanges('169.254.169.254', 'fd20:ce::254')
const notOutside = cidrRanges(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
)

function ruleSetOf(network: string, project: Project, hints: ReadingHints): RuleSet {
  const own = project.rules.filter((rule) => rule.network === network)
  const instances = project.instances.filter((instance) => instance.network === network)
  const [{ span } = { span: undefined }] = own
  const stage = (isEgress: boolean): Stage => ({
    name: `firewall rules of ${network}, ${isEgress ? 'egress' : 'ingress'}`,
    hook: isEgress ? 'output' : 'input',
    kind: 'filter',
    chain: isEgress ? 'egress' : 'ingress',
    otherwise: isEgress
      ? { action: 'allow', name: 'implied allow egress' }
      : { action: 'drop', name: 'implied deny ingress' },
    stateful: true,
    addresses: 'current',
  })
  const chain = (isEgress: boolean): readonly Rule[] => [
    ...(isEgress && span !== undefined ? beforeEgress(span) : []),
    ...own
      .filter((rule) => rule.isEgress === isEgress && !rule.isDisabled)
      .toSorted((a, b) => a.priority - b.priority || rank(a) - rank(b))
      .flatMap((rule) => rulesOf(rule, instances, hints)),
  ]
  return {
    vendor: 'gcp',
    name: network,
    stages: [stage(true), stage(false)],
    chains: { egress: chain(true), ingress: chain(false) },
    places: [],
    doubts: project.doubts,
  }
}

/** Of equal priority a denial wins; what is not understood is asked first, since it takes nothing from the others. */
function rank({ action }: FirewallRule): number {
  return action === 'unknown' ? 0 : action === 'drop' ? 1 : 2
}

function beforeEgress(span: Span): readonly Rule[] {
  const smtp = 'whether Google lets the project send to port 25 outside'
  const outside = rangesWithout(everyAddress().sure, mergedRanges(notOutside))
  return [
    {
      name: 'metadata server',
      span,
      match: { destination: addressesOf(metadata) },
      action: { kind: 'allow' },
      unknowns: [],
      implied: true,
    },
    {
      name: 'always blocked: port 25',
      span,
      match: {
        protocols: [{ first: 6, last: 6 }],
        destination: addressesOf(outside),
        destinationPorts: [{ first: 25, last: 25 }],
      },
      action: { kind: 'drop' },
      unknowns: [{ kind: 'other', what: smtp }],
      implied: true,
    },
  ]
}

function rulesOf(rule: FirewallRule, instances: readonly Instance[], hints: ReadingHints): readonly Rule[] {
  const { name, span, isEgress, unknowns, comment, action, priority } = rule
  const far = farEndOf(rule.far, instances, hints)
  const targets = targetsOf(rule.targets, instances, hints)
  const ends = isEgress
    ? { destination: far, ...(targets !== undefined && { source: targets }) }
    : { source: far, ...(targets !== undefined && { destination: targets }) }
  // The implied denial has the last priority too, and Google documents only that smaller numbers win over it.
  const isTied = priority === 65535 && !isEgress && action === 'allow'
  const tie: Unknown = {
    kind: 'other',
    what: 'whether a rule of priority 65535 wins over the implied denial of the same',
  }
  const traffic: readonly RuleTraffic[] = rule.traffic.length === 0 ? [{}] : rule.traffic
  return traffic.map(({ protocol, ports }) => ({
    name,
    span,
    match: {
      ...ends,
      ...(protocol !== undefined && { protocols: [{ first: protocol, last: protocol }] }),
      ...(ports !== undefined && { destinationPorts: ports }),
    },
    action: { kind: action },
    unknowns: isTied ? [...unknowns, tie] : unknowns,
    ...(comment !== undefined && { comment }),
  }))
}
