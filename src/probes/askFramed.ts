import type { Limits, Net } from '../net/net.ts'
import type { DatagramAsk, ServiceAsk } from './askService.ts'
import { askByDatagram, askService } from './askService.ts'
import { dial } from './dial.ts'
import type { Keep, Question } from './probe.ts'

const prefixOctets = 4

/** A datagram's question as Kerberos puts it over TCP (RFC 4120 §7.2.2): its length in four octets before it, and so the answer. */
export function framed(ask: DatagramAsk, lengthOf: ServiceAsk['lengthOf']): ServiceAsk {
  const octets = new Uint8Array(prefixOctets + ask.octets.length)
  new DataView(octets.buffer).setUint32(0, ask.octets.length)
  octets.set(ask.octets, prefixOctets)
  return { ...ask, octets, lengthOf, read: (answer, nowMs) => ask.read(answer.subarray(prefixOctets), nowMs) }
}

/** Puts a question by datagram or over a connection of its own, as the transport of the question is. */
export async function askEither(
  question: Question,
  byDatagram: DatagramAsk,
  byStream: ServiceAsk,
  net: Net,
  keep: Keep,
  limits: Limits,
): Promise<void> {
  if (question.transport === 'udp') {
    await askByDatagram(byDatagram, question, net, keep, limits)
    return
  }
  const socket = await dial(question, net, keep, limits)
  if (socket === undefined) return
  keep(await askService(socket, byStream, question, net, limits))
  socket.destroy()
}
