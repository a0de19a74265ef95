import type { Flow } from '../model/flow.ts'

/**
 * Whether a flow goes to a machine that the site file calls a domain controller. A target of the command line plays no
 * role, and one that nobody plays has no machine.
 */
export function goesToController({ to, toRole }: Pick<Flow, 'to' | 'toRole'>): boolean {
  return toRole === 'domain-controller' && to !== toRole
}
