import { startTlsTrouble } from '../diagnose/index.ts'
import type { Finding } from '../model/finding.ts'
import type { FlowReport, JudgementContext } from '../model/report.ts'

/**
 * Directories that work in the clear, and show whoever goes on under TLS there (StartTLS) a certificate that is refused:
 * one finding for a certificate at an address, on however many ports. What a flow is itself about is not told again: the
 * same certificate behind 636.
 */
export function startTlsFindings(flows: readonly FlowReport[], context: JudgementContext): readonly Finding[] {
  const told = new Set(flows.flatMap(ownCertificates))
  const found = new Map<string, Finding>()
  for (const flow of flows) {
    if (flow.expect === 'closed' || (flow.verdict !== 'open' && flow.verdict !== 'degraded')) continue
    // Most flows have none, and there are thousands of them.
    if (!flow.evidence.some(({ kind }) => kind === 'tls-handshake')) continue
    const trouble = startTlsTrouble({ flow, observations: flow.evidence, context })
    if (trouble === undefined || !isSure(trouble.match) || told.has(keyOf(trouble))) continue
    const { cause, match } = trouble
    const key = `${cause}|${keyOf(trouble)}`
    const same = found.get(key)
    if (same !== undefined) {
      found.set(key, { ...same, flows: [...new Set([...same.flows, flow.flow])] })
      continue
    }
    found.set(key, {
      code: cause,
      severity: 'medium',
      what: `to clients that go on under TLS (StartTLS): ${match.says}`,
      where: { flow: flow.flow, target: `StartTLS at ${flow.target.name ?? trouble.address}` },
      why: 'LDAP in the clear works there, and clients that ask for StartTLS and look at the certificate do not get on',
      next: match.fix ?? `postern explain ${cause}`,
      flows: [flow.flow],
    })
  }
  return [...found.values()]
}

function ownCertificates({ evidence }: FlowReport): readonly string[] {
  return evidence.flatMap((seen) =>
    seen.kind === 'tls-handshake' && seen.role === 'probe' && seen.chain[0] !== undefined
      ? [keyOf({ address: seen.address, sha256: seen.chain[0].sha256 })]
      : [],
  )
}

const keyOf = ({ address, sha256 }: { readonly address: string; readonly sha256: string }): string =>
  `${address} ${sha256}`

function isSure({ confidence }: { readonly confidence: FlowReport['confidence'] }): boolean {
  return confidence === 'certain' || confidence === 'likely'
}
