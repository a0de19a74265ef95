import type { Finding } from '../../model/finding.ts'
import type { Audited, AuditedFlow } from '../audited.ts'
import { judge } from '../judge.ts'
import type { JudgedPart, PathStep } from '../judged.ts'
import { rangeTexts } from '../rangeText.ts'
import type { RuleSet } from '../ruleset.ts'
import { pastTunnel } from '../vendors/tunnelRoutes.ts'
import { capped } from './capped.ts'
import { isOutbound } from './flowEnds.ts'
import type { Concerns } from './stepGroups.ts'
import { gravityOf, placeOfConcerns, spokenFlows, stepGroups, wanted } from './stepGroups.ts'
import { listed } from './words.ts'

const vpns: ReadonlySet<RuleSet['vendor']> = new Set(['wireguard', 'openvpn', 'anyconnect', 'vpnv2'])

/** How the list of a VPN leads a flow where that is not as the site means it. */
type Against = 'past' | 'nowhere' | 'parted'

/**
 * Lists of a VPN that lead a flow past the tunnel although its far end lies behind it, nowhere at all, or to one service
 * of the internet partly by the one way and partly by the other.
 */
export function splitTunnelExcludes({ flows, knowledge }: Audited): readonly Finding[] {
  const concerns = wanted(flows).flatMap((flow) =>
    flow.devices.flatMap(({ label, passage, ruleSets }) =>
      ruleSets.flatMap((ruleSet) => {
        if (!vpns.has(ruleSet.vendor)) return []
        const { parts } = judge(ruleSet, flow.asked, passage, knowledge, { most: 1_000_000 })
        const found = againstPlan(flow, parts)
        if (found === undefined) return []
        const { part, against } = found
        const { name } = ruleSet
        const step: PathStep = {
          device: label,
          ruleSet: name,
          stage: name,
          rule: name,
          does: 'routes',
          ...spanOf(ruleSet),
        }
        return [{ against, flow, part: { ...part, decidedBy: [step] }, step }]
      }),
    ),
  )
  const kinds = Map.groupBy(concerns, ({ against }) => against)
  return capped([...kinds].flatMap(([against, some]) => stepGroups(some).map((group) => findingOf(against, group))))
}

/** Where the list of what goes into the tunnel ends, behind its own network: what is not on it has no line of its own. */
function spanOf({ routes = [] }: RuleSet): Pick<PathStep, 'span'> {
  const span = (routes.findLast(({ out }) => out !== undefined && out !== pastTunnel) ?? routes[0])?.span
  return span === undefined ? {} : { span }
}

function againstPlan(
  { planned, asked }: AuditedFlow,
  parts: readonly JudgedPart[],
): { readonly part: JudgedPart; readonly against: Against } | undefined {
  const lost = parts.find(({ verdict }) => verdict === 'no-path')
  if (lost !== undefined) return { part: lost, against: 'nowhere' }
  const past = parts.find(({ verdict, out }) => verdict === 'allow' && out === pastTunnel)
  if (past === undefined || planned === undefined) return undefined
  if (!isOutbound(planned)) return { part: past, against: 'past' }
  const isParted = parts.some(({ verdict, out }) => verdict === 'allow' && out !== undefined && out !== pastTunnel)
  return isParted && asked.destination !== undefined ? { part: past, against: 'parted' } : undefined
}

function findingOf(against: Against, group: Concerns): Finding {
  const [{ part, step }] = group
  const texts = rangeTexts(part.destination)
  const addresses = listed(texts.slice(0, 3), Math.max(0, texts.length - 3))
  const device = step?.device ?? 'the VPN'
  const told = { code: 'split-tunnel-excludes', ...placeOfConcerns(group) } as const
  switch (against) {
    case 'past':
      return {
        ...told,
        severity: gravityOf(group),
        what: `${device} leads ${spokenFlows(group)} past the tunnel`,
        why: `the far end lies behind the tunnel, and no entry of the list has ${addresses}`,
        next: 'add the addresses to what goes into the tunnel, or take them out of what is excluded; then audit again',
      }
    case 'nowhere':
      return {
        ...told,
        severity: gravityOf(group),
        what: `${device} leads ${spokenFlows(group)} nowhere`,
        why: `neither the tunnel nor the way past it takes ${addresses}`,
        next: 'give the addresses a way: into the tunnel, or past it; then audit again',
      }
    case 'parted':
      return {
        ...told,
        severity: 'medium',
        what: `${device} leads ${spokenFlows(group)} partly into the tunnel and partly past it`,
        why: `${addresses} go past it, and the rest goes in: one service sees the same machine at two addresses`,
        next: 'make the list whole, with all prefixes of both families, or take them all out; then audit again',
      }
    default:
      return against satisfies never
  }
}
