import type { Flow } from '../model/flow.ts'
import { commandLine } from '../model/flow.ts'
import { hostPort } from '../model/hostPort.ts'

/** The command that asks the wire what an audit asked of the configurations, and on which machine it speaks of the flow. */
export function checkOf({ source, from, target }: Pick<Flow, 'source' | 'from' | 'target'>): string {
  if (source !== commandLine) return 'postern check'
  const host = target.name ?? target.address
  // A prefix, several blocks or a pattern is no target that can be dialled.
  const isOne = host !== undefined && !/[\s,/*]|^any$/.test(host)
  if (!isOne || target.port === null || target.transport !== 'tcp') return 'postern check TARGET'
  const where = /[\s,/]|^any$/.test(from) ? '' : `, on ${from}`
  return `postern check ${hostPort(host, target.port)}${where}`
}
