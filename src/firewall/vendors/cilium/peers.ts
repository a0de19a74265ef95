import type { Addresses, AddressRange } from '../../addresses.ts'
import {
  addressesOf,
  commonRanges,
  everyAddress,
  mergedRanges,
  noAddress,
  rangesWithout,
  unionOf,
  unknownAddresses,
} from '../../addresses.ts'
import type { NamePattern } from '../../namePattern.ts'
import type { ReadingHints } from '../../reader.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRange } from '../cidrRange.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { podSpace } from '../kubernetes/cluster.ts'
import type { PodFinder, PodQuery, SelectedPods } from '../kubernetes/podsOf.ts'
import type { Selector } from '../kubernetes/selectors.ts'
import { readSelector } from '../kubernetes/selectors.ts'
import type { ReadNames } from './namePatterns.ts'
import { readNames } from './namePatterns.ts'

export interface CiliumContext {
  readonly cluster: Cluster
  readonly hints: ReadingHints
  /** Blocks of `CiliumCIDRGroup` by name. */
  readonly groups: ReadonlyMap<string, readonly AddressRange[]>
  readonly find: PodFinder
  readonly reach: ClusterReach
}

/** What is surely in the cluster, and what may be. */
export interface ClusterReach {
  readonly sure: readonly AddressRange[]
  readonly possible: readonly AddressRange[]
}

/** The far end of a rule. */
export interface FarEnd {
  readonly addresses: Addresses
  readonly selected?: SelectedPods
  /** Names of `toFQDNs`. */
  readonly names?: ReadNames
}

type ReadPeers = (
  values: readonly JsonValue[],
  context: CiliumContext,
  namespace: string | undefined,
) => readonly FarEnd[]

/** Members that name far ends, each with how it is read. */
export const peerMembers: Readonly<Record<string, ReadPeers>> = {
  Endpoints: (values, context, namespace) =>
    values.map((value) => {
      const query = endpointQuery(value, namespace)
      const selected = context.find(query)
      return { addresses: selected.addresses, selected }
    }),
  CIDR: (values, context) => values.map((value) => blockOf(value, value.text(), [], context)),
  CIDRSet: (values, context) => values.map((value) => setOf(value, context)),
  Entities: (values, context) => values.map((value) => ({ addresses: entityOf(value.text() ?? '', context) })),
  FQDNs: (values) => [namesOf(readNames(values))],
  Services: (values, { hints }) =>
    values.map((value) => {
      const service = value.member('k8sService') ?? value.member('k8sServiceSelector')
      const name = service?.member('serviceName')?.text() ?? 'that its selector selects'
      const key = `${service?.member('namespace')?.text() ?? 'default'}/${name}`
      const ranges = hints.places[key]
      const what = `which addresses stand behind the service ${name}`
      return { addresses: ranges === undefined ? unknownAddresses({ kind: 'place', what }) : addressesOf(ranges) }
    }),
  Groups: (values) =>
    values.map((value) => {
      const what = `which addresses a cloud gives for ${value.span().text}`
      return { addresses: unknownAddresses({ kind: 'dynamic-set', what }) }
    }),
  Nodes: (_, { cluster, hints }) => [
    {
      addresses: unknownAddresses(
        { kind: 'place', what: 'which nodes have the labels of the rule' },
        nodesOf(cluster, hints).ranges ?? everyAddress().sure,
      ),
    },
  ],
}

/**
 * A selector of endpoints. Labels may carry the source that they came from (`k8s:app`); those of the namespace choose
 * among namespaces, and without one a policy of a namespace means its own.
 *
 * @param namespace absent for policies of the whole cluster
 */
export function endpointQuery(value: JsonValue | undefined, namespace: string | undefined): PodQuery {
  const all = readSelector(value, (key) => key.replace(/^(k8s|any)[:.](?=[^/])/, ''))
  const ofNamespace = all.requirements.flatMap((requirement) => {
    if (requirement.key === 'io.kubernetes.pod.namespace')
      return [{ ...requirement, key: 'kubernetes.io/metadata.name' }]
    const label = /^io\.cilium\.k8s\.namespace\.labels\.(.+)$/.exec(requirement.key)?.[1]
    return label === undefined ? [] : [{ ...requirement, key: label }]
  })
  const rest = all.requirements.filter(
    ({ key }) => !/^io\.(kubernetes\.pod\.namespace$|cilium\.k8s\.namespace\.labels\.)/.test(key),
  )
  const foreign = rest.find(({ key }) =>
    /^(reserved|cidr|container|unspec)[:.]|^io\.cilium\.k8s\.policy\.cluster$/.test(key),
  )
  const unread = all.unread ?? (foreign === undefined ? undefined : `the label ${foreign.key}`)
  const pods: Selector = {
    requirements: rest.filter((requirement) => requirement !== foreign),
    ...(unread !== undefined && { unread }),
  }
  if (ofNamespace.length === 0 && namespace !== undefined) return { namespaces: { in: namespace }, pods }
  return { namespaces: { requirements: ofNamespace }, pods }
}

function setOf(value: JsonValue, context: CiliumContext): FarEnd {
  const except = (value.member('except')?.elements() ?? []).map((item) => item.text())
  const group = value.member('cidrGroupRef')?.text()
  if (group === undefined) return blockOf(value, value.member('cidr')?.text(), except, context)
  const ranges = context.groups.get(group)
  if (ranges !== undefined) return { addresses: outsideCluster(without(ranges, except) ?? ranges, context) }
  const what = `the blocks of the CiliumCIDRGroup ${group}, which is not in the files`
  return { addresses: unknownAddresses({ kind: 'reference', what }) }
}

function blockOf(
  value: JsonValue,
  text: string | undefined,
  except: readonly (string | undefined)[],
  context: CiliumContext,
): FarEnd {
  const range = cidrRange(text ?? '')
  const left = range === undefined ? undefined : without([range], except)
  if (left !== undefined) return { addresses: outsideCluster(left, context) }
  return { addresses: unknownAddresses({ kind: 'unread', what: `the block ${value.span().text}` }) }
}

function without(
  ranges: readonly AddressRange[],
  except: readonly (string | undefined)[],
): readonly AddressRange[] | undefined {
  const parts = except.map((text) => cidrRange(text ?? ''))
  const known = parts.filter((part) => part !== undefined)
  return known.length < parts.length ? undefined : rangesWithout(mergedRanges(ranges), mergedRanges(known))
}

function nodesOf(cluster: Cluster, hints: ReadingHints): { readonly ranges: readonly AddressRange[] | undefined } {
  const ranges = mergedRanges([...cluster.nodes, ...(hints.places['nodes'] ?? [])])
  return { ranges: ranges.length === 0 ? undefined : ranges }
}

/** The addresses of pods and nodes, and where others can be. */
export function clusterReach(cluster: Cluster, hints: ReadingHints): ClusterReach {
  const space = podSpace(cluster, hints)
  const nodes = nodesOf(cluster, hints).ranges
  const shown = cluster.pods.flatMap(({ addresses }) => addresses)
  const sure = mergedRanges([...shown, ...(nodes ?? []), ...(space.isKnown ? space.ranges : [])])
  const isWhole = space.isKnown && nodes !== undefined
  // Where pods or nodes are not known, they are in private space.
  const reach = space.isKnown ? podSpace({ ...cluster, podBlocks: [] }, { places: {} }).ranges : space.ranges
  return { sure, possible: isWhole ? [] : rangesWithout(reach, sure) }
}

/** Blocks stand for what is outside of the cluster: pods and nodes are known by their identity, whatever their address. */
export function outsideCluster(ranges: readonly AddressRange[], context: CiliumContext): Addresses {
  const { sure, possible } = context.reach
  const left = rangesWithout(mergedRanges(ranges), sure)
  const within = commonRanges(left, possible)
  const what =
    'whether the address is of a pod or node, for which blocks do not stand: no file shows all nodes with the ranges of their pods'
  return {
    sure: rangesWithout(left, within),
    possible: within.length === 0 ? [] : [{ within, because: { kind: 'place', what } }],
  }
}

function entityOf(name: string, context: CiliumContext): Addresses {
  const { cluster, hints, reach } = context
  const inside: Addresses = {
    sure: reach.sure,
    possible:
      reach.possible.length === 0
        ? []
        : [
            {
              within: reach.possible,
              because: { kind: 'place', what: 'whether the address is of a pod or node of the cluster' },
            },
          ],
  }
  const nodes = nodesOf(cluster, hints).ranges
  const somewhere = (what: string, within = nodes ?? mergedRanges([...reach.sure, ...reach.possible])): Addresses =>
    unknownAddresses({ kind: 'place', what }, within)
  switch (name) {
    case 'all':
      return everyAddress()
    case 'none':
      return noAddress
    case 'world':
      return outsideCluster(everyAddress().sure, context)
    case 'world-ipv4':
      return outsideCluster(everyAddress(4).sure, context)
    case 'world-ipv6':
      return outsideCluster(everyAddress(6).sure, context)
    case 'cluster':
      return inside
    case 'host':
    case 'remote-node':
      return somewhere(`whether the address is of ${name === 'host' ? 'the node of the pod' : 'another node'}`)
    case 'kube-apiserver': {
      const ranges = hints.places['kube-apiserver']
      return ranges === undefined
        ? unknownAddresses({ kind: 'place', what: 'where the API server of the cluster is' })
        : addressesOf(ranges)
    }
    case 'health':
    case 'init':
    case 'ingress':
    case 'unmanaged':
      return somewhere(`whether the address is of the entity ${name}`, mergedRanges([...reach.sure, ...reach.possible]))
    default:
      return unknownAddresses({ kind: 'unread', what: `the entity "${name}"` })
  }
}

function namesOf(names: ReadNames): FarEnd {
  return { addresses: learntAddresses(names.patterns), names }
}

/** What Cilium learns for names from the answers that its DNS proxy sees. */
export function learntAddresses(patterns: readonly NamePattern[]): Addresses {
  const texts = patterns.map(({ text }) => text)
  const because: Unknown = {
    kind: 'names',
    what: `the addresses that Cilium learnt for ${texts.slice(0, 5).join(', ')}${texts.length > 5 ? ' and others' : ''}`,
    names: patterns,
  }
  return unknownAddresses(because)
}

/** The union of far ends; undefined where a rule names none. */
export function unionOfEnds(ends: readonly FarEnd[]): Addresses {
  return unionOf(ends.map(({ addresses }) => addresses))
}
