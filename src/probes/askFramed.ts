import type { Limits, Net } from '../net/net.ts'
import { kerberosPrefixLength, prefixedKerberosMessage } from '../wire/kerberosTypes.ts'
import type { DatagramAsk, ServiceAsk } from './askService.ts'
import { askByDatagram, askService } from './askService.ts'
import { dial } from './dial.ts'
import type { Keep, Question } from './probe.ts'

/**
 * Puts a question of Kerberos by datagram, or over a connection of its own with its length before it (RFC 4120 §7.2.2), as
 * the transport of the question is.
 *
 * @param newAsk makes the question as a datagram, each time anew
 * @param lengthOf how long an answer over TCP is, with its length
 */
export async function askFramed(
  question: Question,
  newAsk: () => DatagramAsk,
  lengthOf: ServiceAsk['lengthOf'],
  net: Net,
  keep: Keep,
  limits: Limits,
): Promise<void> {
  if (question.transport === 'udp') {
    await askByDatagram(newAsk, question, net, keep, limits)
    return
  }
  const socket = await dial(question, net, keep, limits)
  if (socket === undefined) return
  const ask = newAsk()
  const framed: ServiceAsk = {
    ...ask,
    octets: prefixedKerberosMessage(ask.octets),
    lengthOf,
    read: (answer, nowMs) => ask.read(answer.subarray(kerberosPrefixLength), nowMs),
  }
  keep(await askService(socket, framed, question, net, limits))
  socket.destroy()
}
