import type { ServiceAnswer } from '../model/serviceAnswer.ts'
import type { Net } from '../net/net.ts'
import { decodeKpasswdReply, encodeKpasswdRequest, kpasswdRandomLength, lengthOfKpasswdReply } from '../wire/kpasswd.ts'
import { askFramed } from './askFramed.ts'
import type { DatagramAsk } from './askService.ts'
import { isoOf } from './isoOf.ts'
import type { Observe } from './probe.ts'
import { realmOf } from './realmOf.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  const realm = realmOf(question)
  await askFramed(question, () => changeOfNobody(realm, net), lengthOfKpasswdReply, net, keep, limits)
}

/** A request that is well-formed and that no key fits: a malformed one is met with silence. */
function changeOfNobody(realm: string, net: Net): DatagramAsk {
  return {
    asked: 'kpasswd-request',
    of: realm,
    octets: encodeKpasswdRequest({ realm, random: net.random(kpasswdRandomLength) }),
    read: (octets, nowMs) => answerOf(octets, nowMs),
  }
}

function answerOf(octets: Uint8Array, nowMs: number): ServiceAnswer | { readonly why: string } {
  const reply = decodeKpasswdReply(octets)
  switch (reply.kind) {
    case 'unreadable':
    case 'not-ours':
      return { why: reply.why }
    case 'accepted':
      return { why: 'it takes random octets for a ticket' }
    case 'refused': {
      const { error, result } = reply
      return {
        kind: 'kerberos-error',
        code: error.code,
        ...(error.name !== undefined && { name: error.name }),
        realm: error.realm,
        serverTime: isoOf(error.serverTimeMs),
        skewMs: Math.round(error.serverTimeMs - nowMs),
        ...(result && { resultCode: result.code, resultText: result.name ?? result.text }),
      }
    }
    default:
      return reply satisfies never
  }
}
