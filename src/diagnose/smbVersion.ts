import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { hostOf, placeOf } from './wording.ts'

/** A server of SMB that no client of today talks to: it says so itself, or takes a question of old where it ended ours. */
export const smbVersionRules: readonly Rule[] = [{ cause: 'not-the-service', match: tooOld }]

function tooOld(seen: Seen): Match | undefined {
  const { flow } = seen
  if (flow.target.service !== 'smb') return undefined
  const said = ownRefusals(seen)
  const old = said.length > 0 ? said : takenOfOld(seen)
  const [first] = old
  if (first === undefined) return undefined
  return {
    confidence: 'certain',
    says: `${placeOf(flow)} speaks SMB, and not as it is spoken today: ${first.why}`,
    fix: `turn on SMB 2 and 3 on ${hostOf(flow)} (Windows: Set-SmbServerConfiguration -EnableSMB2Protocol $true; Samba: server max protocol = SMB3); what knows SMB 1 alone is to be replaced`,
    alternatives: ['wrong-target-dnat'],
    nextProbe: `on ${hostOf(flow)}: Get-SmbServerConfiguration, or testparm -v, shows the versions that it offers`,
    decidedBy: idsOf(old),
  }
}

interface Refusal {
  readonly id: string
  readonly why: string
}

function ownRefusals({ services }: Seen): readonly Refusal[] {
  const refusals = services.worked.flatMap(({ id, answer }) =>
    answer?.kind === 'smb-refused' ? [{ id, why: answer.why }] : [],
  )
  // Who gives the right answer as well is no such server, whatever it said besides.
  return refusals.length === services.worked.length ? refusals : []
}

/** Every question of SMB 2 was hung up on without an octet, and one of SMB 1 at the same place answered. */
function takenOfOld({ stop, kinds, address, flow }: Seen): readonly Refusal[] {
  if (
    stop?.phase !== 'service' ||
    !stop.failed.every(({ outcome, bytesIn }) => isHangingUp(outcome) && bytesIn === 0)
  ) {
    return []
  }
  const taken = kinds['service-exchange'].flatMap(({ id, asked, answer, ...at }) =>
    asked === 'smb1-negotiate' &&
    answer?.kind === 'smb-refused' &&
    at.address === address &&
    at.port === flow.target.port
      ? [{ id, why: answer.why }]
      : [],
  )
  const [first] = taken
  return first === undefined ? [] : [...stop.failed.map(({ id }) => ({ id, why: first.why })), ...taken]
}

function isHangingUp(outcome: string): boolean {
  return outcome === 'closed' || outcome === 'reset'
}
