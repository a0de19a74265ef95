import type { Reader } from '../../reader.ts'
import type { RuleSet } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import { doubtsOf } from '../../text/doubtsOf.ts'
import { countStatements } from '../../text/statements.ts'
import { asaLines } from './asaLines.ts'
import { hasRouteDetails, ruleSetOfDetails } from './routeDetails.ts'
import { ruleSetOfPolicy } from './splitTunnel.ts'

/**
 * Reads what Cisco's AnyConnect (Secure Client) sends into its tunnel: the group policies of an ASA or FTD with their
 * access lists, each a rule set of its own, or the route details of a client.
 *
 * What a policy does not say is that of DfltGrpPolicy, and where that is silent, everything goes into the tunnel.
 */
export const read: Reader = (files) => {
  const statements = countStatements()
  const details = files.filter(({ text }) => hasRouteDetails(text))
  const ruleSets: RuleSet[] = details.flatMap((file) => ruleSetOfDetails(file, statements) ?? [])
  const lines = asaLines(files.filter((file) => !details.includes(file)))
  for (const { span, why } of lines.unread) statements.unread(span, why)
  // Several policies may use one list: an entry that is not understood is one statement.
  const told = new Set<string>()
  const unread = (span: Span, why: string): void => {
    if (told.has(`${span.file}:${span.line}`)) return
    told.add(`${span.file}:${span.line}`)
    statements.unread(span, why)
  }
  for (const name of lines.policies.keys()) {
    const ruleSet = ruleSetOfPolicy(name, lines, unread)
    ruleSets.push({ ...ruleSet, doubts: [...ruleSet.doubts, ...doubtsOf(lines.unread)] })
  }
  statements.understood(Math.max(0, lines.understood - told.size))
  return { ruleSets, coverage: statements.coverage() }
}
