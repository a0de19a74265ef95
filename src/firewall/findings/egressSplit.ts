import type { Finding } from '../../model/finding.ts'
import type { Audited, AuditedFlow } from '../audited.ts'
import type { JudgedPathPart } from '../judged.ts'
import { rangeTexts } from '../rangeText.ts'
import { pastTunnel } from '../vendors/tunnelRoutes.ts'
import { capped } from './capped.ts'
import { cloudOf, isOfService, isOutbound, rowsOfName } from './flowEnds.ts'
import { spokenFlows, wanted } from './stepGroups.ts'
import { listed } from './words.ts'

/** A way out, as the other side sees it, with the flows that take it. */
interface Egress {
  /** The address that it leaves with, or the tunnel that it takes. */
  readonly by: string
  readonly flows: AuditedFlow[]
}

/**
 * Sign-in and resource that leave one machine by different addresses: continuous access evaluation with strict location
 * holds the address that a token was asked from against the one that it is used from, and refuses.
 */
export function egressSplit(audited: Audited): readonly Finding[] {
  // Of a name whose addresses nobody knows all addresses were asked: which way it takes is as unknown.
  const outbound = wanted(audited.flows).filter(
    ({ planned, asked }) => planned !== undefined && isOutbound(planned) && asked.destination !== undefined,
  )
  const byEnd = Map.groupBy(outbound, ({ planned }) => planned?.from ?? '')
  return capped(
    [...byEnd].flatMap(([from, flows]): Finding[] => {
      const secured = flows.filter(({ asked }) => asked.transport === 'tcp' && asked.request === 'connect')
      const signIn = egressesOf(secured.filter((flow) => isSignIn(flow, audited)))
      const resource = egressesOf(secured.filter((flow) => !isSignIn(flow, audited)))
      const known = new Set(signIn.map(({ by }) => by))
      const [usual] = signIn
      const other = resource.find(({ by }) => !known.has(by))
      if (usual === undefined || other === undefined) return []
      const [first] = other.flows
      const step = first?.judged.parts
        .flatMap(({ decidedBy }) => decidedBy)
        .findLast(({ does, span }) => (does === 'translates' || does === 'routes') && span !== undefined)
      const concerned = [...new Set([...usual.flows, ...other.flows])]
      return [
        {
          code: 'egress-split',
          severity: first !== undefined && isOfService(first) ? 'low' : 'medium',
          what: `${from} signs in by ${usual.by}, and ${spokenFlows(other.flows.map((flow) => ({ flow })))} leaves by ${other.by}`,
          why: 'with continuous access evaluation and strict location enforcement a token that is used from another address than it was asked from is refused (Instant IP enforcement)',
          next: 'let sign-in and resources leave by the same addresses, or name all of them in one trusted location; then audit again',
          where: step?.span === undefined ? {} : { file: step.span.file, line: step.span.line },
          flows: [...new Set(concerned.map(({ id }) => id))],
        },
      ]
    }),
  )
}

function egressesOf(flows: readonly AuditedFlow[]): readonly Egress[] {
  const found = new Map<string, Egress>()
  for (const flow of flows) {
    // A service that is led two ways itself is told of its list.
    const [by, ...others] = new Set(flow.judged.parts.flatMap((part) => egressOf(part, flow) ?? []))
    if (by === undefined || others.length > 0) continue
    const egress = found.get(by) ?? { by, flows: [] }
    found.set(by, egress)
    egress.flows.push(flow)
  }
  return [...found.values()]
}

/** Of parts that pass: the one address to which it is translated; else, past a VPN, which way it takes. */
function egressOf({ verdict, family, becomes, out }: JudgedPathPart, { devices }: AuditedFlow): string | undefined {
  if (verdict !== 'allow') return undefined
  const [own, ...others] = becomes?.source ?? []
  if (own !== undefined) return others.length === 0 && own.first === own.last ? listed(rangeTexts([own])) : undefined
  const last = devices.at(-1)
  const isVpn = last?.ruleSets.some(({ places }) => places.some(({ name }) => name === pastTunnel)) === true
  // Families differ for other reasons, and have a finding of their own.
  return isVpn && out !== undefined && family === 4 ? (out === pastTunnel ? 'the way past the tunnel' : out) : undefined
}

/** Whether a flow asks for tokens: hosts of the list of sign-in. */
function isSignIn({ asked }: AuditedFlow, audited: Audited): boolean {
  const { name } = asked
  if (name === undefined) return false
  return rowsOfName(name, cloudOf(audited)).some(({ feature, part }) => feature === 'sign-in' && part === 'authority')
}
