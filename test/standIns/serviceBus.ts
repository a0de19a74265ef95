import type { Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { header, serviceBusTalk } from './amqpTalk.ts'
import type { Certificate, Place, StandIn } from './standIn.ts'
import { openStandIn, readMessages } from './standIn.ts'

/** What the service does with who speaks to it; all but `well` are wrong in one way. */
export const serviceBusConducts = ['well', 'amqp-0-9-1', 'no-sasl', 'no-tls', 'header-only', 'silent'] as const
export type ServiceBusConduct = (typeof serviceBusConducts)[number]

export interface ServiceBusOptions {
  readonly conduct?: ServiceBusConduct
  readonly certificate: Certificate
}

/** Azure Service Bus on 5671: AMQP 1.0 inside TLS, up to the sign-in, which it refuses. */
export function openServiceBus(place: Place, { conduct = 'well', certificate }: ServiceBusOptions): Promise<StandIn> {
  if (conduct === 'no-tls') return openStandIn(place, (socket) => converse(socket))
  const tls = createTlsServer(certificate)
  tls.on('tlsClientError', (_error, socket) => socket.destroy())
  tls.on('secureConnection', (socket) => {
    socket.on('error', () => socket.destroy())
    switch (conduct) {
      case 'well':
        converse(socket)
        return
      case 'amqp-0-9-1':
        socket.once('data', () => socket.end(header.before))
        return
      case 'no-sasl':
        socket.once('data', () => socket.end(header.amqp))
        return
      case 'header-only':
        socket.once('data', () => socket.write(header.sasl))
        return
      case 'silent':
        socket.resume()
        return
      default:
        conduct satisfies never
    }
  })
  return openStandIn(place, (socket) => tls.emit('connection', socket))
}

function converse(socket: Socket): void {
  const talk = serviceBusTalk()
  readMessages(socket, talk, (message) => {
    const { say, over } = talk.hear(message)
    if (say.length > 0) socket.write(say)
    if (over) socket.end()
    return !over
  })
}
