import type { Flow } from '../model/flow.ts'
import { commandLine } from '../model/flow.ts'
import type { ServiceExchange, TcpConnect } from '../model/observation.ts'
import type { ServiceAnswerOf } from '../model/serviceAnswer.ts'
import type { ByKind } from './byKind.ts'
import { isOwn } from './observations.ts'

/** What came of the ports that the endpoint mapper named: they are the question's own, and no part of the mapper's port. */
export interface EndpointPorts {
  readonly connects: readonly TcpConnect[]
  readonly binds: readonly ServiceExchange[]
}

const none: EndpointPorts = Object.freeze({ connects: [], binds: [] })

/** A flow to the ports that an endpoint mapper hands out: it has no port of its own, and its question is the mapper's. */
export function isDynamicRange({ target }: Flow): boolean {
  return target.service === 'rpc' && target.port === null
}

/**
 * A mapper that was typed as a TARGET: no flow of the range stands beside it, so that the ports which it names are judged
 * with it. In a site the range has a flow of its own, and tells them.
 */
export function isMapperAlone({ target, source }: Flow): boolean {
  return target.service === 'epm' && source === commandLine
}

/** Whether the verdict of a flow is also one of the ports that the endpoint mapper names. */
export function coversNamedPorts(flow: Flow): boolean {
  return isDynamicRange(flow) || isMapperAlone(flow)
}

/** The observations of a flow that asks the endpoint mapper, where they were made at other ports than the mapper's. */
export function endpointPortsOf(flow: Flow, kinds: ByKind, mapper: number | undefined): EndpointPorts {
  if (flow.target.service !== 'epm' && !isDynamicRange(flow)) return none
  const isBeyond = (one: TcpConnect | ServiceExchange): boolean => isOwn(one) && one.port !== mapper
  return {
    connects: kinds['tcp-connect'].filter((one) => isBeyond(one) && one.proxy === undefined),
    binds: kinds['service-exchange'].filter(isBeyond),
  }
}

/** Where the mapper says that interfaces are served, in the order of its answers. */
export function namedPorts(answers: readonly ServiceExchange[]): readonly ServiceAnswerOf<'endpoint'>[] {
  return answers.flatMap(({ answer }) => (answer?.kind === 'endpoint' && answer.ports.length > 0 ? [answer] : []))
}

/** `drsuapi and lsarpc on 49153, netlogon on 49152`: interfaces by the port that is tried of each. */
export function interfacesByPort(
  named: readonly Pick<ServiceAnswerOf<'endpoint'>, 'interface' | 'ports'>[],
): ReadonlyMap<number, readonly string[]> {
  const byPort = new Map<number, string[]>()
  for (const { interface: name, ports } of named) {
    const [port] = ports
    if (port === undefined) continue
    const names = byPort.get(port) ?? []
    if (!names.includes(name)) byPort.set(port, [...names, name])
  }
  return byPort
}
