import type { ServiceExchange, Unfiled } from '../model/observation.ts'
import type { ServiceAnswer } from '../model/serviceAnswer.ts'
import { choosesSmb1, encodeSmb1Negotiate } from '../wire/smb1.ts'
import type { Smb2Dialect } from '../wire/smb2.ts'
import { decodeSmb2Answer, encodeSmb2Negotiate, lengthOfSmb2Answer, smb2Dialects } from '../wire/smb2.ts'
import type { ServiceAsk } from './askService.ts'
import { askService } from './askService.ts'
import { dial } from './dial.ts'
import { isoOf } from './isoOf.ts'
import type { Observe } from './probe.ts'

const dialects = Object.keys(smb2Dialects) as readonly Smb2Dialect[]

export const observe: Observe = async (question, net, keep, limits) => {
  const socket = await dial(question, net, keep, limits)
  if (socket === undefined) return
  const ask: ServiceAsk = {
    asked: 'smb2-negotiate',
    octets: encodeSmb2Negotiate({ dialects, clientGuid: net.random(16), salt: net.random(32) }),
    lengthOf: lengthOfSmb2Answer,
    read: answerOf,
  }
  const seen = await askService(socket, ask, question, net, limits)
  keep(seen)
  socket.destroy()
  if (isHungUpOn(seen)) {
    await askAsOfOld(question, net, (one) => keep(one, { role: 'control' }), limits)
  }
}

/** Servers that know SMB 1 alone, and read nothing else, end the connection; so does much else. */
function isHungUpOn({ outcome, bytesIn }: Unfiled<ServiceExchange>): boolean {
  return bytesIn === 0 && (outcome === 'closed' || outcome === 'reset')
}

async function askAsOfOld(...[question, net, keep, limits]: Parameters<Observe>): Promise<void> {
  const socket = await dial(question, net, keep, limits)
  if (socket === undefined) return
  const ask: ServiceAsk = {
    asked: 'smb1-negotiate',
    octets: encodeSmb1Negotiate(),
    lengthOf: lengthOfSmb2Answer,
    read: (octets) => (choosesSmb1(octets) ? smb1Only : { why: 'it takes no dialect of SMB 1 either' }),
  }
  keep(await askService(socket, ask, question, net, limits))
  socket.destroy()
}

const smb1Only: ServiceAnswer = Object.freeze({ kind: 'smb-refused', why: 'it speaks SMB 1 only' })

function answerOf(octets: Uint8Array, nowMs: number): ServiceAnswer | { readonly why: string } {
  const answer = decodeSmb2Answer(octets, dialects)
  switch (answer.kind) {
    case 'negotiated': {
      const { dialect, signing, serverGuid, systemTime, mechanisms } = answer
      return {
        kind: 'smb',
        dialect: dialect.replace(/^SMB /, ''),
        signing: signing === 'off' ? 'none' : signing,
        serverGuid,
        ...(systemTime !== undefined && {
          serverTime: isoOf(systemTime),
          skewMs: Math.round(systemTime - nowMs),
        }),
        mechanisms,
      }
    }
    case 'smb1':
      return smb1Only
    case 'refused':
      return { kind: 'smb-refused', why: `it takes no dialect that is offered: ${answer.name}` }
    case 'not-ours':
    case 'unreadable':
      return { why: answer.why }
    default:
      return answer satisfies never
  }
}
