import type { ServiceAnswer } from '../model/serviceAnswer.ts'
import type { Net } from '../net/net.ts'
import { cldapPing, readCldapAnswer } from '../wire/cldap.ts'
import { resultOf } from './askRootDse.ts'
import type { DatagramAsk } from './askService.ts'
import { askByDatagram } from './askService.ts'
import { domainOf } from './domainOf.ts'
import type { Observe } from './probe.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  const domain = domainOf(question)
  await askByDatagram(() => pingOf(domain, net), question, net, keep, limits)
}

function pingOf(domain: string | undefined, net: Net): DatagramAsk {
  const [first = 0, second = 0, third = 0] = net.random(3)
  // 1 at the least; the number belongs to this datagram alone, so that a late answer to another one is known.
  const messageId = 1 + first * 65_536 + second * 256 + third
  return {
    asked: 'netlogon-ping',
    ...(domain !== undefined && { of: domain }),
    octets: cldapPing(messageId, domain === undefined ? {} : { domain }),
    read: (octets) => answerOf(octets, messageId, domain),
  }
}

function answerOf(
  octets: Uint8Array,
  messageId: number,
  domain: string | undefined,
): ServiceAnswer | { readonly why: string } {
  const answer = readCldapAnswer(octets, messageId)
  switch (answer.kind) {
    case 'domain-controller': {
      const { forest, host, netbiosDomain, site, clientSite = '', flags } = answer
      return {
        kind: 'netlogon',
        state: answer.state === 'paused' ? 'paused' : 'up',
        domain: answer.domain,
        forest,
        host,
        netbiosDomain,
        site,
        clientSite,
        flags: flags.map((flag) => flag.toLowerCase()),
      }
    }
    case 'wrong-domain':
      return { kind: 'no-netlogon', ...(domain !== undefined && { asked: domain }) }
    case 'refused':
      return resultOf(answer.result)
    case 'older':
      return { why: `it answers as a controller of before Windows 2000 does (${answer.opcode})` }
    case 'not-ours':
    case 'unreadable':
      return { why: answer.why }
    default:
      return answer satisfies never
  }
}
