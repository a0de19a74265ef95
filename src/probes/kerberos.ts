import type { ServiceAnswer } from '../model/serviceAnswer.ts'
import type { Net } from '../net/net.ts'
import type { KerberosReply } from '../wire/kerberos.ts'
import { decodeKerberosReply, encodeAsRequest, lengthOfKerberosReply } from '../wire/kerberos.ts'
import { askFramed } from './askFramed.ts'
import type { DatagramAsk } from './askService.ts'
import { isoOf } from './isoOf.ts'
import type { Observe } from './probe.ts'
import { realmOf } from './realmOf.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  const realm = realmOf(question)
  await askFramed(question, () => asRequest(realm, net), lengthOfKerberosReply, net, keep, limits)
}

function asRequest(realm: string, net: Net): DatagramAsk {
  const [first = 0, ...others] = net.random(4)
  const nonce = [first & 0x7f, ...others].reduce((sum, octet) => sum * 256 + octet, 0)
  return {
    asked: 'kerberos-as-request',
    of: realm,
    octets: encodeAsRequest({ realm, nonce }),
    read: (octets, nowMs) => answerOf(decodeKerberosReply(octets, realm), nowMs),
  }
}

/** What is about another realm answers all the same: a controller of another domain says which one is its own. */
function answerOf(reply: KerberosReply, nowMs: number): ServiceAnswer | { readonly why: string } {
  switch (reply.kind) {
    case 'unreadable':
      return { why: reply.why }
    case 'not-ours':
      return answerOf(reply.reply, nowMs)
    case 'ticket':
      return { kind: 'kerberos-reply', realm: reply.crealm }
    case 'error': {
      const { code, name, realm, crealm, serverTimeMs } = reply
      return {
        kind: 'kerberos-error',
        code,
        ...(name !== undefined && { name }),
        realm: code === wrongRealm ? (crealm ?? realm) : realm,
        serverTime: isoOf(serverTimeMs),
        skewMs: Math.round(serverTimeMs - nowMs),
      }
    }
    default:
      return reply satisfies never
  }
}

/** KDC_ERR_WRONG_REALM, in which the realm of the client is the one that is the KDC's own (RFC 6806 §7). */
const wrongRealm = 68
