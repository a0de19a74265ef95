import type { Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import { checkAs, inTheClearAs } from './twinSchemes.ts'
import { hostOf, placeOf, serviceOf } from './wording.ts'

/** A ClientHello gets no TLS, and the same port answers the question that belongs inside of it in the clear. */
export const plainInstead: Rule = {
  cause: 'not-the-service',
  match: ({ stop, flow, address, kinds }) => {
    if (stop?.phase !== 'tls' || inTheClearAs[flow.target.service] === undefined) return undefined
    const answered = kinds['service-exchange'].filter(
      ({ varies, inTls, answer, ...one }) =>
        varies === 'tls' &&
        inTls === undefined &&
        one.address === address &&
        one.port === flow.target.port &&
        (answer?.kind === 'root-dse' || answer?.kind === 'ldap-result'),
    )
    if (answered.length === 0) return undefined
    const next = checkAs(flow, address, inTheClearAs)
    return {
      confidence: 'certain',
      says: `${placeOf(flow)} speaks plain LDAP where ${serviceOf(flow.target)} belongs: a ClientHello gets no TLS, a question in the clear is answered`,
      fix: `correct the port (LDAP over TLS is on 636, the global catalog over TLS on 3269), or let ${hostOf(flow)} speak TLS there`,
      alternatives: [],
      ...(next !== undefined && { nextProbe: next }),
      decidedBy: idsOf(stop.failed, answered),
    }
  },
}
