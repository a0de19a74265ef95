import type { Sample } from '../../model/sample.ts'
import type { NodeSeen } from '../../series/index.ts'
import { oneBadNode } from '../../series/index.ts'
import type { Found } from './found.ts'
import { msWords, percent } from './found.ts'

/**
 * One of several addresses of a name that is worse than the others, over some hours: at least eight looks at each. Outside
 * of the site only failures count: what lies farther away there is slower, and in order.
 *
 * @param place `dc.corp.example:636`
 */
export function badNodeOf(place: string, samples: readonly Sample[], isCloud: boolean): Found | undefined {
  const bad = oneBadNode(nodesOf(samples))
  if (bad === undefined || (isCloud && bad.by === 'latency')) return undefined
  const { address, by, own, others } = bad
  const told = by === 'failures' ? percent : msWords
  const first = samples.find((sample) => sample.address === address && (by === 'latency' || !sample.isWell))
  return {
    subject: `node:${place}`,
    title: `${place} at ${address}`,
    code: 'one-bad-node',
    since: first?.at ?? samples[0]?.at ?? 0,
    says:
      by === 'failures'
        ? `${address}, one of the addresses of ${place}, fails in ${told(own)} of the looks, the others in ${told(others)}`
        : `${address}, one of the addresses of ${place}, takes ${told(own)} to connect to, the others ${told(others)}`,
    severity: by === 'failures' ? 'high' : 'medium',
    confidence: 'likely',
    owner: isCloud ? 'cloud' : 'host',
    fix: `take ${address} out of the name or the load balancer until its machine is well`,
    suspect: { kind: 'address', name: address },
    mark: `${address} ${by}`,
  }
}

function nodesOf(samples: readonly Sample[]): readonly NodeSeen[] {
  const nodes = new Map<string, { looks: number; failed: number; readonly times: number[] }>()
  for (const { address, isWell, timing } of samples) {
    if (address === undefined) continue
    const node = nodes.get(address) ?? { looks: 0, failed: 0, times: [] }
    node.looks += 1
    if (!isWell) node.failed += 1
    else if (timing.connectMs !== null) node.times.push(timing.connectMs)
    nodes.set(address, node)
  }
  return [...nodes].map(([address, node]) => ({ address, ...node }))
}
