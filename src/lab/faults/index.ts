/** Everything that can be broken in the small network, as rows: lowest layer first. */
import { certificateFaults } from './certificate.ts'
import { clockFaults } from './clock.ts'
import { deskFaults } from './desk.ts'
import { interceptionFaults } from './interception.ts'
import { nameFaults } from './name.ts'
import { oddRows } from './odd.ts'
import { protocolFaults } from './protocol.ts'
import { proxiedIssuerFaults } from './proxiedIssuer.ts'
import { proxyFaults } from './proxy.ts'
import { revocationFaults } from './revocation.ts'
import { signInFaults, signInOddRows } from './signIn.ts'
import { siteRecordFaults, siteRecordOddRows } from './siteRecords.ts'
import { timeServiceFaults } from './timeService.ts'
import { transportFaults } from './transport.ts'
import { webSocketFaults } from './webSocket.ts'

export const faults = [
  ...nameFaults,
  ...transportFaults,
  ...proxyFaults,
  ...certificateFaults,
  ...proxiedIssuerFaults,
  ...revocationFaults,
  ...interceptionFaults,
  ...protocolFaults,
  ...webSocketFaults,
  ...signInFaults,
  ...timeServiceFaults,
  ...deskFaults,
  ...siteRecordFaults,
  ...clockFaults,
] as const

export type FaultId = (typeof faults)[number]['id']

/** What is odd in a network and breaks nothing, as rows: a judgement that accuses anybody for it is wrong. */
export const oddities = [...oddRows, ...signInOddRows, ...siteRecordOddRows] as const

export type OddityId = (typeof oddities)[number]['id']
