import type { AddressRange } from '../../addresses.ts'
import { everyAddress, mergedRanges } from '../../addresses.ts'
import type { ReadingHints } from '../../reader.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import { cidrRange, cidrRanges } from '../cidrRange.ts'
import type { Labels } from './selectors.ts'

export interface Pod {
  readonly namespace: string
  readonly labels: Labels
  readonly addresses: readonly AddressRange[]
  /** Ports of its containers that have names. */
  readonly ports: readonly { readonly name: string; readonly number: number; readonly protocol: string }[]
  readonly isOnHostNetwork: boolean
  readonly node: readonly AddressRange[]
  readonly hasSpec: boolean
}

/** What the files and the user say of a cluster beside its policies. */
export interface Cluster {
  readonly namespaces: Map<string, Labels>
  readonly pods: Pod[]
  readonly nodes: AddressRange[]
  /** Ranges of which nodes give addresses to pods. */
  readonly podBlocks: AddressRange[]
  readonly clusterIps: { readonly name: string; readonly ranges: readonly AddressRange[] }[]
  /** Selectors of services by `namespace/name`, of which endpoints tell the labels. */
  readonly services: Map<string, ReadonlyMap<string, string>>
}

export function emptyCluster(): Cluster {
  return { namespaces: new Map(), pods: [], nodes: [], podBlocks: [], clusterIps: [], services: new Map() }
}

/**
 * Where pods can be that no file shows: the ranges of the nodes or of `hints.places.pods`; where nobody says them, all
 * that is not public IPv4, since clusters number their pods from private space.
 */
export function podSpace(
  cluster: Cluster,
  hints: ReadingHints,
): { readonly ranges: readonly AddressRange[]; readonly isKnown: boolean } {
  const known = mergedRanges([...cluster.podBlocks, ...(hints.places['pods'] ?? [])])
  return known.length > 0 ? { ranges: known, isKnown: true } : { ranges: notPublic, isKnown: false }
}

const notPublic = mergedRanges([
  ...everyAddress(6).sure,
  ...cidrRanges(
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
    ...['192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3'],
  ),
])

/** Takes what an object of the cluster says; false where the kind is none of these. */
export function readClusterObject(kind: string, value: JsonValue, cluster: Cluster): boolean {
  const metadata = value.member('metadata')
  const name = metadata?.member('name')?.text() ?? ''
  const namespace = metadata?.member('namespace')?.text() ?? unsaidNamespace
  const status = value.member('status')
  switch (kind) {
    case 'Namespace':
      cluster.namespaces.set(name, namespaceLabels(name, metadata?.member('labels'), true))
      return true
    case 'Pod':
      cluster.pods.push(podOf(value, namespace))
      return true
    case 'Node': {
      const addresses = status?.member('addresses')?.elements() ?? []
      for (const item of addresses) {
        const range = cidrRange(item.member('address')?.text() ?? '')
        if (range !== undefined) cluster.nodes.push(range)
      }
      const spec = value.member('spec')
      for (const block of [spec?.member('podCIDR'), ...(spec?.member('podCIDRs')?.elements() ?? [])]) {
        cluster.podBlocks.push(...cidrRanges(block?.text() ?? ''))
      }
      return true
    }
    case 'Service': {
      const spec = value.member('spec')
      const ips = [spec?.member('clusterIP'), ...(spec?.member('clusterIPs')?.elements() ?? [])]
      const ranges = ips.flatMap((ip) => cidrRange(ip?.text() ?? '') ?? [])
      if (ranges.length > 0) cluster.clusterIps.push({ name: `${namespace}/${name}`, ranges })
      cluster.services.set(`${namespace}/${name}`, labelsOf(spec?.member('selector')))
      return true
    }
    case 'Endpoints':
      for (const subset of value.member('subsets')?.elements() ?? []) {
        const addresses = (subset.member('addresses')?.elements() ?? []).map((item) => item.member('ip')?.text() ?? '')
        pushEndpoints(addresses, namespace, name, cluster)
      }
      return true
    case 'EndpointSlice': {
      const service = metadata?.member('labels')?.member('kubernetes.io/service-name')?.text() ?? ''
      const endpoints = value.member('endpoints')?.elements() ?? []
      const addresses = endpoints.flatMap((item) => item.member('addresses')?.elements() ?? [])
      pushEndpoints(
        addresses.map((item) => item.text() ?? ''),
        namespace,
        service,
        cluster,
      )
      return true
    }
    default:
      return false
  }
}

export function labelsOf(value: JsonValue | undefined): ReadonlyMap<string, string> {
  return new Map((value?.names() ?? []).map((name) => [name, String(value?.member(name)?.scalar ?? '')]))
}

/** The API server gives every namespace its name as a label. */
function namespaceLabels(name: string, value: JsonValue | undefined, isWhole: boolean): Labels {
  return { values: new Map([...labelsOf(value), ['kubernetes.io/metadata.name', name]]), isWhole }
}

/** The namespace of a manifest that leaves it to whoever applies it; all such manifests are taken to share it. */
export const unsaidNamespace = ''

/** Labels of a namespace; of one that no file has only its name is known. */
export function labelsOfNamespace(name: string, cluster: Cluster): Labels {
  if (name === unsaidNamespace) return { values: new Map(), isWhole: false }
  return cluster.namespaces.get(name) ?? namespaceLabels(name, undefined, false)
}

function podOf(value: JsonValue, namespace: string): Pod {
  const spec = value.member('spec')
  const status = value.member('status')
  const texts = (list: string, member: string): readonly string[] =>
    (status?.member(list)?.elements() ?? []).flatMap((item) => item.member(member)?.text() ?? [])
  const containers = ['containers', 'initContainers'].flatMap((list) => spec?.member(list)?.elements() ?? [])
  const account = spec?.member('serviceAccountName')?.text() ?? 'default'
  const phase = status?.member('phase')?.text()
  const isOver = phase === 'Succeeded' || phase === 'Failed'
  return {
    namespace,
    labels: {
      values: new Map([...labelsOf(value.member('metadata')?.member('labels')), [serviceAccountLabel, account]]),
      isWhole: true,
    },
    // A pod that has ended holds no address any more, whatever its status says.
    addresses: isOver ? [] : cidrRanges(status?.member('podIP')?.text() ?? '', ...texts('podIPs', 'ip')),
    ports: containers.flatMap((container) =>
      (container.member('ports')?.elements() ?? []).flatMap((port) => {
        const number = port.member('containerPort')?.number()
        const name = port.member('name')?.text()
        if (number === undefined || name === undefined) return []
        return [{ name, number, protocol: port.member('protocol')?.text() ?? 'TCP' }]
      }),
    ),
    isOnHostNetwork: spec?.member('hostNetwork')?.scalar === true,
    node: cidrRanges(status?.member('hostIP')?.text() ?? '', ...texts('hostIPs', 'ip')),
    hasSpec: true,
  }
}

/** The label that Cilium adds to every pod. */
const serviceAccountLabel = 'io.cilium.k8s.policy.serviceaccount'

function pushEndpoints(addresses: readonly string[], namespace: string, service: string, cluster: Cluster): void {
  cluster.pods.push({
    namespace,
    // Labels are those that the service selects by; others of these pods are not known. They are filled in afterwards.
    labels: { values: new Map([[serviceMark, `${namespace}/${service}`]]), isWhole: false },
    addresses: addresses.flatMap((text) => cidrRange(text) ?? []),
    ports: [],
    isOnHostNetwork: false,
    node: [],
    hasSpec: false,
  })
}

/** Stands in for the labels of endpoints until all services are read; no label of Kubernetes has a blank. */
const serviceMark = 'service of endpoints'

/** Gives endpoints the labels by which their service selects; those that a pod of the files has are left out. */
export function settleEndpoints(cluster: Cluster): void {
  const own = new Set(cluster.pods.filter(({ hasSpec }) => hasSpec).flatMap(({ addresses }) => addresses.map(keyOf)))
  const settled = cluster.pods.map((pod): Pod => {
    if (pod.hasSpec) return pod
    const selector = cluster.services.get(pod.labels.values.get(serviceMark) ?? '')
    return {
      ...pod,
      labels: { values: selector ?? new Map(), isWhole: false },
      addresses: pod.addresses.filter((range) => !own.has(keyOf(range))),
    }
  })
  cluster.pods.length = 0
  for (const pod of settled) cluster.pods.push(pod)
}

function keyOf({ family, first }: AddressRange): string {
  return `${family}/${first}`
}
