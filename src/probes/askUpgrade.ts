import type { Socket } from 'node:net'
import type { HttpExchange, Unfiled } from '../model/observation.ts'
import type { Limits, Net } from '../net/net.ts'
import { getUrl } from './getUrl.ts'
import type { Question } from './probe.ts'

/** Where Azure Service Bus takes AMQP over WebSocket, and the subprotocol that it wants there (OASIS AMQP WebSocket binding §2.1). */
const serviceBus = { path: '/$servicebus/websocket', protocol: 'amqp' } as const

/** Namespaces of Service Bus and Relay in the clouds that there are. */
const serviceBusName = /\.servicebus\.(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)\.?$/i

/** The opening handshake of a WebSocket over a connection that stands, under TLS or not. */
export async function askUpgrade(
  over: Socket,
  scheme: 'ws' | 'wss',
  question: Question,
  net: Net,
  limits: Limits,
): Promise<Unfiled<HttpExchange>> {
  const { address, name = '', via } = question
  const path = question.path ?? (serviceBusName.test(name) ? serviceBus.path : '/')
  const url = getUrl(scheme === 'ws' ? 'http' : 'https', { ...question, path })
  const protocols = path.replace(/\?.*/, '') === serviceBus.path ? [serviceBus.protocol] : []
  const seen = await net.upgrade(over, { url, address, protocols }, limits)
  return via === undefined ? seen : { ...seen, through: via.proxy }
}
