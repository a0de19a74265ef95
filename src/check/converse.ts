import type { Socket } from 'node:net'
import type { Scheme } from '../model/service.ts'
import type { HelloSize, Limits, Net } from '../net/net.ts'
import { askIdentify } from '../probes/askIdentify.ts'
import { askRootDse } from '../probes/askRootDse.ts'
import { askUpgrade } from '../probes/askUpgrade.ts'
import { dial, dialPlain } from '../probes/dial.ts'
import { getUrl } from '../probes/getUrl.ts'
import { probes } from '../probes/index.ts'
import type { Keep, Question } from '../probes/probe.ts'
import { observe as observeTcp } from '../probes/tcp.ts'

/** Connects, and no more. */
export async function knock(net: Net, address: string, port: number, keep: Keep, limits: Limits): Promise<void> {
  const { seen, socket } = await net.connect({ address, port }, limits)
  socket?.destroy()
  keep(seen)
}

/** Connects and, where the question speaks TLS, shakes hands: enough to tell where a conversation breaks. */
export async function talk(net: Net, question: Question, keep: Keep, limits: Limits): Promise<void> {
  const socket = await open(net, question, keep, limits)
  socket?.destroy()
}

/** Services whose whole question is what their probe asks, and nothing beyond it. */
const askedWhole: ReadonlySet<Scheme> = new Set(['kerberos', 'kpasswd', 'epm', 'smb', 'adws', 'mssql'])

/** The whole of the question: where it speaks HTTP, with the request; where it speaks a protocol of its own, with that. */
export async function converse(net: Net, question: Question, keep: Keep, limits: Limits): Promise<void> {
  const { scheme, address } = question
  if (scheme === 'tcp') return observeTcp(question, net, keep, limits)
  if (askedWhole.has(scheme)) return (await probes[scheme]?.load())?.observe(question, net, keep, limits)
  const socket = await open(net, question, keep, limits)
  if (socket === undefined) return
  if (scheme === 'http' || scheme === 'https') {
    const { via } = question
    const asked = { url: getUrl(scheme, question), address, method: 'GET' } as const
    const seen = await net.request(socket, scheme === 'http' && via ? { ...asked, proxy: via.proxy } : asked, limits)
    keep(via === undefined ? seen : { ...seen, through: via.proxy })
  } else if (scheme === 'ws' || scheme === 'wss') {
    keep(await askUpgrade(socket, scheme, question, net, limits))
  } else if (scheme === 'winrm' || scheme === 'winrms') {
    keep(await askIdentify(socket, scheme === 'winrm' ? 'http' : 'https', question, net, limits))
    socket.destroy()
  } else if (scheme === 'ldap' || scheme === 'gc') {
    keep(await askRootDse(socket, question, net, limits))
    socket.destroy()
  } else if (scheme === 'ldaps' || scheme === 'gcs') {
    keep(await askRootDse(socket, question, net, limits, 'in-tls'))
    socket.destroy()
  } else socket.destroy()
}

/** @returns the connection, under TLS where the question speaks it; the caller closes it */
export async function open(
  net: Net,
  question: Question,
  keep: Keep,
  limits: Limits,
  hello: HelloSize = 'small',
): Promise<Socket | undefined> {
  const { address, name, via, scheme } = question
  if (question.transport === 'udp') return undefined
  const socket = await (scheme === 'http' ? dialPlain : dial)(question, net, keep, limits)
  if (socket === undefined || !speaksTls(question)) return socket
  const port = via?.port ?? question.port
  const alpn = scheme === 'https' || scheme === 'wss' || scheme === 'winrms' ? ['http/1.1'] : []
  const asked = { address, port, ...(name !== undefined && { serverName: name }), alpn, hello, keepOctets: true }
  const shaken = await net.handshake(socket, asked, limits)
  keep(via === undefined ? shaken.seen : { ...shaken.seen, through: via.proxy })
  return shaken.socket
}

/** Whether a question is put inside TLS from its start. */
export function speaksTls({ scheme }: Pick<Question, 'scheme'>): boolean {
  return overTls.has(scheme)
}

const overTls: ReadonlySet<Scheme> = new Set(['tls', 'https', 'wss', 'ldaps', 'gcs', 'winrms', 'amqps'])
